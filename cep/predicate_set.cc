// Taking conditions apart once; then loops over small arrays for each event.
// Not here: when events are tested (cep/pattern_operator.cc).
#include "cep/predicate_set.h"

#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::TypeKind;

constexpr std::size_t kMaxBits = 64;

// Conditions here read no histories, so none is ever asked for.
class NoHistories final : public runtime::Histories {
 public:
  std::size_t count(runtime::HistoryIndex) override { return 0; }
  runtime::RowView row(runtime::HistoryIndex, std::size_t) override { return {}; }
};

std::size_t count_parts(const Expression& expression) {
  if (expression.op != Op::kAnd) return 1;
  std::size_t count = 0;
  for (const Expression& each : expression.args) count += count_parts(each);
  return count;
}

// The tests that a condition is taken apart into, at most.
std::size_t count_parts(const Condition& condition) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) return count_parts(*parts.left) + count_parts(*parts.right);
  if (parts.expression != nullptr) return count_parts(*parts.expression);
  return parts.schema || parts.key ? 0 : 1;
}

bool is_fixed_integer(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kTime || kind == TypeKind::kDuration ||
         kind == TypeKind::kBool;
}

std::int64_t integer_of(const runtime::Value& value) {
  switch (value.kind()) {
    case TypeKind::kTime:
      return value.as_time().to_millis();
    case TypeKind::kDuration:
      return value.as_duration().to_millis();
    case TypeKind::kBool:
      return value.as_bool() ? 1 : 0;
    default:
      return value.as_int();
  }
}

template <typename Number, typename Compare>
bool holds(Number left, Compare compare, Number right) {
  switch (compare) {
    case Compare::kEqual:
      return left == right;
    case Compare::kNotEqual:
      return left != right;
    case Compare::kLess:
      return left < right;
    case Compare::kLessEqual:
      return left <= right;
    case Compare::kGreater:
      return left > right;
    case Compare::kGreaterEqual:
      return left >= right;
  }
  return false;
}

}  // namespace

PredicateSet::PredicateSet(const std::vector<const Condition*>& conditions,
                           runtime::SchemaId schema_id, const runtime::Schema& schema)
    : schema_id_(schema_id),
      schema_(schema),
      conjunctions_(conditions.size()),
      errors_(conditions.size()) {
  LYMER_CHECK_LE(conditions.size(), kMaxConditions);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    // Every condition behind this one gets a bit at least.
    const std::size_t behind = conditions.size() - i - 1;
    if (bits_ + count_parts(*conditions[i]) + behind <= kMaxBits) {
      take_apart(*conditions[i], i);
    } else {
      add_whole(*conditions[i], i);
    }
  }
  for (WholeTest& each : wholes_) {
    each.after = conjunctions_[each.owner].tests & (each.bit - 1);
  }
}

std::uint64_t PredicateSet::new_bit() {
  LYMER_CHECK_LT(bits_, kMaxBits);
  return std::uint64_t{1} << bits_++;
}

// Adds a test unless the same one is there, and makes the condition need it.
template <typename Test, typename Same>
void PredicateSet::share(std::vector<Test>& tests, Test test, std::size_t owner, Same same) {
  for (const Test& each : tests) {
    if (!same(each)) continue;
    conjunctions_[owner].tests |= each.bit;
    return;
  }
  test.bit = new_bit();
  conjunctions_[owner].tests |= test.bit;
  tests.push_back(std::move(test));
}

void PredicateSet::take_apart(const Condition& condition, std::size_t owner) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    take_apart(*parts.left, owner);
    take_apart(*parts.right, owner);
  } else if (parts.schema) {
    conjunctions_[owner].never |= *parts.schema != schema_id_;
  } else if (parts.key) {
    conjunctions_[owner].keys =
        static_cast<std::uint16_t>(conjunctions_[owner].keys | (1U << *parts.key));
  } else if (conjunctions_[owner].never) {
    return;  // Slots of another schema mean nothing here.
  } else if (parts.expression != nullptr) {
    add_expression(*parts.expression, owner);
  } else {
    add_whole(condition, owner);
  }
}

void PredicateSet::add_expression(const Expression& expression, std::size_t owner) {
  if (expression.op == Op::kAnd) {
    for (const Expression& each : expression.args) add_expression(each, owner);
  } else if (!add_simple(expression, owner)) {
    made_.push_back(expression_condition(expression, {}));
    add_whole(*made_.back(), owner);
  }
}

void PredicateSet::add_whole(const Condition& condition, std::size_t owner) {
  const std::uint64_t bit = new_bit();
  conjunctions_[owner].tests |= bit;
  wholes_.push_back({.condition = &condition, .owner = owner, .after = 0, .bit = bit});
}

