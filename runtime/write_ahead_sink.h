// Results that are kept in the checkpoint until it is safe, and only then written: for a store that
// has no transactions (Flink: GenericWriteAheadSink with its CheckpointCommitter).
//
//   stream.sink_to("alerts", [&](SourceShare share) {
//     return std::make_unique<WriteAheadSink>(
//         std::make_unique<BatchFiles>(files, "alerts"), start, formatter, share);
//   });
//
// The lines of an epoch are one batch with a name that nothing else has. It is part of the
// snapshot; when the checkpoint is complete it is written, and who goes on from the checkpoint
// writes it again unless the store says that it has it. So each batch is in the store once, if the
// store can tell that, or if writing a batch again changes nothing. (Where the newest checkpoint
// was damaged and the job goes on from an older one, what that one held comes again in batches of
// other names.) An epoch is held in memory, up to a limit. Not here: results that are written
// before the checkpoint (runtime/part_file_sink.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/line_sink.h"
#include "runtime/sink.h"
#include "runtime/source_share.h"

namespace lymer::runtime {

// Where batches are written to. Used by one thread.
class BatchStore {
 public:
  virtual ~BatchStore() = default;
  // Tells whether the batch is there, all of it.
  [[nodiscard]] virtual Result<bool> has(const std::string& batch) = 0;
  // Writes its lines, each with its end; once it returns they survive a loss of power. What an
  // attempt that failed has left behind is replaced.
  [[nodiscard]] virtual Result<void> write(const std::string& batch, std::string_view lines) = 0;
};

// A file a batch, `BATCH.ndjson`, in a directory that is made with the first. A reader leaves alone
// what begins with a dot. A file that is taken away comes again only if the job goes on from a
// checkpoint that holds it.
class BatchFiles final : public BatchStore {
 public:
  // `files` must outlive the store.
  BatchFiles(FileSystem& files, std::string directory);
  [[nodiscard]] Result<bool> has(const std::string& batch) override;
  [[nodiscard]] Result<void> write(const std::string& batch, std::string_view lines) override;

 private:
  [[nodiscard]] std::string path(std::string_view prefix, const std::string& batch) const;

  FileSystem& files_;
  std::string directory_;
};

class WriteAheadSink final : public Sink {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20U;

  // `start` tells this start of the program from all others. write() returns kLimit when an epoch
  // has more than `bytes_max` bytes.
  WriteAheadSink(std::unique_ptr<BatchStore> store, std::uint64_t start,
                 LineSink::Formatter formatter, SourceShare share,
                 std::size_t bytes_max = kBytesMax);

  [[nodiscard]] Result<void> begin(Epoch epoch) override;
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  [[nodiscard]] Result<Transaction> pre_commit(Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const Transaction& transaction) override;
  [[nodiscard]] Result<void> abort(Epoch epoch) override;
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  std::unique_ptr<BatchStore> store_;
  std::uint64_t start_;
  LineSink::Formatter formatter_;
  SourceShare share_;
  std::size_t bytes_max_;
  std::string lines_;  // Of the epoch.
};

}  // namespace lymer::runtime
