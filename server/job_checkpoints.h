// The checkpoints of a job that rules make: what it begins with, and where it keeps more.
// Not here: when they are taken (checkpoint/coordinator.h), files (checkpoint/checkpoint_store.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "checkpoint/decider.h"
#include "checkpoint/supervisor.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/graph/job_graph.h"

namespace lymer::server {

struct CheckpointSettings {
  std::string directory;  // Empty: no checkpoints.
  checkpoint::CheckpointOptions options;
  // Where to begin, if it is given; it stays its owner's (Flink: no claim). Then the directory may
  // hold no checkpoint: which of them to go on from must be no guess.
  std::string from_savepoint;
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
  JobCheckpoints(Passkey, const CheckpointSettings& settings, FileSystem& files,
                 checkpoint::CheckpointDecider* decider);

  // Reads the savepoint, or finds the newest checkpoint that is whole. Returns kInvalidArgument if
  // it has state of an operator that the job does not have, and for a savepoint beside
  // checkpoints; kCorrupt if the savepoint is damaged, or there are checkpoints and none is whole.
  // Where a decider is given it begins, and says which checkpoint is read (checkpoint/decider.h).
  // `files` and the decider must outlive the checkpoints.
  [[nodiscard]] static Result<std::unique_ptr<JobCheckpoints>> make(
      const CheckpointSettings& settings, const runtime::JobGraph& graph, FileSystem& files,
      checkpoint::CheckpointDecider* decider = nullptr);

  // Once: what was found goes with it. These checkpoints must outlive the supervisor.
  [[nodiscard]] checkpoint::SupervisorOptions::Checkpoints supervised();
  // By chance; for one thread.
  [[nodiscard]] std::uint64_t random_number();

  // The checkpoint or savepoint that the job goes on from; 0 for none.
  [[nodiscard]] runtime::Epoch restored() const noexcept { return restored_; }
  [[nodiscard]] bool is_from_savepoint() const noexcept {
    return !settings_.from_savepoint.empty();
  }
  // What was damaged and passed over.
  [[nodiscard]] const std::vector<std::string>& damages() const noexcept { return damages_; }

 private:
  [[nodiscard]] Result<void> find_first(const runtime::JobGraph& graph);
  [[nodiscard]] Result<void> check_empty();

  const CheckpointSettings settings_;
  checkpoint::CheckpointDecider* decider_;  // May be null.
  std::random_device random_;               // Names that no other process gives.
  checkpoint::CheckpointStore store_;
  std::shared_ptr<const checkpoint::Snapshot> first_;
  runtime::Epoch restored_{0};
  std::vector<std::string> damages_;
};

}  // namespace lymer::server
