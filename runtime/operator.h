// The one interface of everything that stands between a source and the end of a stream.
//
// Calls come in this order, all from one thread at a time:
//   open, [restore], { on_batch | on_watermark | on_timer | on_barrier, snapshot | ... }*,
//   on_end_of_input, [snapshot], close
// A call that answers kBlocked has taken its input but could not put out all it has to say, because
// the collector refused; it must then be resumed until it is done before it gets anything else. So
// no operator ever waits, and memory stays bounded.
//
// Adding an operator: see the list in tests/README.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/metrics/metric_group.h"
#include "runtime/source_share.h"
#include "runtime/state/state_table.h"
#include "runtime/state_snapshot.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// An operator's outputs. What the others carry is documented by the operator.
using Port = StrongId<struct PortTag, std::uint8_t>;
inline constexpr Port kMainPort{0};

// Takes an operator's output. Refusing is how back-pressure arrives.
class Collector {
 public:
  virtual ~Collector() = default;
  // Takes the element, leaving it empty, and returns true; or returns false and does not touch it.
  [[nodiscard]] virtual bool try_emit(Port port, StreamElement& element) = 0;
};

enum class Progress : std::uint8_t {
  kDone,     // Ready for the next call.
  kBlocked,  // Call resume() first.
};

// What an operator may know of its surroundings.
struct OperatorContext {
  std::string uid;  // Under which its state is found again.
  Clock& clock;
  StateBackend& backend = memory_backend();  // Where it keeps state by key.
  // Where it makes its metrics.
  std::shared_ptr<MetricGroup> metrics = unreported_metrics();
  SourceShare share = {};
  // The job takes checkpoints, one at its end as well.
  bool is_checkpointed = false;
};

class Operator {
 public:
  virtual ~Operator() = default;

  [[nodiscard]] virtual Result<void> open(const OperatorContext& context) {
    (void)context;
    return {};
  }
  // Takes one batch of events.
  [[nodiscard]] virtual Result<Progress> on_batch(EventBatch batch, Collector& out) = 0;
  // Learns that no event at or before `watermark` will follow. Watermarks only rise. The default
  // hands it on, as an operator that holds nothing back must.
  [[nodiscard]] virtual Result<Progress> on_watermark(EventTime watermark, Collector& out);
  // Says when on_timer() is to be called, by the clock; EventTime::max() for never. Asked after
  // each call.
  [[nodiscard]] virtual EventTime next_timer() const { return EventTime::max(); }
  // The processing time that the operator asked for has come.
  [[nodiscard]] virtual Result<Progress> on_timer(EventTime now, Collector& out);
  // Idle marks, latency markers and control records: handed on by default.
  [[nodiscard]] virtual Result<Progress> on_mark(StreamElement mark, Collector& out);
  // Brings the metrics up to date that it does not keep so at all times. Called a few times a
  // second, between other calls, and at the end.
  virtual void update_metrics() {}
  // Goes on with what a call left when it answered kBlocked.
  [[nodiscard]] virtual Result<Progress> resume(Collector& out);
  // All input has been seen, EventTime::max() as watermark included.
  [[nodiscard]] virtual Result<Progress> on_end_of_input(Collector& out);

  // The barrier of a checkpoint has come; snapshot() follows. Here is made safe what is outside.
  [[nodiscard]] virtual Result<void> on_barrier(Epoch epoch) {
    (void)epoch;
    return {};
  }
  // The checkpoint is safe, and so are those before it. May be called while blocked.
  [[nodiscard]] virtual Result<void> on_checkpoint_complete(Epoch epoch) {
    (void)epoch;
    return {};
  }
  // The checkpoint will not be; what it was to hold is in the next one. May be called while
  // blocked.
  [[nodiscard]] virtual Result<void> on_checkpoint_aborted(Epoch epoch) {
    (void)epoch;
    return {};
  }
  // Writes all state; called between inputs, never while blocked.
  [[nodiscard]] virtual Result<void> snapshot(StateSnapshot& state) const {
    (void)state;
    return {};
  }
  // Whether snapshot() reads memory of this subtask and does nothing else: takes no lock, asks no
  // file and no other thread. Then a large one is written by a copy of the process while the
  // operator goes on (runtime/base/forked_writer.h).
  [[nodiscard]] virtual bool snapshots_memory_alone() const { return false; }
  // Takes state back, once, after open(): that of the subtask's key groups, and the operator state
  // of all subtasks that there were. Returns kCorrupt or kUnsupported if it cannot.
  [[nodiscard]] virtual Result<void> restore(const StateSnapshot& state) {
    (void)state;
    return {};
  }
  [[nodiscard]] virtual Result<void> close() { return {}; }

 protected:
  // Emits on the main port or keeps the element for resume().
  [[nodiscard]] Progress emit_or_keep(StreamElement element, Collector& out);

 private:
  StreamElement kept_ = IdleMark{};
  bool has_kept_ = false;
};

}  // namespace lymer::runtime
