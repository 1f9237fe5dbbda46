// A transaction says where its results are: sink, start, epoch, number of batches.
// Not here: how they become visible (server/results/result_changes.cc).
#include "server/results/result_sink.h"

#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::results {
namespace {

constexpr std::uint8_t kVersion = 1;

struct Place {
  std::string sink;
  std::uint64_t start = 0;
  std::uint64_t epoch = 0;
  std::uint32_t batches = 0;
};

Result<Place> read_place(const runtime::Transaction& transaction) {
  ByteReader reader(transaction);
  const std::uint8_t version = reader.u8();
  Place place;
  place.sink = reader.string();
  place.start = reader.u64();
  place.epoch = reader.u64();
  place.batches = reader.u32();
  LYMER_RETURN_IF_ERROR(reader.status("a transaction of results"));
  if (version == kVersion) return place;
  return Error{ErrorCode::kUnsupported, text("a transaction of results of format {}", version)};
}

}  // namespace

ResultSink::ResultSink(ResultStore& store, ResultSinkOptions options, Convert convert)
    : store_(store),
      options_(std::move(options)),
      convert_(std::move(convert)),
      buffer_(store.open_buffer()) {}

Result<void> ResultSink::recover(const std::vector<runtime::Transaction>& held,
                                 runtime::Epoch next) {
  (void)next;
  ResultStore::Held places;
  for (const runtime::Transaction& each : held) {
    LYMER_ASSIGN_OR_RETURN(const Place place, read_place(each));
    if (place.sink == options_.name) places.emplace_back(place.start, place.epoch);
  }
  is_clean_ = true;
  return store_.drop_uncommitted(options_.name, places);
}

Result<void> ResultSink::begin(runtime::Epoch epoch) {
  if (!is_clean_) LYMER_RETURN_IF_ERROR(recover({}, epoch));
  epoch_ = epoch;
  (void)buffer_->take();
  batches_ = 0;
  return {};
}

Result<void> ResultSink::write(const runtime::EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto result = convert_(batch, i);
    if (!result) continue;
    if (buffer_->add(*std::move(result)) >= options_.batch_bytes) {
      LYMER_RETURN_IF_ERROR(write_batch());
    }
  }
  return options_.commits_at_once ? write_batch() : Result<void>();
}

Result<void> ResultSink::write_batch() {
  std::vector<StoredResult> results = buffer_->take();
  if (results.empty()) return {};
  if (options_.commits_at_once) return store_.put(std::move(results));
  LYMER_RETURN_IF_ERROR(
      store_.put_uncommitted(options_.name, options_.start, epoch_.value(), batches_, results));
  ++batches_;
  return {};
}

Result<runtime::Transaction> ResultSink::pre_commit(runtime::Epoch epoch) {
  LYMER_RETURN_IF_ERROR(write_batch());
  ByteWriter writer;
  writer.put_u8(kVersion);
  writer.put_string(options_.name);
  writer.put_u64(options_.start);
  writer.put_u64(epoch.value());
  writer.put_u32(batches_);
  return std::move(writer).take();
}

Result<void> ResultSink::commit(const runtime::Transaction& transaction) {
  LYMER_ASSIGN_OR_RETURN(const Place place, read_place(transaction));
  if (place.batches == 0) return {};
  return store_.commit(place.sink, place.start, place.epoch, place.batches);
}

Result<void> ResultSink::abort(runtime::Epoch epoch) {
  (void)epoch;
  (void)buffer_->take();
  return {};
}

}  // namespace lymer::results
