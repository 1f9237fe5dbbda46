// Many conditions at once give the answers that each gives by itself, in every shape of test.
// Not here: what follows from answers (tests/cep/event_plan_test.cc).
#include "cep/predicate_set.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

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

class PredicateSetTest : public ::testing::Test {
 protected:
  // Asks all conditions together and each by itself; gives the answers as text.
  std::string ask(const std::vector<Cell>& cells) {
    std::vector<const Condition*> all;
    for (const ConditionRef& each : conditions_) all.push_back(each.get());
    PredicateSet set(all, runtime::SchemaId(0), *kSchema);
    const std::vector<std::byte> bytes = support::row_of(kSchema, cells);
    const runtime::RowView row(bytes, kSchema->size());
    const std::uint64_t answers = set.test(row, support::ms(1), 1);
    std::string told;
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
      const bool held = ((answers >> i) & 1U) != 0;
      EXPECT_EQ(held, ask_alone(*conditions_[i], row)) << "condition " << i;
      told += held ? '1' : '0';
    }
    return told;
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

TEST_F(PredicateSetTest, ComparesFieldsWithConstants) {
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

TEST_F(PredicateSetTest, JoinsTestsAndSharesThem) {
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

TEST_F(PredicateSetTest, EvaluatesTheRestOnlyWhereTheSimpleTestsHold) {
  int asked = 0;
  conditions_.push_back(
      both_conditions(condition(node(Op::kEqual, {field(0), number(5)})),
                      simple_condition([&](const runtime::RowView&) { return ++asked > 0; })));
  const std::vector<const Condition*> all = {conditions_[0].get()};
  PredicateSet set(all, runtime::SchemaId(0), *kSchema);
  const auto no = support::row_of(kSchema, {std::int64_t{4}, 0.0, "", true});
  EXPECT_EQ(set.test(runtime::RowView(no, 4), support::ms(1), 1), 0U);
  EXPECT_EQ(asked, 0);
  const auto yes = support::row_of(kSchema, {std::int64_t{5}, 0.0, "", true});
  EXPECT_EQ(set.test(runtime::RowView(yes, 4), support::ms(1), 1), 1U);
  EXPECT_EQ(asked, 1);
}

TEST_F(PredicateSetTest, TakesOnlyItsSchemaAndKeys) {
  const ConditionRef five = condition(node(Op::kEqual, {field(0), number(5)}));
  const ConditionRef mine = both_conditions(schema_condition(runtime::SchemaId(3), "s"), five);
  const ConditionRef other = both_conditions(schema_condition(runtime::SchemaId(1), "s"), five);
  const ConditionRef second = both_conditions(key_condition(1, "k"), mine);
  const std::vector<const Condition*> all = {mine.get(), other.get(), second.get()};
  PredicateSet set(all, runtime::SchemaId(3), *kSchema);
  const auto row = support::row_of(kSchema, {std::int64_t{5}, 0.0, "", true});
  EXPECT_EQ(set.test(runtime::RowView(row, 4), support::ms(1), 1), 0b001U);
  EXPECT_EQ(set.test(runtime::RowView(row, 4), support::ms(1), 2), 0b101U);
}

TEST_F(PredicateSetTest, CountsErrorsByCondition) {
  Expression quotient = node(Op::kDivide, {field(0), number(0)});
  quotient.type = support::kInteger;
  conditions_.push_back(condition(field(3)));
  conditions_.push_back(condition(node(Op::kEqual, {quotient, number(1)})));
  const std::vector<const Condition*> all = {conditions_[0].get(), conditions_[1].get()};
  PredicateSet set(all, runtime::SchemaId(0), *kSchema);
  const auto row = support::row_of(kSchema, {std::int64_t{5}, 0.0, "", true});
  EXPECT_EQ(set.test(runtime::RowView(row, 4), support::ms(1), 1), 1U);
  EXPECT_EQ(set.errors(0), 0U);
  EXPECT_EQ(set.errors(1), 1U);
}

TEST_F(PredicateSetTest, HasRoomForManyConditionsOfManyParts) {
  for (std::int64_t i = 0; i < 64; ++i) {
    const Expression left = node(Op::kGreater, {field(0), number(i)});
    const Expression right = node(Op::kLess, {field(1), real(static_cast<double>(i))});
    conditions_.push_back(condition(node(Op::kAnd, {left, right})));
  }
  (void)ask({std::int64_t{40}, 20.0, "", true});
  EXPECT_EQ(ask({std::int64_t{0}, 0.0, "", true}), std::string(64, '0'));
}

}  // namespace
}  // namespace lymer::cep
