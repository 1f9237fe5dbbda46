// Hands calls on, and gives what comes out its headers.
// Not here: order and keys (runtime/keyed_operator.cc).
#include "runtime/operators/process.h"

#include <utility>

namespace lymer::runtime {

ProcessOperator::ProcessOperator(const std::vector<KeyedInput>& inputs, SchemaId output,
                                 std::unique_ptr<ProcessFunction> function)
    : KeyedOperator(inputs), output_(output), function_(std::move(function)) {}

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
