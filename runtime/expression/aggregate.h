// Aggregates over the rows of a history: first, last, count, sum, avg, min, max.
//
// Nulls are left out; over nothing count is 0 and all others are null. The sum of ints is an int
// and null on overflow; avg is a float.
#pragma once

#include "runtime/expression/expression.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Requires a node of kind kFirst ... kMax and a context with histories.
[[nodiscard]] Value evaluate_aggregate(const Expression& expression, EvaluationContext& context);

}  // namespace lymer::runtime
