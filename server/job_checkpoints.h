// The checkpoints of a job that rules make: where it goes on, and what is kept while it runs.
// Not here: when they are taken (checkpoint/coordinator.h), files (checkpoint/checkpoint_store.h).
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/exec/checkpointing.h"
#include "runtime/exec/execution.h"
#include "runtime/graph/job_graph.h"

namespace lymer::server {

struct CheckpointSettings {
  std::string directory;  // Empty: no checkpoints.
  checkpoint::CheckpointOptions options;
  // State of operators that the job does not have is left behind.
  bool allows_non_restored_state = false;
};

class JobCheckpoints {
 public:
  // Only make() may call the constructor.
  class Passkey {
    friend class JobCheckpoints;
    Passkey() = default;
  };
  JobCheckpoints(Passkey, const CheckpointSettings& settings, FileSystem& files);

  // Finds the newest checkpoint that is whole. Returns kInvalidArgument if it has state of an
  // operator that the job does not have, kCorrupt if there are checkpoints and none is whole.
  // `files` and `clock` must outlive the checkpoints.
  [[nodiscard]] static Result<std::unique_ptr<JobCheckpoints>> make(
      const CheckpointSettings& settings, const runtime::JobGraph& graph, FileSystem& files,
      Clock& clock);

  // Once: what was found goes with them.
  [[nodiscard]] runtime::CheckpointHooks hooks();
  // Before the job starts; it must outlive these checkpoints.
  void attach(const runtime::JobGraph& graph, runtime::Execution& execution);
  // As Coordinator::tick().
  [[nodiscard]] Result<void> tick() { return coordinator_->tick(); }

  // The checkpoint that the job goes on from; 0 for none.
  [[nodiscard]] runtime::Epoch restored() const noexcept { return restored_; }
  // What was damaged and passed over.
  [[nodiscard]] const std::vector<std::string>& damages() const noexcept { return damages_; }

 private:
  [[nodiscard]] Result<void> find_newest(const CheckpointSettings& settings,
                                         const runtime::JobGraph& graph, Clock& clock);

  std::random_device random_;  // Names that no other process gives.
  checkpoint::CheckpointStore store_;
  std::unique_ptr<checkpoint::Coordinator> coordinator_;
  runtime::FindState find_state_;
  runtime::Epoch restored_{0};
  std::vector<std::string> damages_;
};

}  // namespace lymer::server
