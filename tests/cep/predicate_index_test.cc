// Many conditions at once give the answers that each gives by itself, in every shape of test.
// Not here: what follows from answers (tests/cep/event_plan_test.cc).
#include "cep/predicate_index.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;
using runtime::Value;
using support::Cell;
using support::kNull;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const runtime::SchemaRef kSchema = support::schema_of({{"n", support::kInteger, true},
                                                       {"x", support::kNumber, true},
                                                       {"name", support::kText, true},
                                                       {"ok", {TypeKind::kBool}, true}});

Expression field(runtime::Slot slot) {
  Expression read;
  read.op = Op::kField;
  read.type = kSchema->fields()[slot].type;
  read.slot = slot;
  return read;
}

Expression node(Op op, std::vector<Expression> args) {
  Expression made;
  made.op = op;
  made.type = {TypeKind::kBool};
  made.args = std::move(args);
  return made;
}

Expression number(std::int64_t value) {
  return runtime::make_constant(support::kInteger, Value::of(value));
}
Expression real(double value) { return runtime::make_constant(support::kNumber, Value::of(value)); }
Expression word(std::string_view value) {
  return runtime::make_constant(support::kText, Value::of(value));
}

ConditionRef condition(Expression expression) {
  return expression_condition(std::move(expression), "c");
}

class PredicateIndexTest : public ::testing::Test {
 protected:
  // Asks all conditions together and each by itself; gives the answers as text.
  std::string ask(const std::vector<Cell>& cells) {
    std::vector<const Condition*> all;
    for (const ConditionRef& each : conditions_) all.push_back(each.get());
    PredicateIndex index(all, runtime::SchemaId(0), *kSchema);
    const std::vector<std::byte> bytes = support::row_of(kSchema, cells);
    const runtime::RowView row(bytes, kSchema->size());
    (void)index.look_up(row, 1);
    const AnswersIndex name = index.test(row, support::ms(1), 1);
    const std::vector<std::uint32_t> held = index.held();
    const std::size_t place = index.look_up(row, 1);
    EXPECT_TRUE(place < index.places() || index.places() == 0);
    EXPECT_EQ(index.test(row, support::ms(1), 1), name);
    std::string told;
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
      const bool holds = std::ranges::binary_search(held, static_cast<std::uint32_t>(i));
      EXPECT_EQ(holds, ask_alone(*conditions_[i], row)) << "condition " << i;
      told += holds ? '1' : '0';
    }
    return told;
  }

  static std::vector<std::uint32_t> held(PredicateIndex& index, const std::vector<Cell>& cells,
                                         std::uint16_t key_mask = 1) {
    const std::vector<std::byte> bytes = support::row_of(kSchema, cells);
    const runtime::RowView row(bytes, kSchema->size());
    (void)index.look_up(row, key_mask);
    (void)index.test(row, support::ms(1), key_mask);
    return index.held();
  }

  static bool ask_alone(const Condition& condition, const runtime::RowView& row) {
    class None final : public runtime::Histories {
     public:
      std::size_t count(runtime::HistoryIndex) override { return 0; }
      runtime::RowView row(runtime::HistoryIndex, std::size_t) override { return {}; }
    } histories;
    runtime::Scratch scratch;
    ConditionContext context{
        .row = row, .time = support::ms(1), .histories = histories, .scratch = scratch};
    return condition.test(context);
  }

  std::vector<ConditionRef> conditions_;
};

TEST_F(PredicateIndexTest, ComparesFieldsWithConstants) {
  for (const Op op :
       {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kLessEqual, Op::kGreater, Op::kGreaterEqual}) {
    conditions_.push_back(condition(node(op, {field(0), number(5)})));
    conditions_.push_back(condition(node(op, {field(1), real(2.5)})));
  }
  conditions_.push_back(condition(node(Op::kEqual, {field(2), word("ann")})));
  conditions_.push_back(condition(node(Op::kNotEqual, {field(2), word("ann")})));
  conditions_.push_back(condition(field(3)));
  conditions_.push_back(condition(node(Op::kNot, {field(3)})));
  EXPECT_EQ(ask({std::int64_t{5}, 2.5, "ann", true}), "1100001100111010");
  (void)ask({std::int64_t{-4}, 9.0, "bob", false});
  (void)ask({std::int64_t{6}, std::numeric_limits<double>::quiet_NaN(), "", true});
  EXPECT_EQ(ask({kNull, kNull, kNull, kNull}), "0000000000000000");
}

