// Arithmetic on values: +, -, *, /, % and unary minus, over int, float, time and duration.
//
// Operands are not null. A result that does not fit its type is null, and the caller counts it.
// Not here: which types may meet (rules/binder), null operands (evaluate.cc).
#pragma once

#include "runtime/expression/expression.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Requires kAdd, kSubtract, kMultiply, kDivide or kModulo, and kinds that the operator joins.
[[nodiscard]] Value apply_arithmetic(Op op, const Value& left, const Value& right);

// Gives the value with the other sign.
[[nodiscard]] Value negate(const Value& value);

}  // namespace lymer::runtime
