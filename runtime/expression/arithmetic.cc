// Integers by the compiler's overflow-checked builtins; times and durations ride on them.
// Not here: sums over histories (aggregate.cc).
#include "runtime/expression/arithmetic.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

std::optional<std::int64_t> apply_int(Op op, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      return __builtin_add_overflow(left, right, &result) ? std::nullopt : std::optional(result);
    case Op::kSubtract:
      return __builtin_sub_overflow(left, right, &result) ? std::nullopt : std::optional(result);
    case Op::kMultiply:
      return __builtin_mul_overflow(left, right, &result) ? std::nullopt : std::optional(result);
    case Op::kDivide:
    case Op::kModulo:
      if (right == 0) return std::nullopt;
      // The one quotient that does not fit.
      if (left == std::numeric_limits<std::int64_t>::min() && right == -1) {
        return op == Op::kModulo ? std::optional<std::int64_t>(0) : std::nullopt;
      }
      return op == Op::kDivide ? left / right : left % right;
    default:
      check_failed("an arithmetic operator", "apply_int");
  }
}

Value apply_float(Op op, double left, double right) {
  switch (op) {
    case Op::kAdd:
      return Value::of(left + right);
    case Op::kSubtract:
      return Value::of(left - right);
    case Op::kMultiply:
      return Value::of(left * right);
    case Op::kDivide:
      return right == 0.0 ? Value::null() : Value::of(left / right);
    case Op::kModulo:
      return right == 0.0 ? Value::null() : Value::of(std::fmod(left, right));
    default:
      check_failed("an arithmetic operator", "apply_float");
  }
}

// The 64-bit number that int, time and duration hold.
std::int64_t integer_of(const Value& value) {
  if (value.kind() == TypeKind::kTime) return value.as_time().to_millis();
  if (value.kind() == TypeKind::kDuration) return value.as_duration().to_millis();
  return value.as_int();
}

double number_of(const Value& value) {
  return value.kind() == TypeKind::kFloat ? value.as_float() : static_cast<double>(value.as_int());
}

// time - time is a duration; a time with anything else stays a time, and so does a duration.
TypeKind result_kind(const Value& left, const Value& right) {
  const bool left_time = left.kind() == TypeKind::kTime;
  const bool right_time = right.kind() == TypeKind::kTime;
  if (left_time && right_time) return TypeKind::kDuration;
  if (left_time || right_time) return TypeKind::kTime;
  if (left.kind() == TypeKind::kDuration || right.kind() == TypeKind::kDuration) {
    return TypeKind::kDuration;
  }
  return TypeKind::kInt;
}

Value make_integer(TypeKind kind, std::int64_t number) {
  if (kind == TypeKind::kTime) return Value::of(EventTime::from_millis(number));
  if (kind == TypeKind::kDuration) return Value::of(Duration::millis(number));
  return Value::of(number);
}

}  // namespace

Value apply_arithmetic(Op op, const Value& left, const Value& right) {
  if (left.kind() == TypeKind::kFloat || right.kind() == TypeKind::kFloat) {
    return apply_float(op, number_of(left), number_of(right));
  }
  const auto number = apply_int(op, integer_of(left), integer_of(right));
  if (!number) return Value::null();
  return make_integer(result_kind(left, right), *number);
}

Value negate(const Value& value) {
  if (value.kind() == TypeKind::kFloat) return Value::of(-value.as_float());
  const auto number = apply_int(Op::kSubtract, 0, integer_of(value));
  return number ? make_integer(value.kind(), *number) : Value::null();
}

}  // namespace lymer::runtime