bool PredicateSet::add_simple(const Expression& expression, std::size_t owner) {
  const auto is_bool_field = [](const Expression& each) {
    return each.op == Op::kField && each.type.kind == TypeKind::kBool;
  };
  const bool negated = expression.op == Op::kNot && is_bool_field(expression.args[0]);
  if (!negated && !is_bool_field(expression)) return add_comparison(expression, owner);
  const runtime::Slot slot = negated ? expression.args[0].slot : expression.slot;
  const IntTest test{.slot = slot, .constant = negated ? 0 : 1};
  share(ints_, test, owner, [&](const IntTest& each) {
    return each.slot == test.slot && each.compare == test.compare && each.constant == test.constant;
  });
  return true;
}

bool PredicateSet::add_comparison(const Expression& expression, std::size_t owner) {
  static constexpr std::pair<Op, Compare> kCompares[] = {
      {Op::kEqual, Compare::kEqual},     {Op::kNotEqual, Compare::kNotEqual},
      {Op::kLess, Compare::kLess},       {Op::kLessEqual, Compare::kLessEqual},
      {Op::kGreater, Compare::kGreater}, {Op::kGreaterEqual, Compare::kGreaterEqual}};
  std::optional<Compare> compare;
  for (const auto& [op, meant] : kCompares) {
    if (expression.op == op) compare = meant;
  }
  if (!compare) return false;
  const Expression& field = expression.args[0];
  const Expression& constant = expression.args[1];
  if (field.op != Op::kField || constant.op != Op::kConstant || constant.constant.is_null()) {
    return false;
  }
  const TypeKind kind = field.type.kind;
  if (constant.constant.kind() != kind) return false;
  if (is_fixed_integer(kind)) {
    const IntTest test{
        .slot = field.slot, .compare = *compare, .constant = integer_of(constant.constant)};
    share(ints_, test, owner, [&](const IntTest& each) {
      return each.slot == test.slot && each.compare == test.compare &&
             each.constant == test.constant;
    });
    return true;
  }
  if (kind == TypeKind::kFloat) {
    const FloatTest test{
        .slot = field.slot, .compare = *compare, .constant = constant.constant.as_float()};
    share(floats_, test, owner, [&](const FloatTest& each) {
      return each.slot == test.slot && each.compare == test.compare &&
             std::bit_cast<std::uint64_t>(each.constant) ==
                 std::bit_cast<std::uint64_t>(test.constant);
    });
    return true;
  }
  const bool is_equality = *compare == Compare::kEqual || *compare == Compare::kNotEqual;
  if (kind != TypeKind::kString || !is_equality) return false;
  TextTest test{.slot = field.slot,
                .equal = *compare == Compare::kEqual,
                .constant = std::string(constant.constant.as_string())};
  share(texts_, test, owner, [&](const TextTest& each) {
    return each.slot == test.slot && each.equal == test.equal && each.constant == test.constant;
  });
  return true;
}

std::uint64_t PredicateSet::test(const runtime::RowView& row, EventTime time,
                                 std::uint16_t key_mask) {
  std::uint64_t held = 0;
  for (const IntTest& each : ints_) {
    const auto value = static_cast<std::int64_t>(row.fixed(each.slot));
    const bool is_held = holds(value, each.compare, each.constant) && !row.is_null(each.slot);
    held |= is_held ? each.bit : 0;
  }
  for (const FloatTest& each : floats_) {
    const auto value = std::bit_cast<double>(row.fixed(each.slot));
    const bool is_held = holds(value, each.compare, each.constant) && !row.is_null(each.slot);
    held |= is_held ? each.bit : 0;
  }
  for (const TextTest& each : texts_) {
    const runtime::Value value = row.get(each.slot, {TypeKind::kString});
    if (!value.is_null() && (value.as_string() == each.constant) == each.equal) held |= each.bit;
  }
  for (const WholeTest& each : wholes_) {
    if ((held & each.after) != each.after) continue;
    NoHistories histories;
    ConditionContext context{.row = row,
                             .time = time,
                             .schema = schema_id_,
                             .key_mask = key_mask,
                             .histories = histories,
                             .scratch = scratch_};
    if (each.condition->test(context)) held |= each.bit;
    errors_[each.owner] += context.errors;
  }
  std::uint64_t answers = 0;
  for (std::size_t i = 0; i < conjunctions_.size(); ++i) {
    const Conjunction& each = conjunctions_[i];
    const bool is_held =
        (held & each.tests) == each.tests && (key_mask & each.keys) == each.keys && !each.never;
    answers |= is_held ? std::uint64_t{1} << i : 0;
  }
  return answers;
}

}  // namespace lymer::cep
