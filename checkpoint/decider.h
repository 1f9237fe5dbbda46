// Who says which checkpoint of a job is true, where that is not the job's own disk.
//
//   coordinator: write `chk-7-3f2a...`, then decide(Epoch{7}, "chk-7-3f2a...")
//   the next start: begin() -> {7, "chk-7-3f2a..."}: that one is restored, and no other
//
// A sink with a transaction that nobody can take up again, such as a Kafka producer's, has to
// commit its output and the choice of the checkpoint in one: so it decides. Until then a checkpoint
// is prepared, which is all that the disk knows. Not here: sinks, and any one decider.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/snapshot.h"
#include "runtime/base/result.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

// Used by the thread of the coordinator.
class CheckpointDecider {
 public:
  virtual ~CheckpointDecider() = default;
  // Tells whether it decides; one that does not only hears what happens, and the newest checkpoint
  // on disk is the true one.
  [[nodiscard]] virtual bool decides() const = 0;
  // The job begins, or begins anew: whoever else has decided for it can no more from now on.
  // Gives the last decision, nothing if there was none.
  [[nodiscard]] virtual Result<std::optional<DecidedCheckpoint>> begin() = 0;
  // The output of this epoch and those before it is to be safe before the checkpoint is written.
  [[nodiscard]] virtual Result<void> prepare(runtime::Epoch epoch) = 0;
  // The checkpoint of this name is whole on disk: makes it the true one, with all output of its
  // epoch and those before. An empty name: there is none yet. After an error nobody knows, and
  // begin() is to be asked.
  [[nodiscard]] virtual Result<void> decide(runtime::Epoch epoch, const std::string& name) = 0;
  // Of this epoch and those before it none is left to be decided: what was written behind their
  // barriers need not be held back any more. Called often.
  virtual void settled(runtime::Epoch through) = 0;
};

// Begins, and reads the checkpoint that the job is to go on from, nothing if it has none: what was
// decided, or the newest where nobody decides (null too). Errors are those of begin(), of
// CheckpointStore::read_decided() and of CheckpointStore::read_newest().
[[nodiscard]] Result<std::optional<Snapshot>> begin_and_read(
    CheckpointStore& store, CheckpointDecider* decider,
    const std::function<void(const Error&)>& on_damaged);

}  // namespace lymer::checkpoint
