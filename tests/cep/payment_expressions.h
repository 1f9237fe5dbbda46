// Expressions over payments and over those that a partial match took before, by stage.
// Not here: what expressions mean (tests/runtime/expression/).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cep/condition.h"
#include "runtime/expression/expression.h"
#include "tests/cep/payments.h"

namespace lymer::cep {

using runtime::Expression;

inline constexpr runtime::Slot kPayerSlot = 0;
inline constexpr runtime::Slot kKindSlot = 1;
inline constexpr runtime::Slot kAmountSlot = 2;

inline Expression node(runtime::Op op, std::vector<Expression> args,
                       runtime::Type type = support::kInteger) {
  return Expression{.op = op, .type = type, .args = std::move(args)};
}
inline Expression constant(std::int64_t number) {
  return runtime::make_constant(support::kInteger, runtime::Value::of(number));
}
inline Expression constant(const std::string& text) {
  return runtime::make_constant(support::kText, runtime::Value::of(text));
}
inline Expression payer() { return {.op = runtime::Op::kField, .type = support::kText}; }
inline Expression kind() {
  return {.op = runtime::Op::kField, .type = support::kText, .slot = kKindSlot};
}
inline Expression amount() {
  return {.op = runtime::Op::kField, .type = support::kInteger, .slot = kAmountSlot};
}

// kFirst ... kMax but kCount over the events of a stage.
inline Expression over(runtime::Op op, Expression argument, runtime::HistoryIndex stage) {
  Expression made = node(op, {}, argument.type);
  if (op == runtime::Op::kAvg) made.type = {.kind = runtime::TypeKind::kFloat};
  made.args = {std::move(argument)};
  made.history = stage;
  return made;
}
inline Expression last_amount(runtime::HistoryIndex stage) {
  return over(runtime::Op::kLast, amount(), stage);
}
inline Expression count_of(runtime::HistoryIndex stage) {
  Expression made = node(runtime::Op::kCount, {});
  made.history = stage;
  return made;
}

inline ConditionRef holds(Expression condition) {
  condition.type = {.kind = runtime::TypeKind::kBool};
  return expression_condition(std::move(condition), "a condition");
}
// Of this kind, and the condition holds.
inline ConditionRef of_kind(const std::string& name) {
  return holds(node(runtime::Op::kEqual, {kind(), constant(name)}));
}
inline ConditionRef of_kind(const std::string& name, Expression condition) {
  return both_conditions(of_kind(name), holds(std::move(condition)));
}

}  // namespace lymer::cep
