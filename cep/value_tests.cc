// Conjunctions fall apart; a comparison does if its sides read different things.
// Not here: conditions on the event alone (cep/condition_tests.cc).
#include "cep/value_tests.h"

#include <algorithm>

#include "runtime/expression/aggregate.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;

bool is_comparison(Op op) { return op >= Op::kEqual && op <= Op::kGreaterEqual; }

// The same comparison with its sides exchanged.
Op mirrored(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessEqual:
      return Op::kGreaterEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterEqual:
      return Op::kLessEqual;
    default:
      return op;
  }
}

bool reads_event(const Expression& expression) {
  if (expression.op == Op::kField) return true;
  if (runtime::is_aggregate(expression.op)) return false;
  return std::ranges::any_of(expression.args, reads_event);
}

void take_apart(const Expression& expression, std::vector<ValueTest>& tests) {
  if (expression.op == Op::kAnd) {
    for (const Expression& each : expression.args) take_apart(each, tests);
    return;
  }
  ValueTest test{.kind = ValueTest::Kind::kWhole, .expression = &expression};
  if (!runtime::reads_histories(expression)) test.kind = ValueTest::Kind::kEvent;
  if (test.kind == ValueTest::Kind::kWhole && is_comparison(expression.op)) {
    const Expression& left = expression.args[0];
    const Expression& right = expression.args[1];
    const bool is_mirrored = reads_event(right);
    const Expression& of_event = is_mirrored ? right : left;
    const Expression& of_values = is_mirrored ? left : right;
    if (!runtime::reads_histories(of_event) && !reads_event(of_values)) {
      test.kind = ValueTest::Kind::kComparison;
      test.expression = &of_event;
      test.kept = &of_values;
      test.op = is_mirrored ? mirrored(expression.op) : expression.op;
    }
  }
  tests.push_back(test);
}

void take_apart(const Condition& condition, std::vector<ValueTest>& tests) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    take_apart(*parts.left, tests);
    take_apart(*parts.right, tests);
  } else if (parts.expression != nullptr) {
    take_apart(*parts.expression, tests);
  } else {
    tests.push_back({.kind = ValueTest::Kind::kCondition, .condition = &condition});
  }
}

}  // namespace

std::vector<ValueTest> take_values_apart(const Condition& condition) {
  std::vector<ValueTest> tests;
  take_apart(condition, tests);
  return tests;
}

}  // namespace lymer::cep
