// Hands calls on, and gives what comes out its headers.
// Not here: order and keys (runtime/keyed_operator.cc).
#include "runtime/operators/process.h"

#include <utility>

namespace lymer::runtime {

ProcessOperator::ProcessOperator(const std::vector<KeyedInput>& inputs, SchemaId output,
                                 std::unique_ptr<ProcessFunction> function,
                                 std::optional<std::size_t> broadcast_input)
    : KeyedOperator(inputs),
      output_(output),
      function_(std::move(function)),
      broadcast_input_(broadcast_input) {}

Result<void> ProcessOperator::make_states(KeyedState& state) {
  function_->open_operator_state(operator_state_);
  return function_->open(state);
}

Result<void> ProcessOperator::on_event(const EventView& event) {
  const bool is_broadcast = broadcast_input_ == event.input;
  if (is_broadcast) operator_state_.set_writable(true);
  auto done = function_->on_event(event, *this);
  if (is_broadcast) operator_state_.set_writable(false);
  return done;
}

Result<void> ProcessOperator::snapshot(StateSnapshot& state) const {
  LYMER_RETURN_IF_ERROR(KeyedOperator::snapshot(state));
  operator_state_.snapshot(state);
  return {};
}

Result<void> ProcessOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  return operator_state_.restore(state, share());
}

StateBytes ProcessOperator::current_key() const { return state().current().key; }

void ProcessOperator::set_timer(TimeDomain domain, EventTime time) {
  KeyedOperator::set_timer(domain, time);
}

void ProcessOperator::remove_timer(TimeDomain domain, EventTime time) {
  KeyedOperator::remove_timer(domain, time);
}

void ProcessOperator::emit(Port port, EventTime time, std::span<const std::byte> row) {
  EventHeader header;
  header.time = time;
  header.id = next_result_id();
  header.schema = output_;
  results().add(port, header, row);
}

}  // namespace lymer::runtime
