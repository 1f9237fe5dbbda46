// What a job's tasks and who takes its checkpoints say to each other.
//
// A trigger goes to the tasks with sources, which send barriers; each task answers with its
// snapshot when the barrier has passed it, or with its last one when it has ended. Where barriers
// are to overtake, at once or after a while, all tasks hear that directly too, and what they
// overtake is in the snapshots. Then all tasks hear whether the checkpoint is safe. A task that has
// ended waits for the word that its last snapshot is, so that its sinks can commit.
// Not here: when checkpoints are taken, and where they are kept (checkpoint/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/exec/overtaken.h"
#include "runtime/operator_chain.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

struct CheckpointOrder {
  enum class Kind : std::uint8_t {
    kTrigger,
    kOvertake,  // Its barriers wait no longer in line (Flink: the aligned timeout has passed).
    kComplete,
    kAbort,
  };
  Kind kind = Kind::kTrigger;
  Epoch epoch;
  bool overtakes = false;  // Of a trigger: its barriers overtake from the beginning.
};

// The state of a task.
struct TaskSnapshot {
  std::size_t task = 0;             // Its number in the job, from 0.
  Epoch epoch;                      // Means nothing in the last one.
  bool is_last = false;             // The task has ended: this is for all checkpoints to come.
  std::vector<OperatorPart> parts;  // Some may still be written.
  // From the first barrier's coming until all have come; none at a source.
  double alignment_seconds = 0;
  double snapshot_seconds = 0;  // From the barrier's coming until it has passed all operators.
  std::uint64_t overtaken_bytes = 0;
};

// Hears from tasks, each on its worker's thread.
class SnapshotListener {
 public:
  virtual ~SnapshotListener() = default;
  virtual void on_snapshot(TaskSnapshot snapshot) = 0;
};

// Where events may come twice, no channel waits for another, and no barrier overtakes: it waits in
// line, and delays nobody.
enum class CheckpointMode : std::uint8_t { kExactlyOnce, kAtLeastOnce };

// What a job needs in order to be checkpointed and to go on from a checkpoint.
struct CheckpointHooks {
  SnapshotListener* listener = nullptr;  // No checkpoints without one; must outlive the job.
  CheckpointMode mode = CheckpointMode::kExactlyOnce;
  FindState find_state = nullptr;  // Everything starts afresh without.
  // What was overtaken; goes with find_state.
  FindOvertaken find_overtaken = nullptr;
  // From this size on an operator does not wait until its state is written (see
  // OperatorChain::copy_snapshots_from()); the listener has parts to finish then.
  std::size_t copied_state_bytes = kCopiedStateBytes;
  // Copying a process takes as long as writing a few of these.
  static constexpr std::size_t kCopiedStateBytes = std::size_t{4} << 20U;
};

}  // namespace lymer::runtime
