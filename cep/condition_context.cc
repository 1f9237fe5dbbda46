// Questions of conditions, answered by the event at hand and by the rule's stages.
// Not here: names to numbers (cep/stage_events.cc).
#include "cep/condition_context.h"

#include "cep/stage_events.h"
#include "runtime/base/check.h"

namespace lymer::cep {

using runtime::Op;
using runtime::Value;

EventView ConditionContext::event() const {
  LYMER_CHECK(layout != nullptr, "an event without a schema");
  return {time, row, *layout};
}

EventTime ConditionContext::processing_time() const {
  LYMER_CHECK(clock != nullptr, "the time was asked of an operator that was not opened");
  return clock->now();
}

std::vector<EventView> ConditionContext::events(std::string_view stage) const {
  if (taken == nullptr) return {};
  return taken->events(stage);
}

Value ConditionContext::aggregate(Op op, std::string_view stage, std::string_view field) {
  if (taken == nullptr) return op == Op::kCount ? Value::of(std::int64_t{0}) : Value::null();
  runtime::EvaluationContext context{.row = row, .histories = &histories, .scratch = scratch};
  const Value value = taken->aggregate(op, stage, field, context);
  errors += context.errors;
  return value;
}

std::size_t ConditionContext::count(std::string_view stage) {
  return static_cast<std::size_t>(aggregate(Op::kCount, stage, {}).as_int());
}

Value ConditionContext::first(std::string_view stage, std::string_view field) {
  return aggregate(Op::kFirst, stage, field);
}

Value ConditionContext::last(std::string_view stage, std::string_view field) {
  return aggregate(Op::kLast, stage, field);
}

Value ConditionContext::sum(std::string_view stage, std::string_view field) {
  return aggregate(Op::kSum, stage, field);
}

Value ConditionContext::avg(std::string_view stage, std::string_view field) {
  return aggregate(Op::kAvg, stage, field);
}

Value ConditionContext::min(std::string_view stage, std::string_view field) {
  return aggregate(Op::kMin, stage, field);
}

Value ConditionContext::max(std::string_view stage, std::string_view field) {
  return aggregate(Op::kMax, stage, field);
}

}  // namespace lymer::cep
