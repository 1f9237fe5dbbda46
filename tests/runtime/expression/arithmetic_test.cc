// Arithmetic at the edges: overflow, zero, the one quotient that does not fit, times and durations.
// Not here: nulls as operands (tests/runtime/expression/evaluate_test.cc).
#include "runtime/expression/arithmetic.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

Value whole(std::int64_t number) { return Value::of(number); }

std::int64_t on_ints(Op op, std::int64_t left, std::int64_t right) {
  return apply_arithmetic(op, whole(left), whole(right)).as_int();
}

bool is_null(Op op, const Value& left, const Value& right) {
  return apply_arithmetic(op, left, right).is_null();
}

double on_floats(Op op, const Value& left, const Value& right) {
  return apply_arithmetic(op, left, right).as_float();
}

TEST(Arithmetic, CountsWithInts) {
  EXPECT_EQ(on_ints(Op::kAdd, 7, -9), -2);
  EXPECT_EQ(on_ints(Op::kSubtract, 7, 9), -2);
  EXPECT_EQ(on_ints(Op::kMultiply, 7, -9), -63);
}

TEST(Arithmetic, DividesIntsTowardZero) {
  EXPECT_EQ(on_ints(Op::kDivide, 7, 2), 3);
  EXPECT_EQ(on_ints(Op::kDivide, -7, 2), -3);
  EXPECT_EQ(on_ints(Op::kModulo, -7, 2), -1);
  EXPECT_EQ(on_ints(Op::kModulo, 7, -2), 1);
}

TEST(Arithmetic, IsNullWhereAnIntDoesNotFit) {
  EXPECT_TRUE(is_null(Op::kAdd, whole(kMost), whole(1)));
  EXPECT_TRUE(is_null(Op::kSubtract, whole(kLeast), whole(1)));
  EXPECT_TRUE(is_null(Op::kMultiply, whole(kMost), whole(2)));
  EXPECT_TRUE(is_null(Op::kDivide, whole(kLeast), whole(-1)));
  EXPECT_EQ(on_ints(Op::kModulo, kLeast, -1), 0);
}

TEST(Arithmetic, IsNullWhenDividingByZero) {
  EXPECT_TRUE(is_null(Op::kDivide, whole(1), whole(0)));
  EXPECT_TRUE(is_null(Op::kModulo, whole(1), whole(0)));
  EXPECT_TRUE(is_null(Op::kDivide, Value::of(1.0), Value::of(0.0)));
  EXPECT_TRUE(is_null(Op::kModulo, Value::of(1.0), Value::of(-0.0)));
}

TEST(Arithmetic, WidensAnIntBesideAFloat) {
  EXPECT_DOUBLE_EQ(on_floats(Op::kAdd, whole(1), Value::of(0.5)), 1.5);
  EXPECT_DOUBLE_EQ(on_floats(Op::kSubtract, Value::of(0.5), whole(1)), -0.5);
  EXPECT_DOUBLE_EQ(on_floats(Op::kMultiply, Value::of(0.5), Value::of(0.5)), 0.25);
  EXPECT_DOUBLE_EQ(on_floats(Op::kDivide, whole(1), Value::of(4.0)), 0.25);
  EXPECT_DOUBLE_EQ(on_floats(Op::kModulo, Value::of(5.5), whole(2)), 1.5);
}

TEST(Arithmetic, MovesTimesByDurations) {
  const Value time = Value::of(ms(1000));
  const Value length = Value::of(Duration::millis(300));
  EXPECT_EQ(apply_arithmetic(Op::kAdd, time, length).as_time(), ms(1300));
  EXPECT_EQ(apply_arithmetic(Op::kAdd, length, time).as_time(), ms(1300));
  EXPECT_EQ(apply_arithmetic(Op::kSubtract, time, length).as_time(), ms(700));
  EXPECT_EQ(apply_arithmetic(Op::kSubtract, time, Value::of(ms(1))).as_duration(),
            Duration::millis(999));
}

TEST(Arithmetic, CountsWithDurations) {
  const Value length = Value::of(Duration::millis(300));
  EXPECT_EQ(apply_arithmetic(Op::kAdd, length, length).as_duration(), Duration::millis(600));
  EXPECT_EQ(apply_arithmetic(Op::kMultiply, length, whole(3)).as_duration(), Duration::millis(900));
  EXPECT_EQ(apply_arithmetic(Op::kMultiply, whole(3), length).as_duration(), Duration::millis(900));
  EXPECT_EQ(apply_arithmetic(Op::kDivide, length, whole(4)).as_duration(), Duration::millis(75));
}

TEST(Arithmetic, IsNullWhereATimeDoesNotFit) {
  EXPECT_TRUE(is_null(Op::kAdd, Value::of(EventTime::max()), Value::of(Duration::millis(1))));
  EXPECT_TRUE(is_null(Op::kSubtract, Value::of(EventTime::max()), Value::of(EventTime::min())));
}

TEST(Arithmetic, ChangesTheSign) {
  EXPECT_EQ(negate(whole(5)).as_int(), -5);
  EXPECT_DOUBLE_EQ(negate(Value::of(1.5)).as_float(), -1.5);
  EXPECT_EQ(negate(Value::of(Duration::millis(5))).as_duration(), Duration::millis(-5));
  EXPECT_TRUE(negate(whole(kLeast)).is_null());
}

TEST(ArithmeticDeathTest, RefusesOtherOperators) {
  EXPECT_DEATH((void)apply_arithmetic(Op::kAnd, whole(1), whole(1)), "an arithmetic operator");
}

}  // namespace
}  // namespace lymer::runtime
