// A transaction is the batch itself: its name and its lines.
// Not here: when a checkpoint is complete (runtime/operators/sink_operator.cc).
#include "runtime/write_ahead_sink.h"

#include <span>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::runtime {

BatchFiles::BatchFiles(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string BatchFiles::path(std::string_view prefix, const std::string& batch) const {
  return text("{}/{}{}.ndjson", directory_, prefix, batch);
}

Result<bool> BatchFiles::has(const std::string& batch) {
  LYMER_ASSIGN_OR_RETURN(const auto status, files_.status(path("", batch)));
  if (!status) return false;
  // The name may be new: who made it may have died before he could sync it.
  LYMER_RETURN_IF_ERROR(files_.sync_directory(directory_));
  return true;
}

Result<void> BatchFiles::write(const std::string& batch, std::string_view lines) {
  LYMER_RETURN_IF_ERROR(files_.make_directories(directory_));
  const std::string partial = path(".", batch);
  LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(partial));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(lines))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  LYMER_RETURN_IF_ERROR(files_.rename(partial, path("", batch)));
  return files_.sync_directory(directory_);
}

WriteAheadSink::WriteAheadSink(std::unique_ptr<BatchStore> store, std::uint64_t start,
                               LineSink::Formatter formatter, SourceShare share,
                               std::size_t bytes_max)
    : store_(std::move(store)),
      start_(start),
      formatter_(std::move(formatter)),
      share_(share),
      bytes_max_(bytes_max) {}

Result<void> WriteAheadSink::begin(Epoch epoch) {
  (void)epoch;
  lines_.clear();
  return {};
}

Result<void> WriteAheadSink::write(const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    formatter_(batch, i, lines_);
    lines_ += '\n';
  }
  if (lines_.size() <= bytes_max_) return {};
  return Error{ErrorCode::kLimit,
               text("results of more than {} bytes since the last checkpoint, which are kept in "
                    "memory; take checkpoints more often",
                    bytes_max_)};
}

Result<Transaction> WriteAheadSink::pre_commit(Epoch epoch) {
  ByteWriter writer;
  writer.put_string(text("batch-{:05}-{:010}-{:016x}", share_.subtask, epoch.value(), start_));
  writer.put_string(std::exchange(lines_, {}));
  return std::move(writer).take();
}

Result<void> WriteAheadSink::commit(const Transaction& transaction) {
  ByteReader reader(transaction);
  const std::string batch(reader.string());
  const std::string_view lines = reader.string();
  LYMER_RETURN_IF_ERROR(reader.status("a batch of results"));
  LYMER_ASSIGN_OR_RETURN(const bool is_there, store_->has(batch));
  return is_there ? Result<void>() : store_->write(batch, lines);
}

Result<void> WriteAheadSink::abort(Epoch epoch) {
  (void)epoch;
  lines_.clear();
  return {};
}

}  // namespace lymer::runtime
