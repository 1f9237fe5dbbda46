// Where a stream begins, for a task: events and watermarks, a batch at a time.
//
// Not here: sources of records that have to be decoded (runtime/record_source.h), of rows
// (runtime/row_source.h), threads (runtime/exec/worker.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/operator.h"

namespace lymer::runtime {

enum class SourceState : std::uint8_t {
  kActive,   // Call step() again.
  kIdle,     // Nothing to read for now.
  kBlocked,  // The output refused.
  kEnded,    // EndOfInput was put out.
};

// Which part of a source a subtask reads.
struct SourceShare {
  std::size_t subtask = 0;
  std::size_t subtasks = 1;
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
  // Reads no more: the next steps put out what is left and the end of input, before it the end of
  // time if `drains`.
  virtual void finish(bool drains) = 0;
  // The promise about event time so far, EventTime::min() before any event.
  [[nodiscard]] virtual EventTime watermark() const = 0;
};

}  // namespace lymer::runtime
