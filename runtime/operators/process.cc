// Hands calls on, and gives what comes out its ids.
// Not here: order and keys (runtime/keyed_operator.cc).
#include "runtime/operators/process.h"

#include <utility>

#include "runtime/derived_id.h"

namespace lymer::runtime {

ProcessOperator::ProcessOperator(const std::vector<KeyedInput>& inputs, SchemaId output,
                                 std::unique_ptr<ProcessFunction> function)
    : KeyedOperator(inputs), output_(output), function_(std::move(function)) {}

Result<void> ProcessOperator::on_event(const EventView& event) {
  cause_ = cause_of(event.header.id, state().current().key_hash, event.input);
  emitted_ = 0;
  return function_->on_event(event, *this);
}

Result<void> ProcessOperator::on_timer(TimeDomain domain, EventTime time) {
  const StateAddress& at = state().current();
  cause_ = cause_of(at.key_hash, at.name_space, time);
  emitted_ = 0;
  return function_->on_timer(domain, time, *this);
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
  header.id = derived_id(cause_, emitted_++);
  header.schema = output_;
  results().add(port, header, row);
}

}  // namespace lymer::runtime