TEST_F(PredicateIndexTest, JoinsTestsAndSharesThem) {
  const Expression is_five = node(Op::kEqual, {field(0), number(5)});
  const Expression is_large = node(Op::kGreater, {field(1), real(2.0)});
  conditions_.push_back(condition(node(Op::kAnd, {is_five, is_large})));
  conditions_.push_back(condition(is_five));
  conditions_.push_back(both_conditions(condition(is_large), condition(field(3))));
  conditions_.push_back(either_condition(condition(is_five), condition(field(3))));
  conditions_.push_back(condition(node(Op::kOr, {is_five, is_large})));
  EXPECT_EQ(ask({std::int64_t{5}, 3.0, "", false}), "11011");
  EXPECT_EQ(ask({std::int64_t{4}, 3.0, "", true}), "00111");
  EXPECT_EQ(ask({kNull, 3.0, "", kNull}), "00001");
}

TEST_F(PredicateIndexTest, EvaluatesTheRestOnlyWhereTheSimpleTestsHold) {
  int asked = 0;
  conditions_.push_back(
      both_conditions(condition(node(Op::kEqual, {field(0), number(5)})),
                      simple_condition([&](const runtime::RowView&) { return ++asked > 0; })));
  const std::vector<const Condition*> all = {conditions_[0].get()};
  PredicateIndex index(all, runtime::SchemaId(0), *kSchema);
  EXPECT_THAT(held(index, {std::int64_t{4}, 0.0, "", true}), IsEmpty());
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(held(index, {std::int64_t{5}, 0.0, "", true}), ElementsAre(0));
  EXPECT_EQ(asked, 1);
}

TEST_F(PredicateIndexTest, TakesOnlyItsSchemaAndKeys) {
  const ConditionRef five = condition(node(Op::kEqual, {field(0), number(5)}));
  const ConditionRef mine = both_conditions(schema_condition(runtime::SchemaId(3), "s"), five);
  const ConditionRef other = both_conditions(schema_condition(runtime::SchemaId(1), "s"), five);
  const ConditionRef second = both_conditions(key_condition(1, "k"), mine);
  const std::vector<const Condition*> all = {mine.get(), other.get(), second.get()};
  PredicateIndex index(all, runtime::SchemaId(3), *kSchema);
  EXPECT_THAT(held(index, {std::int64_t{5}, 0.0, "", true}, 1), ElementsAre(0));
  EXPECT_THAT(held(index, {std::int64_t{5}, 0.0, "", true}, 2), ElementsAre(0, 2));
}

TEST_F(PredicateIndexTest, CountsErrorsByCondition) {
  Expression quotient = node(Op::kDivide, {field(0), number(0)});
  quotient.type = support::kInteger;
  conditions_.push_back(condition(field(3)));
  conditions_.push_back(condition(node(Op::kEqual, {quotient, number(1)})));
  const std::vector<const Condition*> all = {conditions_[0].get(), conditions_[1].get()};
  PredicateIndex index(all, runtime::SchemaId(0), *kSchema);
  EXPECT_THAT(held(index, {std::int64_t{5}, 0.0, "", true}), ElementsAre(0));
  EXPECT_EQ(index.errors(0), 0U);
  EXPECT_EQ(index.errors(1), 1U);
}

TEST_F(PredicateIndexTest, HasRoomForManyConditionsOfManyParts) {
  for (std::int64_t i = 0; i < 64; ++i) {
    const Expression left = node(Op::kGreater, {field(0), number(i)});
    const Expression right = node(Op::kLess, {field(1), real(static_cast<double>(i))});
    conditions_.push_back(condition(node(Op::kAnd, {left, right})));
  }
  (void)ask({std::int64_t{40}, 20.0, "", true});
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, "", true}), std::string(64, '0'));
}

