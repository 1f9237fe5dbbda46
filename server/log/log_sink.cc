// A transaction: stream, producer, sequence number, records.
// Not here: what the log remembers of a producer (server/log/append_memory.h).
#include "server/log/log_sink.h"

#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::log {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kRecordHead = 4;  // Its length.

}  // namespace

LogSink::LogSink(DurableLog& log, LogSinkOptions options, Formatter formatter,
                 runtime::SourceShare share)
    : log_(log), options_(std::move(options)), formatter_(std::move(formatter)), share_(share) {}

Result<void> LogSink::begin(runtime::Epoch epoch) { return abort(epoch); }

Result<void> LogSink::abort(runtime::Epoch epoch) {
  (void)epoch;
  records_.clear();
  return {};
}

Result<void> LogSink::write(const runtime::EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    record_.clear();
    if (formatter_(batch, i, record_)) records_.add(record_);
  }
  if (records_.bytes() <= options_.bytes_max) return {};
  return Error{ErrorCode::kLimit,
               text("results of more than {} bytes for the log `{}` since the last checkpoint, "
                    "which are kept in memory; take checkpoints more often",
                    options_.bytes_max, options_.stream)};
}

Result<runtime::Transaction> LogSink::pre_commit(runtime::Epoch epoch) {
  ByteWriter writer;
  writer.put_u8(kVersion);
  writer.put_string(options_.stream);
  writer.put_string(text("{}/{}/{:016x}", options_.job, share_.subtask, options_.start));
  writer.put_u64(epoch.value());
  writer.put_u32(static_cast<std::uint32_t>(records_.size()));
  for (std::size_t i = 0; i < records_.size(); ++i) writer.put_string(records_.record(i));
  records_.clear();
  return std::move(writer).take();
}

Result<void> LogSink::commit(const runtime::Transaction& transaction) {
  ByteReader reader(transaction);
  Append append;
  const std::uint8_t version = reader.u8();
  append.stream = reader.string();
  append.producer = reader.string();
  append.sequence = reader.u64();
  const std::uint32_t records = reader.count(kRecordHead);
  for (std::uint32_t i = 0; i < records; ++i) append.records.add(reader.string());
  LYMER_RETURN_IF_ERROR(reader.status("results for the log"));
  if (version != kVersion) {
    return Error{ErrorCode::kUnsupported, text("results for the log of format {}", version)};
  }
  if (append.records.empty()) return {};
  const Result<Appended> appended = log_.append(std::move(append));
  return appended ? Result<void>() : appended.error();
}

}  // namespace lymer::log
