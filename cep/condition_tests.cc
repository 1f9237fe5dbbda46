// Down through `and`, then one look at each part.
// Not here: what conditions are (cep/condition.h).
#include "cep/condition_tests.h"

#include <algorithm>
#include <utility>

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::TypeKind;
using runtime::Value;

std::optional<Compare> compare_of(Op op) {
  switch (op) {
    case Op::kEqual:
      return Compare::kEqual;
    case Op::kNotEqual:
      return Compare::kNotEqual;
    case Op::kLess:
      return Compare::kLess;
    case Op::kLessEqual:
      return Compare::kLessEqual;
    case Op::kGreater:
      return Compare::kGreater;
    case Op::kGreaterEqual:
      return Compare::kGreaterEqual;
    default:
      return std::nullopt;
  }
}

bool is_field(const Expression& expression) {
  return expression.op == Op::kField && FieldCells::has_cells(expression.type.kind);
}

// A constant that the field's own comparison takes as it stands.
bool fits(const Expression& constant, TypeKind kind) {
  return constant.op == Op::kConstant && constant.constant.kind() == kind;
}

std::optional<Comparison> truth_of(const Expression& expression, bool value) {
  if (expression.op != Op::kField || expression.type.kind != TypeKind::kBool) return std::nullopt;
  return Comparison{expression.slot, TypeKind::kBool, Compare::kEqual, {Value::of(value)}};
}

std::optional<Comparison> membership_in(const Expression& expression) {
  const Expression& list = expression.args[1];
  const TypeKind kind = expression.args[0].type.kind;
  if (list.op != Op::kConstant || list.constant.kind() != TypeKind::kList) return std::nullopt;
  Comparison made{expression.args[0].slot, kind, Compare::kEqual, {}};
  bool all_fit = true;
  list.constant.as_list().for_each([&](const Value& each) {
    all_fit = each.kind() == kind;
    made.constants.push_back(each);
    return all_fit;
  });
  if (!all_fit) return std::nullopt;
  return made;
}

std::optional<Comparison> comparison_in(const Expression& expression) {
  if (expression.op == Op::kField) return truth_of(expression, true);
  if (expression.op == Op::kNot) return truth_of(expression.args[0], false);
  if (expression.args.size() != 2 || !is_field(expression.args[0])) return std::nullopt;
  if (expression.op == Op::kInList) return membership_in(expression);
  const auto compare = compare_of(expression.op);
  const Expression& field = expression.args[0];
  if (!compare || !fits(expression.args[1], field.type.kind)) return std::nullopt;
  const bool is_equality = *compare == Compare::kEqual || *compare == Compare::kNotEqual;
  // Texts have cells, but no order among them.
  if (field.type.kind == TypeKind::kString && !is_equality) return std::nullopt;
  return Comparison{field.slot, field.type.kind, *compare, {expression.args[1].constant}};
}

void add(const Expression& expression, ConditionTests& tests) {
  if (expression.op == Op::kAnd) {
    for (const Expression& each : expression.args) add(each, tests);
  } else if (auto comparison = comparison_in(expression)) {
    tests.comparisons.push_back(std::move(*comparison));
  } else if (expression.op == Op::kMatches && expression.args[0].op == Op::kField) {
    tests.patterns.push_back(&expression);
  } else {
    tests.expressions.push_back(&expression);
  }
}

void add(const Condition& condition, runtime::SchemaId schema, ConditionTests& tests) {
  if (tests.never) return;  // Slots of another schema mean nothing here.
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    add(*parts.left, schema, tests);
    add(*parts.right, schema, tests);
  } else if (parts.schema) {
    tests.never = *parts.schema != schema;
  } else if (parts.key) {
    tests.keys = static_cast<std::uint16_t>(tests.keys | (1U << *parts.key));
  } else if (parts.expression != nullptr) {
    add(*parts.expression, tests);
  } else {
    tests.conditions.push_back(&condition);
  }
}

}  // namespace

ConditionTests take_apart(const Condition& condition, runtime::SchemaId schema) {
  ConditionTests tests;
  add(condition, schema, tests);
  if (tests.never) return {.never = true};
  return tests;
}

}  // namespace lymer::cep
