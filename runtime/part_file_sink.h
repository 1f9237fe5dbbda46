// Lines in files that come whole: one a checkpoint and subtask, in a directory.
//
// What is written goes to `.part-SUBTASK-EPOCH-START.ndjson.inprogress`; at the barrier it is
// synced, and the commit renames it to `part-SUBTASK-EPOCH-START.ndjson`, a name that no other
// start of the program gives. So a reader reads the files whose names begin with `part-`, of which
// each is complete and none changes any more, and leaves alone what begins with a dot; together
// they hold each line once, whatever was killed when. Files must stay where they are while the job
// may be started again: the newest checkpoint asks for those that it holds. Where that one is
// damaged and the job goes on from an older one, parts that come again are removed. Without
// checkpoints there is one file, at the end of input. Not here: lines in one file, at least once
// (runtime/line_sink.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/line_sink.h"
#include "runtime/sink.h"
#include "runtime/source_share.h"

namespace lymer::runtime {

class PartFileSink final : public Sink {
 public:
  // The directory is made with the first line. Two jobs must not share one. `files` must outlive
  // the sink.
  // `start` tells this start of the program from all others.
  PartFileSink(FileSystem& files, std::string directory, std::uint64_t start,
               LineSink::Formatter formatter, SourceShare share);

  [[nodiscard]] Result<void> recover(const std::vector<Transaction>& held, Epoch next) override;
  [[nodiscard]] Result<void> begin(Epoch epoch) override;
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  [[nodiscard]] Result<Transaction> pre_commit(Epoch epoch) override;
  // Returns kNotFound if the file is neither there nor renamed: somebody has removed it.
  [[nodiscard]] Result<void> commit(const Transaction& transaction) override;
  [[nodiscard]] Result<void> abort(Epoch epoch) override;
  [[nodiscard]] Result<void> close() override;

 private:
  [[nodiscard]] std::string path(const std::string& name) const;
  [[nodiscard]] std::string name(Epoch epoch) const;

  FileSystem& files_;
  std::string directory_;
  std::uint64_t start_;
  LineSink::Formatter formatter_;
  SourceShare share_;
  std::unique_ptr<LineSink> part_;  // Of the epoch that has begun.
};

}  // namespace lymer::runtime
