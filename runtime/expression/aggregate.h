// Aggregates over the rows of a history: first, last, count, sum, avg, min, max.
//
// Nulls are left out, but by first and last, which choose a row and give what it holds; over
// nothing count is 0 and all others are null. The sum of ints is an int and null on overflow; avg
// is a float. Each can be worked out row by row, so histories that grow may keep what the rows so
// far have come to (Histories::kept) instead of being walked each time.
#pragma once

#include <cstdint>

#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/value.h"

namespace lymer::runtime {

[[nodiscard]] constexpr bool is_aggregate(Op op) { return op >= Op::kFirst && op <= Op::kMax; }
// Tells whether the aggregate is the value of one of its rows.
[[nodiscard]] constexpr bool is_choice(Op op) {
  return op == Op::kFirst || op == Op::kLast || op == Op::kMin || op == Op::kMax;
}

// What the rows of a history, up to some row, have come to.
struct Accumulator {
  std::int64_t rows = 0;     // All of them.
  std::int64_t counted = 0;  // Those whose value is not null.
  Value sum;                 // Of sum and avg.
  // Which row first, last, min or max chose, by the caller's numbers; if any was.
  std::uint32_t chosen = 0;
  bool out_of_range = false;  // The sum has left the range of its type, for good.
};

// Adds one more row, which the caller calls `number`; `next` is the aggregate's argument there, and
// `chosen` what it is in the row that so_far.chosen names, which matters to min and max alone.
// Requires kFirst ... kMax.
void accumulate(Op op, Accumulator& so_far, const Value& next, std::uint32_t number,
                const Value& chosen);

// Yields the value of the aggregate; `chosen` as above, for first and last too.
[[nodiscard]] Value result_of(Op op, const Accumulator& accumulator, const Value& chosen,
                              EvaluationContext& context);

// Evaluates the aggregate's argument on a row of its history; null for count, which has none.
[[nodiscard]] Value argument_on(const Expression& aggregate, const RowView& row,
                                EvaluationContext& context);

// Requires a node of kind kFirst ... kMax and a context with histories. Takes what the histories
// have kept, or walks all rows.
[[nodiscard]] Value evaluate_aggregate(const Expression& expression, EvaluationContext& context);

}  // namespace lymer::runtime
