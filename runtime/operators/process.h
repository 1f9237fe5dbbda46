// A function with state, timers and side outputs for each key (Flink: KeyedProcessFunction).
//
//   // Tells of users that are quiet for a minute.
//   class Quiet final : public ProcessFunction {
//     Result<void> open(KeyedState& state) override {
//       last_.emplace(state.value<EventTime>("last"));
//       return {};
//     }
//     Result<void> on_event(const EventView& event, ProcessContext& context) override {
//       last_->update(event.header.time);
//       context.set_timer(TimeDomain::kEventTime, event.header.time + Duration::minutes(1));
//       return {};
//     }
//     Result<void> on_timer(TimeDomain, EventTime time, ProcessContext& context) override {
//       if (*last_->get() + Duration::minutes(1) == time) context.emit(kMainPort, time, row);
//       return {};
//     }
//     std::optional<ValueState<EventTime>> last_;
//   };
//
// With two inputs it is what Flink calls a KeyedCoProcessFunction: event.input tells them apart.
// One of them may be broadcast (KeyedBroadcastProcessFunction): its events come to every subtask,
// without a key, and they alone may write broadcast state.
// Not here: state (runtime/state/keyed_state.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/keyed_operator.h"
#include "runtime/state/operator_state.h"

namespace lymer::runtime {

// What a function may do during a call, for the current key.
class ProcessContext {
 public:
  virtual ~ProcessContext() = default;
  // EventTime::min() before there is one.
  [[nodiscard]] virtual EventTime current_watermark() const = 0;
  [[nodiscard]] virtual EventTime current_processing_time() const = 0;
  // The key's encoded bytes (read_key() reads them).
  [[nodiscard]] virtual StateBytes current_key() const = 0;
  // A timer of a time that has passed fires with the next watermark, or at once.
  virtual void set_timer(TimeDomain domain, EventTime time) = 0;
  virtual void remove_timer(TimeDomain domain, EventTime time) = 0;
  // Puts out a row of the port's schema (see Stream::side_output() for ports but the main one).
  virtual void emit(Port port, EventTime time, std::span<const std::byte> row) = 0;
};

class ProcessFunction {
 public:
  virtual ~ProcessFunction() = default;
  // Makes the states; once, before any other call.
  [[nodiscard]] virtual Result<void> open(KeyedState& state) {
    (void)state;
    return {};
  }
  // Makes what the subtask has as a whole (Flink: initializeState); before open().
  virtual void open_operator_state(OperatorState& state) { (void)state; }
  [[nodiscard]] virtual Result<void> on_event(const EventView& event, ProcessContext& context) = 0;
  [[nodiscard]] virtual Result<void> on_timer(TimeDomain domain, EventTime time,
                                              ProcessContext& context) {
    (void)domain;
    (void)time;
    (void)context;
    return {};
  }
};

class ProcessOperator final : public KeyedOperator, private ProcessContext {
 public:
  // What is put out says that it is of `output`, whatever the port.
  ProcessOperator(const std::vector<KeyedInput>& inputs, SchemaId output,
                  std::unique_ptr<ProcessFunction> function,
                  std::optional<std::size_t> broadcast_input = {});

  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain domain, EventTime time) override {
    return function_->on_timer(domain, time, *this);
  }

  EventTime current_watermark() const override { return watermark(); }
  EventTime current_processing_time() const override { return processing_time(); }
  StateBytes current_key() const override;
  void set_timer(TimeDomain domain, EventTime time) override;
  void remove_timer(TimeDomain domain, EventTime time) override;
  void emit(Port port, EventTime time, std::span<const std::byte> row) override;

  SchemaId output_;
  std::unique_ptr<ProcessFunction> function_;
  std::optional<std::size_t> broadcast_input_;
  OperatorState operator_state_;
};

}  // namespace lymer::runtime
