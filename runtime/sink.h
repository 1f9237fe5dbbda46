// Where results leave the program: written in epochs that are committed whole.
//
// Calls: begin(e), write*, pre_commit(e), commit(e) - or abort(e) -, then begin(e + 1). What was
// written before pre_commit must survive it; what is visible to readers is decided by commit. A
// sink without transactions makes everything visible at once and says so in its own words.
// Not here: when epochs end (the coordinator of checkpoints).
#pragma once

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual Result<void> begin(Epoch epoch) = 0;
  // Takes a batch of rows of the schema that the sink was made for.
  [[nodiscard]] virtual Result<void> write(const EventBatch& batch) = 0;
  // Makes everything since begin() durable, still invisible.
  [[nodiscard]] virtual Result<void> pre_commit(Epoch epoch) = 0;
  // Makes it visible. May be called again after a crash.
  [[nodiscard]] virtual Result<void> commit(Epoch epoch) = 0;
  [[nodiscard]] virtual Result<void> abort(Epoch epoch) = 0;
  [[nodiscard]] virtual Result<void> close() = 0;
};

}  // namespace lymer::runtime
