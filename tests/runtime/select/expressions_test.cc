// Conditions and rows made of expressions: what holds, what is filled in, and whose errors count.
// Not here: what single expressions give (tests/runtime/expression/).
#include "runtime/select/expressions.h"

#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/expression/nodes.h"

namespace lymer::runtime {
namespace {

using support::kInteger;
using support::kNull;
using support::kText;

const SchemaRef kEvents = support::schema_of({{"user", kText, true}, {"n", kInteger, true}});
const SchemaRef kResults = support::schema_of({{"half", kInteger, true}, {"name", kText, true}});

Expression user() { return field(0, kText); }
Expression number() { return field(1, kInteger); }
Expression typed(Op op, std::vector<Expression> args, Type type) {
  Expression made = node(op, std::move(args));
  made.type = type;
  return made;
}
Expression more_than(std::int64_t least) {
  return typed(Op::kGreater, {number(), constant(least)}, support::kTruth);
}
Expression divided(std::int64_t dividend) {
  return typed(Op::kDivide, {constant(dividend), number()}, kInteger);
}

using Cells = std::vector<support::Cell>;

bool hold(const Expressions& conditions, const Cells& cells) {
  const auto row = support::row_of(kEvents, cells);
  return conditions.hold(RowView(row, kEvents->size()), nullptr);
}

std::string filled(const Expressions& fields, const Cells& cells) {
  const auto bytes = support::row_of(kEvents, cells);
  RowBuilder out(kResults);
  fields.fill(RowView(bytes, kEvents->size()), nullptr, out);
  std::string json;
  append_json_row(json, out.view(), *kResults);
  return json;
}

TEST(Expressions, HoldWhereAllAreTrue) {
  const Expressions both(
      {more_than(2), typed(Op::kEqual, {user(), constant("ann")}, support::kTruth)},
      new_error_count());
  EXPECT_TRUE(hold(both, {"ann", 3}));
  EXPECT_FALSE(hold(both, {"ann", 2}));
  EXPECT_FALSE(hold(both, {"bob", 3}));
  EXPECT_FALSE(hold(both, {"ann", kNull})) << "null is not true";
  EXPECT_FALSE(hold(both, {kNull, 3}));
}

TEST(Expressions, HoldWhereThereAreNone) {
  EXPECT_TRUE(hold(Expressions({}, new_error_count()), {"ann", 3}));
}

TEST(Expressions, FillFieldsInOrder) {
  const Expressions fields({divided(12), typed(Op::kUpper, {user()}, kText)}, new_error_count());
  EXPECT_EQ(filled(fields, {"ann", 4}), R"({"half":3,"name":"ANN"})");
  EXPECT_EQ(filled(fields, {kNull, kNull}), R"({"half":null,"name":null})");
}

// More texts than one are made in the same memory.
TEST(Expressions, KeepTheTextsOfARowApart) {
  const SchemaRef texts = support::schema_of({{"a", kText}, {"b", kText}});
  const Expressions fields({typed(Op::kUpper, {user()}, kText), typed(Op::kLower, {user()}, kText)},
                           new_error_count());
  const auto bytes = support::row_of(kEvents, {"Some text that has no room in a string itself", 1});
  RowBuilder out(texts);
  fields.fill(RowView(bytes, kEvents->size()), nullptr, out);
  EXPECT_EQ(out.view().get(0, kText).as_string(), "SOME TEXT THAT HAS NO ROOM IN A STRING ITSELF");
  EXPECT_EQ(out.view().get(1, kText).as_string(), "some text that has no room in a string itself");
}

TEST(Expressions, CountErrorsOfAllCopies) {
  const ErrorCount errors = new_error_count();
  const Expressions fields({divided(1), user()}, errors);
  const Expressions copy(fields);
  EXPECT_EQ(filled(fields, {"ann", 0}), R"({"half":null,"name":"ann"})");
  EXPECT_EQ(*errors, 1U);
  EXPECT_EQ(filled(copy, {"ann", 0}), R"({"half":null,"name":"ann"})");
  EXPECT_EQ(*errors, 2U);
  EXPECT_FALSE(
      hold(Expressions({typed(Op::kLess, {divided(1), constant(5)}, support::kTruth)}, errors),
           {"ann", 0}));
  EXPECT_EQ(*errors, 3U);
  fields.count_errors(4);
  EXPECT_EQ(*errors, 7U);
}

TEST(Expressions, ReadHistories) {
  RowHistories histories(kEvents);
  histories.add(0, {"ann", 3});
  histories.add(0, {"ann", 4});
  const Expressions conditions(
      {typed(Op::kGreater, {typed(Op::kSum, {number()}, kInteger), constant(6)}, support::kTruth)},
      new_error_count());
  EXPECT_TRUE(conditions.hold({}, &histories));
  histories.add(0, {"ann", -1});
  EXPECT_FALSE(conditions.hold({}, &histories));
}

TEST(Expressions, ServeSeveralThreadsByCopies) {
  const ErrorCount errors = new_error_count();
  const Expressions fields({divided(12), typed(Op::kUpper, {user()}, kText)}, errors);
  EXPECT_EQ(&Expressions(fields).list(), &fields.list());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&, own = fields] {
        for (int i = 0; i < 1000; ++i) {
          const bool is_odd = i % 2 == 1;
          const std::string expected =
              is_odd ? R"({"half":null,"name":"ANN"})" : R"({"half":6,"name":"BERTRAND"})";
          const Cells cells = is_odd ? Cells{"ann", 0} : Cells{"bertrand", 2};
          if (filled(own, cells) != expected) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(*errors, 1500U);
}

}  // namespace
}  // namespace lymer::runtime
