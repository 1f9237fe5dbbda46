// Trees as such: constants that own their bytes, what a tree needs, scratch that is used again.
// Not here: values of trees (tests/runtime/expression/evaluate_test.cc).
#include "runtime/expression/expression.h"

#include <gtest/gtest.h>

#include "tests/runtime/expression/nodes.h"

namespace lymer::runtime {
namespace {

TEST(Expression, OwnsTheTextOfAConstant) {
  Expression made;
  {
    const std::string text = "a text that is too long to be kept inside a string object";
    made = make_constant(support::kText, Value::of(text));
  }
  const Expression copy = made;
  made = Expression();
  EXPECT_EQ(told(copy), "\"a text that is too long to be kept inside a string object\"");
}

TEST(Expression, OwnsTheElementsOfAConstantList) {
  const Expression copy = list(TypeKind::kString, {"one", support::kNull, "three"});
  EXPECT_EQ(told(copy), R"(["one",null,"three"])");
}

TEST(Expression, KeepsJsonAsJson) {
  const std::string json = R"({"a":1})";
  EXPECT_EQ(told(make_constant({TypeKind::kJson}, Value::json(json))), json);
}

TEST(Expression, KnowsWhetherItReadsHistories) {
  const Expression count{.op = Op::kCount, .type = support::kInteger};
  EXPECT_TRUE(reads_histories(count));
  EXPECT_TRUE(reads_histories(node(Op::kGreater, {count, constant(1)})));
  EXPECT_FALSE(reads_histories(node(Op::kGreater, {field(0, support::kInteger), constant(1)})));
}

TEST(Expression, KnowsWhetherItIsConstant) {
  EXPECT_TRUE(is_constant(node(Op::kAdd, {constant(1), constant(2)})));
  EXPECT_FALSE(is_constant(node(Op::kAdd, {constant(1), field(0, support::kInteger)})));
  EXPECT_FALSE(is_constant(Expression{.op = Op::kElement, .type = {}}));
  EXPECT_FALSE(is_constant(Expression{.op = Op::kCount, .type = {}}));
}

TEST(Expression, HasAFingerprintThatTellsMeaningsApart) {
  const auto print = [](const support::Cell& value, Slot slot, Op op) {
    return fingerprint(node(op, {field(slot, support::kInteger), constant(value)}));
  };
  EXPECT_EQ(print(1, 0, Op::kLess), print(1, 0, Op::kLess));
  EXPECT_EQ(print("a", 0, Op::kEqual), print("a", 0, Op::kEqual));
  EXPECT_NE(print(1, 0, Op::kLess), print(2, 0, Op::kLess));
  EXPECT_NE(print(1, 0, Op::kLess), print(1, 1, Op::kLess));
  EXPECT_NE(print(1, 0, Op::kLess), print(1, 0, Op::kGreater));
  EXPECT_NE(print("a", 0, Op::kEqual), print("b", 0, Op::kEqual));
  EXPECT_NE(print(1, 0, Op::kEqual), print(1.0, 0, Op::kEqual));
}

TEST(Scratch, GivesEmptyStringsThatStayWhereTheyAre) {
  Scratch scratch;
  std::string& first = scratch.next();
  first = "first";
  for (int i = 0; i < 100; ++i) scratch.next() = "other";
  EXPECT_EQ(first, "first");
  scratch.reset();
  std::string& again = scratch.next();
  EXPECT_EQ(&again, &first);
  EXPECT_EQ(again, "");
}

}  // namespace
}  // namespace lymer::runtime
