// One pass over the history, with the row of the context switched for each element.
// Not here: where histories come from (cep/match_history.h).
#include "runtime/expression/aggregate.h"

#include <compare>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/expression/arithmetic.h"

namespace lymer::runtime {
namespace {

Value on_row(const Expression& expression, std::size_t index, EvaluationContext& context) {
  const RowView here =
      std::exchange(context.row, context.histories->row(expression.history, index));
  const Value value = evaluate(expression.args[0], context);
  context.row = here;
  return value;
}

Value fold(Op op, const Value& so_far, const Value& next) {
  if (so_far.is_null()) return next;
  switch (op) {
    case Op::kMin:
      return compare(next, so_far) == std::partial_ordering::less ? next : so_far;
    case Op::kMax:
      return compare(next, so_far) == std::partial_ordering::greater ? next : so_far;
    default:
      return apply_arithmetic(Op::kAdd, so_far, next);
  }
}

Value average(const Value& sum, std::int64_t count) {
  if (sum.kind() == TypeKind::kDuration) {
    return apply_arithmetic(Op::kDivide, sum, Value::of(count));
  }
  const double total =
      sum.kind() == TypeKind::kFloat ? sum.as_float() : static_cast<double>(sum.as_int());
  return Value::of(total / static_cast<double>(count));
}

}  // namespace

Value evaluate_aggregate(const Expression& expression, EvaluationContext& context) {
  LYMER_CHECK(context.histories != nullptr, "an aggregate without histories");
  const std::size_t rows = context.histories->count(expression.history);
  if (expression.op == Op::kCount) return Value::of(static_cast<std::int64_t>(rows));
  if (rows == 0) return Value::null();
  if (expression.op == Op::kFirst) return on_row(expression, 0, context);
  if (expression.op == Op::kLast) return on_row(expression, rows - 1, context);
  Value folded;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const Value next = on_row(expression, i, context);
    if (next.is_null()) continue;
    ++count;
    folded = fold(expression.op, folded, next);
    if (folded.is_null()) {  // The sum has left the range.
      ++context.errors;
      return folded;
    }
  }
  if (count == 0 || expression.op != Op::kAvg) return folded;
  return average(folded, count);
}

}  // namespace lymer::runtime