Expression matches(const std::string& pattern, bool any_case = false) {
  re2::RE2::Options options;
  options.set_case_sensitive(!any_case);
  Expression made = node(Op::kMatches, {field(2)});
  made.regex = std::make_shared<const re2::RE2>(pattern, options);
  return made;
}

TEST_F(PredicateIndexTest, LooksForManyPatternsTogether) {
  for (const char* pattern : {"^ab", "b+", "x|y", "c$", "^$"}) {
    conditions_.push_back(condition(matches(pattern)));
    conditions_.push_back(condition(matches(pattern, true)));
  }
  conditions_.push_back(condition(matches("^ab")));
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, "abbc", true}), "11110011001");
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, "ABBC", true}), "01010001000");
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, "", true}), "00000000110");
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, kNull, true}), "00000000000");
}

TEST_F(PredicateIndexTest, TriesAPatternOnlyWhereTheTestsBesideItHold) {
  conditions_.push_back(
      condition(node(Op::kAnd, {matches("a"), node(Op::kEqual, {field(0), number(5)})})));
  EXPECT_EQ(ask({std::int64_t{5}, 0.0, "a", true}), "1");
  EXPECT_EQ(ask({std::int64_t{4}, 0.0, "a", true}), "0");
}

TEST_F(PredicateIndexTest, EvaluatesAnExpressionOnceForAllConditions) {
  Expression sum = node(Op::kAdd, {field(0), number(std::numeric_limits<std::int64_t>::max())});
  sum.type = support::kInteger;
  for (std::int64_t i = 0; i < 3; ++i) {
    conditions_.push_back(condition(node(Op::kLess, {sum, number(7)})));
  }
  std::vector<const Condition*> all;
  for (const ConditionRef& each : conditions_) all.push_back(each.get());
  PredicateIndex index(all, runtime::SchemaId(0), *kSchema);
  EXPECT_THAT(held(index, {std::int64_t{1}, 0.0, "", true}), IsEmpty());
  EXPECT_EQ(index.errors(0), 1U);
  EXPECT_EQ(index.errors(2), 1U);
}

// One comparison of each kind with small constants, and rows around them.
TEST_F(PredicateIndexTest, AnswersRandomConditionsAsEachDoesByItself) {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::int64_t>(random() % limit);
  };
  const Op ops[] = {Op::kEqual,     Op::kNotEqual, Op::kLess,
                    Op::kLessEqual, Op::kGreater,  Op::kGreaterEqual};
  const auto test = [&]() -> Expression {
    switch (below(4)) {
      case 0:
        return node(ops[below(6)], {field(0), number(below(9) * (below(2) == 0 ? 1 : 100'000))});
      case 1:
        return node(ops[below(6)], {field(1), real(static_cast<double>(below(9)) / 2)});
      case 2:
        return node(ops[below(2)],
                    {field(2), word(std::string(1, static_cast<char>('a' + below(5))))});
      default:
        return below(2) == 0 ? field(3)
                             : matches(std::string(1, static_cast<char>('a' + below(5))));
    }
  };
  for (int round = 0; round < 40; ++round) {
    conditions_.clear();
    for (std::int64_t i = below(60) + 1; i > 0; --i) {
      Expression all = test();
      while (below(2) == 0) all = node(below(4) == 0 ? Op::kOr : Op::kAnd, {all, test()});
      conditions_.push_back(condition(all));
    }
    for (int row = 0; row < 20; ++row) {
      const Cell text = below(6) == 0 ? Cell(kNull)
                                      : Cell(std::string(static_cast<std::size_t>(below(2) + 1),
                                                         static_cast<char>('a' + below(6))));
      (void)ask({below(8) == 0 ? Cell(kNull) : Cell(below(10) * (below(2) == 0 ? 1 : 100'000)),
                 below(8) == 0 ? Cell(kNull) : Cell(static_cast<double>(below(10)) / 2), text,
                 below(2) == 0});
    }
  }
}

}  // namespace
}  // namespace lymer::cep
