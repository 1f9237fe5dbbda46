// Where results leave the program: written in epochs that are committed whole.
//
// Calls: [recover], { begin(e), write*, pre_commit(e) or abort(e) }*, close, and commit() of
// what pre_commit() gave, once the checkpoint is safe: meanwhile the next epoch may have begun.
// What was written before pre_commit must survive it; what is visible to readers is decided by
// commit. A sink without transactions makes everything visible at once and says so in its own
// words. Not here: when epochs end (the coordinator of checkpoints).
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// What commit() needs to know of a transaction, also in another process; kept with the checkpoint.
using Transaction = std::vector<std::byte>;

class Sink {
 public:
  virtual ~Sink() = default;
  // Called once before all else where the job goes on from a checkpoint, with the transactions that
  // it holds, of all subtasks: they will be committed. What else this subtask has left behind is to
  // be forgotten: what was never committed, and all of `next` and later epochs, which come again;
  // of those something may be visible only where a newer checkpoint was damaged.
  [[nodiscard]] virtual Result<void> recover(const std::vector<Transaction>& held, Epoch next) {
    (void)held;
    (void)next;
    return {};
  }
  [[nodiscard]] virtual Result<void> begin(Epoch epoch) = 0;
  // Tells whether write() is welcome; until it is the subtask takes no more input.
  [[nodiscard]] virtual bool has_room() const { return true; }
  // Takes a batch of rows of the schema that the sink was made for.
  [[nodiscard]] virtual Result<void> write(const EventBatch& batch) = 0;
  // Makes everything since begin() durable, still invisible.
  [[nodiscard]] virtual Result<Transaction> pre_commit(Epoch epoch) = 0;
  // Makes it visible. May be called again after a crash, perhaps by another subtask.
  [[nodiscard]] virtual Result<void> commit(const Transaction& transaction) = 0;
  [[nodiscard]] virtual Result<void> abort(Epoch epoch) = 0;
  [[nodiscard]] virtual Result<void> close() = 0;
};

}  // namespace lymer::runtime
