// An operator with state and timers by key: the base of those that are more than a function.
//
// It reads the key of each event, makes it current in the state, and calls on_event(); when the
// watermark or the clock reaches a timer it makes the timer's key and namespace current and calls
// on_timer(). Results are added to `results()` and put out in batches. What has several inputs
// tells them apart by the events' schemas, or by which expression of key_by gave the key.
// After Flink's AbstractStreamOperator and KeyedProcessOperator.
//
// Not here: state (runtime/state/keyed_state.h), timers as such (runtime/timer_queue.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/event.h"
#include "runtime/event_view.h"
#include "runtime/key_reader.h"
#include "runtime/operator.h"
#include "runtime/output_queue.h"
#include "runtime/schema.h"
#include "runtime/state/keyed_state.h"
#include "runtime/timer_queue.h"

namespace lymer::runtime {

// The events of one schema under one of their keys. Where several inputs have one schema, an event
// belongs to the n-th of them if bit n of its key_mask is set (runtime/operators/key_by.h).
struct KeyedInput {
  SchemaRef schema;
  SchemaId schema_id;
  KeyExpression key;
};

enum class TimeDomain : std::uint8_t { kEventTime, kProcessingTime };

class KeyedOperator : public Operator {
 public:
  explicit KeyedOperator(const std::vector<KeyedInput>& inputs);

  // Counts the events that came too late, where that can be.
  [[nodiscard]] std::uint64_t late_events() const noexcept { return late_; }
  void update_metrics() override;

  [[nodiscard]] Result<void> open(const OperatorContext& context) override;
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;
  [[nodiscard]] Result<Progress> on_watermark(EventTime watermark, Collector& out) override;
  [[nodiscard]] EventTime next_timer() const override { return processing_timers_.next_time(); }
  [[nodiscard]] Result<Progress> on_timer(EventTime now, Collector& out) override;
  [[nodiscard]] Result<Progress> on_mark(StreamElement mark, Collector& out) override;
  [[nodiscard]] Result<Progress> resume(Collector& out) override;
  [[nodiscard]] Result<Progress> on_end_of_input(Collector& out) override;
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] bool snapshots_memory_alone() const override { return is_in_memory_; }
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 protected:
  // Makes the states; once, when the operator opens.
  [[nodiscard]] virtual Result<void> make_states(KeyedState& state) = 0;
  [[nodiscard]] virtual Result<void> on_event(const EventView& event) = 0;
  // These come next, unless a time passes first. With many keys the time of an event is that of the
  // memory that it waits for; here that of several can be asked for at once.
  virtual void expect(std::span<const EventHeader> events) { (void)events; }
  // The place of the current event among those that were told last.
  [[nodiscard]] std::size_t expected_index() const noexcept { return next_ - 1 - expected_begin_; }
  // Event-time timers are told once the watermark is at `time` or later; watermark() is the new one
  // already. May set more, also such as are due at once.
  [[nodiscard]] virtual Result<void> on_timer(TimeDomain domain, EventTime time) = 0;
  // Time has come to watermark(), and its timers have fired. Puts out what belongs before it; false
  // if the way out is blocked before all is done, and then it is called again.
  [[nodiscard]] virtual bool on_time_passed(Collector& out) {
    (void)out;
    return true;
  }

  // Which input an event is of; the first if it is of several or none.
  [[nodiscard]] std::size_t input_of(const EventHeader& header) const;
  [[nodiscard]] KeyedState& state() { return *state_; }
  [[nodiscard]] const KeyedState& state() const { return *state_; }
  [[nodiscard]] OutputQueue& results() noexcept { return results_; }
  // For the current key and namespace.
  void set_timer(TimeDomain domain, EventTime time) { queue(domain).add(time, state_->current()); }
  void remove_timer(TimeDomain domain, EventTime time) {
    queue(domain).remove(time, state_->current());
  }
  // EventTime::min() before there is one.
  [[nodiscard]] EventTime watermark() const noexcept { return watermark_; }
  [[nodiscard]] EventTime processing_time() const { return clock_->now(); }
  [[nodiscard]] SourceShare share() const noexcept { return share_; }
  // Names what the current event or timer gives: the same after a replay.
  [[nodiscard]] EventId next_result_id();
  // The current event has come too late.
  void count_late() noexcept { ++late_; }

 private:
  [[nodiscard]] TimerQueue& queue(TimeDomain domain) noexcept {
    return domain == TimeDomain::kEventTime ? event_timers_ : processing_timers_;
  }
  // Puts out what came of the state, unless something was wrong with that.
  [[nodiscard]] Result<Progress> put_out(Collector& out);
  [[nodiscard]] Result<void> take(std::size_t index);
  [[nodiscard]] Result<Progress> run_events(Collector& out);
  [[nodiscard]] Result<Progress> run_timers(Collector& out);
  [[nodiscard]] Result<bool> run_due(TimeDomain domain, EventTime now, Collector& out);

  struct Input {
    KeyedInput of;
    KeyReader reader;
    std::uint16_t key_bit = 1;
    bool has_key = false;
  };
  std::vector<Input> inputs_;
  Clock* clock_ = nullptr;
  SourceShare share_;
  std::optional<KeyedState> state_;
  bool is_in_memory_ = true;  // Its state.
  TimerQueue event_timers_;
  TimerQueue processing_timers_;
  EventTime watermark_ = EventTime::min();
  std::vector<std::byte> key_;  // Scratch.
  OutputQueue results_;
  // What has come and is not yet worked through: events from next_ on, times.
  EventBatch batch_;
  std::size_t next_ = 0;
  // Those that were told to expect() last.
  std::size_t expected_begin_ = 0;
  std::size_t expected_end_ = 0;
  std::optional<EventTime> coming_watermark_;
  std::optional<EventTime> coming_time_;
  // What the current call is about, one of the two, and how many results that has given.
  const EventView* event_ = nullptr;
  const Timer* timer_ = nullptr;
  std::uint64_t cause_ = 0;
  std::uint64_t results_of_cause_ = 0;
  std::shared_ptr<MetricGroup> metrics_;  // Since open().
  std::uint64_t late_ = 0;
};

}  // namespace lymer::runtime
