// Where a stream begins, for a task: events and watermarks, a batch at a time.
//
// Not here: sources of records that have to be decoded (runtime/record_source.h), of rows
// (runtime/row_source.h), threads (runtime/exec/worker.h).
#pragma once

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/operator.h"
#include "runtime/state_snapshot.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

enum class SourceState : std::uint8_t {
  kActive,   // Call step() again.
  kIdle,     // Nothing to read for now.
  kBlocked,  // The output refused.
  kEnded,    // EndOfInput was put out.
};

class EventSource {
 public:
  virtual ~EventSource() = default;
  // Called once, before all else.
  [[nodiscard]] virtual Result<void> open(const OperatorContext& context) {
    (void)context;
    return {};
  }
  // As Operator::update_metrics().
  virtual void update_metrics() {}
  // Puts out about one batch. What `out` refuses is put out by the next call.
  [[nodiscard]] virtual Result<SourceState> step(Collector& out) = 0;
  // Puts out what earlier steps have left, and reads nothing.
  [[nodiscard]] virtual SourceState flush(Collector& out) = 0;
  // Reads no more: the next steps put out what is left and the end of input, before it the end of
  // time if `drains`.
  virtual void finish(bool drains) = 0;
  // A checkpoint is about to ask where it stands. Those that others are told of hear so when the
  // checkpoint is complete, as then it is where the job would go on.
  virtual void on_barrier(Epoch epoch) { (void)epoch; }
  virtual void on_checkpoint_complete(Epoch epoch) { (void)epoch; }
  // Where it stands; only called when nothing is left to be put out.
  [[nodiscard]] virtual Result<void> snapshot(StateSnapshot& state) const = 0;
  // Goes on from there; once, after open(), with what all subtasks wrote.
  [[nodiscard]] virtual Result<void> restore(const StateSnapshot& state) = 0;
  // The promise about event time so far, EventTime::min() before any event.
  [[nodiscard]] virtual EventTime watermark() const = 0;
};

}  // namespace lymer::runtime
