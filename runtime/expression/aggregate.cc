// One step a row, the same whether the rows are walked or the steps were made as they came.
// Not here: where histories come from (cep/match_history.h).
#include "runtime/expression/aggregate.h"

#include <compare>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/expression/arithmetic.h"

namespace lymer::runtime {
namespace {

// Tells whether min or max prefers the next value to the one chosen before.
bool is_better(Op op, const Value& next, const Value& chosen) {
  const std::partial_ordering order = compare(next, chosen);
  return order == (op == Op::kMin ? std::partial_ordering::less : std::partial_ordering::greater);
}

Value average(const Value& sum, std::int64_t count) {
  if (sum.kind() == TypeKind::kDuration) {
    return apply_arithmetic(Op::kDivide, sum, Value::of(count));
  }
  const double total =
      sum.kind() == TypeKind::kFloat ? sum.as_float() : static_cast<double>(sum.as_int());
  return Value::of(total / static_cast<double>(count));
}

// What first and last choose may be null, what min and max choose may not.
bool chooses(Op op, const Accumulator& so_far, const Value& next, const Value& chosen) {
  if (op == Op::kFirst) return so_far.counted == 0;
  if (op == Op::kLast) return true;
  return !next.is_null() && (so_far.counted == 0 || is_better(op, next, chosen));
}

void add_to_sum(Accumulator& so_far, const Value& next) {
  if (so_far.out_of_range || next.is_null()) return;
  so_far.sum = so_far.counted == 0 ? next : apply_arithmetic(Op::kAdd, so_far.sum, next);
  so_far.out_of_range = so_far.sum.is_null();
  ++so_far.counted;
}

// Histories that keep nothing are walked; first and last look at one row.
Value walk(const Expression& expression, EvaluationContext& context) {
  Histories& histories = *context.histories;
  const std::size_t rows = histories.count(expression.history);
  if (expression.op == Op::kCount) return Value::of(static_cast<std::int64_t>(rows));
  if (rows == 0) return Value::null();
  const std::size_t begin = expression.op == Op::kLast ? rows - 1 : 0;
  const std::size_t end = expression.op == Op::kFirst ? 1 : rows;
  Accumulator so_far;
  Value chosen;
  for (std::size_t i = begin; i < end && !so_far.out_of_range; ++i) {
    const Value next = argument_on(expression, histories.row(expression.history, i), context);
    const auto number = static_cast<std::uint32_t>(i);
    accumulate(expression.op, so_far, next, number, chosen);
    if (so_far.chosen == number) chosen = next;
  }
  return result_of(expression.op, so_far, chosen, context);
}

}  // namespace

Value argument_on(const Expression& aggregate, const RowView& row, EvaluationContext& context) {
  if (aggregate.op == Op::kCount) return Value::null();
  const RowView here = std::exchange(context.row, row);
  const Value value = evaluate(aggregate.args[0], context);
  context.row = here;
  return value;
}

void accumulate(Op op, Accumulator& so_far, const Value& next, std::uint32_t number,
                const Value& chosen) {
  ++so_far.rows;
  if (op == Op::kCount) return;
  if (op == Op::kSum || op == Op::kAvg) {
    add_to_sum(so_far, next);
    return;
  }
  if (!chooses(op, so_far, next, chosen)) return;
  ++so_far.counted;
  so_far.chosen = number;
}

Value result_of(Op op, const Accumulator& accumulator, const Value& chosen,
                EvaluationContext& context) {
  if (op == Op::kCount) return Value::of(accumulator.rows);
  if (accumulator.out_of_range) ++context.errors;
  if (accumulator.out_of_range || accumulator.counted == 0) return Value::null();
  if (op == Op::kSum) return accumulator.sum;
  if (op == Op::kAvg) return average(accumulator.sum, accumulator.counted);
  return chosen;
}

Value evaluate_aggregate(const Expression& expression, EvaluationContext& context) {
  LYMER_CHECK(context.histories != nullptr, "an aggregate without histories");
  // Inside any() and all() its argument may depend on the element at hand.
  if (context.elements.empty()) {
    if (const auto kept = context.histories->kept(expression, context)) return *kept;
  }
  return walk(expression, context);
}

}  // namespace lymer::runtime
