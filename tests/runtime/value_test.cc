// Values of each kind, their order, and the names of types.
// Not here: values in rows (row_test.cc) and arithmetic (tests/runtime/expression/).
#include "runtime/value.h"

#include <limits>

#include <gtest/gtest.h>

#include "runtime/row.h"

namespace lymer::runtime {
namespace {

constexpr auto kLess = std::partial_ordering::less;
constexpr auto kEqual = std::partial_ordering::equivalent;
constexpr auto kGreater = std::partial_ordering::greater;
constexpr auto kUnordered = std::partial_ordering::unordered;

struct List {
  explicit List(const std::vector<Value>& elements) {
    for (const Value& each : elements) {
      append_list_element(bytes, each);
      if (!each.is_null()) kind = each.kind();
    }
    count = static_cast<std::uint32_t>(elements.size());
  }
  [[nodiscard]] Value value() const { return Value::of(ListView(kind, count, bytes)); }

  std::vector<std::byte> bytes;
  TypeKind kind = TypeKind::kInt;
  std::uint32_t count = 0;
};

TEST(Value, HoldsEachKind) {
  EXPECT_TRUE(Value::null().is_null());
  EXPECT_TRUE(Value::of(true).as_bool());
  EXPECT_EQ(Value::of(std::int64_t{-3}).as_int(), -3);
  EXPECT_EQ(Value::of(2.5).as_float(), 2.5);
  EXPECT_EQ(Value::of("text").as_string(), "text");
  EXPECT_EQ(Value::of("text").kind(), TypeKind::kString);
  EXPECT_EQ(Value::json("{}").kind(), TypeKind::kJson);
  EXPECT_EQ(Value::of(*IpAddress::parse("::1")).as_ip().to_string(), "::1");
  EXPECT_EQ(Value::of(*IpNetwork::parse("10.0.0.0/8")).as_network().to_string(), "10.0.0.0/8");
  EXPECT_EQ(Value::of(EventTime::from_millis(5)).as_time(), EventTime::from_millis(5));
  EXPECT_EQ(Value::of(Duration::millis(5)).as_duration(), Duration::millis(5));
  EXPECT_EQ(List({Value::of(true)}).value().as_list().count(), 1U);
}

TEST(Value, IsTrueOnlyForAPresentTrue) {
  EXPECT_TRUE(Value::of(true).is_true());
  EXPECT_FALSE(Value::of(false).is_true());
  EXPECT_FALSE(Value::null().is_true());
  EXPECT_FALSE(Value::of(std::int64_t{1}).is_true());
}

TEST(Compare, OrdersWithinAKind) {
  EXPECT_EQ(compare(Value::of(std::int64_t{1}), Value::of(std::int64_t{2})), kLess);
  EXPECT_EQ(compare(Value::of("b"), Value::of("a")), kGreater);
  EXPECT_EQ(compare(Value::of("\xff"), Value::of("a")), kGreater);
  EXPECT_EQ(compare(Value::of(false), Value::of(true)), kLess);
  EXPECT_EQ(compare(Value::of(Duration::millis(1)), Value::of(Duration::millis(1))), kEqual);
}

TEST(Compare, ComparesIntAndFloatWithoutRounding) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr double kTwoTo63 = 9223372036854775808.0;
  EXPECT_EQ(compare(Value::of(kMax), Value::of(kTwoTo63)), kLess);
  EXPECT_EQ(compare(Value::of(kTwoTo63), Value::of(kMax)), kGreater);
  EXPECT_EQ(compare(Value::of(kMin), Value::of(-kTwoTo63)), kEqual);
  EXPECT_EQ(compare(Value::of(std::int64_t{9007199254740993}), Value::of(9007199254740992.0)),
            kGreater);
  EXPECT_EQ(compare(Value::of(std::int64_t{1}), Value::of(1.5)), kLess);
  EXPECT_EQ(compare(Value::of(std::int64_t{-1}), Value::of(-1.5)), kGreater);
  EXPECT_EQ(compare(Value::of(std::int64_t{2}), Value::of(2.0)), kEqual);
  EXPECT_EQ(compare(Value::of(kMax), Value::of(std::numeric_limits<double>::infinity())), kLess);
}

TEST(Compare, OrdersNoNan) {
  const Value nan = Value::of(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(compare(nan, nan), kUnordered);
  EXPECT_EQ(compare(nan, Value::of(std::int64_t{1})), kUnordered);
  EXPECT_EQ(compare(Value::of(1.0), nan), kUnordered);
}

TEST(Compare, FindsListsOnlyEqualOrNot) {
  const List one({Value::of(std::int64_t{1}), Value::null()});
  const List same({Value::of(std::int64_t{1}), Value::null()});
  const List other({Value::of(std::int64_t{1}), Value::of(std::int64_t{2})});
  const List shorter({Value::of(std::int64_t{1})});
  EXPECT_EQ(compare(one.value(), same.value()), kEqual);
  EXPECT_EQ(compare(one.value(), other.value()), kUnordered);
  EXPECT_EQ(compare(one.value(), shorter.value()), kUnordered);
}

TEST(ListView, StopsWhenTheVisitorHasEnough) {
  const List list({Value::of("a"), Value::null(), Value::of("c")});
  std::vector<std::string> seen;
  list.value().as_list().for_each([&](const Value& element) {
    seen.push_back(element.is_null() ? "null" : std::string(element.as_string()));
    return seen.size() < 2;
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "null"}));
}

TEST(Type, IsNamedAsRuleFilesWriteIt) {
  EXPECT_EQ(to_string(Type{TypeKind::kInt}), "int");
  EXPECT_EQ(to_string(Type{TypeKind::kDuration}), "duration");
  EXPECT_EQ(to_string(Type::list_of(TypeKind::kString)), "[string]");
}

}  // namespace
}  // namespace lymer::runtime
