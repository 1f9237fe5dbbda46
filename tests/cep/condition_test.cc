// The three kinds of conditions: what they see, and that null is not true.
// Not here: what expressions yield (tests/runtime/expression/).
#include "cep/condition.h"

#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::TypeKind;
using runtime::Value;

// As many rows in each history as it was told.
class FakeHistories final : public runtime::Histories {
 public:
  explicit FakeHistories(std::size_t rows) : rows_(rows) {}
  std::size_t count(runtime::HistoryIndex) override { return rows_; }
  runtime::RowView row(runtime::HistoryIndex, std::size_t) override { return {}; }

 private:
  std::size_t rows_;
};

class ConditionTest : public ::testing::Test {
 protected:
  ConditionTest() {
    row_.set(kUserSlot, Value::of("u"));
    row_.set(kLetterSlot, Value::of("a"));
  }
  bool test(const ConditionRef& condition) {
    ConditionContext context{.row = row_.view(),
                             .time = EventTime::from_millis(7),
                             .histories = histories_,
                             .scratch = scratch_,
                             .layout = letter_schema().get(),
                             .exception = &exception_};
    const bool holds = condition->test(context);
    errors_ = context.errors;
    return holds;
  }
  Expression letter_equals(const char* letter) {
    Expression field{.op = Op::kField, .type = {TypeKind::kString}};
    field.slot = kLetterSlot;
    return {.op = Op::kEqual,
            .type = {TypeKind::kBool},
            .args = {field, runtime::make_constant({TypeKind::kString}, Value::of(letter))}};
  }
  static Expression number(std::int64_t value) {
    return runtime::make_constant({TypeKind::kInt}, Value::of(value));
  }

  runtime::RowBuilder row_{letter_schema()};
  FakeHistories histories_{2};
  runtime::Scratch scratch_;
  std::uint64_t errors_ = 0;
  std::string exception_;
};

TEST_F(ConditionTest, AnExpressionHoldsWhereItIsTrue) {
  EXPECT_TRUE(test(expression_condition(letter_equals("a"), "letter = 'a'")));
  EXPECT_FALSE(test(expression_condition(letter_equals("b"), "letter = 'b'")));
}

TEST_F(ConditionTest, AnExpressionThatIsNullDoesNotHold) {
  row_.set(kLetterSlot, Value::null());
  EXPECT_FALSE(test(expression_condition(letter_equals("a"), "letter = 'a'")));
}

TEST_F(ConditionTest, CountsTheErrorsOfAnExpression) {
  const Expression quotient{
      .op = Op::kDivide, .type = {TypeKind::kInt}, .args = {number(1), number(0)}};
  const Expression equal{
      .op = Op::kEqual, .type = {TypeKind::kBool}, .args = {quotient, number(1)}};
  EXPECT_FALSE(test(expression_condition(equal, "1 / 0 = 1")));
  EXPECT_EQ(errors_, 1U);
}

TEST_F(ConditionTest, AnExpressionSaysItselfWhetherItReadsHistories) {
  const Expression count{.op = Op::kCount, .type = {TypeKind::kInt}};
  const Expression two{.op = Op::kEqual, .type = {TypeKind::kBool}, .args = {count, number(2)}};
  const ConditionRef condition = expression_condition(two, "count(a) = 2");
  EXPECT_TRUE(condition->reads_histories());
  EXPECT_TRUE(test(condition));
  EXPECT_FALSE(expression_condition(letter_equals("a"), "")->reads_histories());
}

TEST_F(ConditionTest, ASimpleFunctionSeesTheRow) {
  EXPECT_TRUE(test(is_letter("a")));
  EXPECT_FALSE(test(is_letter("b")));
  EXPECT_FALSE(is_letter("a")->reads_histories());
}

TEST_F(ConditionTest, AnIterativeFunctionSeesTimeAndHistories) {
  const ConditionRef condition = iterative_condition([](ConditionContext& context) {
    return context.histories.count(0) == 2 && context.time == EventTime::from_millis(7);
  });
  EXPECT_TRUE(condition->reads_histories());
  EXPECT_TRUE(test(condition));
}

TEST_F(ConditionTest, KeepsItsTextAsWritten) {
  EXPECT_EQ(expression_condition(letter_equals("a"), "letter='a'")->text(), "letter='a'");
  EXPECT_EQ(is_letter("a")->text(), "letter is a");
}

TEST(ConditionDeathTest, RefusesAMissingFunction) {
  EXPECT_DEATH((void)iterative_condition(nullptr), "without a function");
}

TEST_F(ConditionTest, SeesFieldsByName) {
  EXPECT_TRUE(test(event_condition([](const EventView& event) {
    return event["letter"].as_string() == "a" && event[kUserSlot].as_string() == "u" &&
           event["nonsense"].is_null() && event.time() == EventTime::from_millis(7);
  })));
}

TEST_F(ConditionTest, KnowsTheStream) {
  EXPECT_TRUE(test(stream_condition("letters")));
  EXPECT_FALSE(test(stream_condition("numbers")));
}

TEST_F(ConditionTest, CountsWhatThrowsAndTakesItForNo) {
  const auto throwing = [](const runtime::RowView&) { return std::string().at(3) == 'x'; };
  EXPECT_FALSE(test(simple_condition(throwing)));
  EXPECT_EQ(errors_, 1U);
  EXPECT_NE(exception_.find("an exception"), std::string::npos);
  EXPECT_FALSE(test(both_conditions(simple_condition(throwing), simple_condition(throwing))));
  EXPECT_EQ(errors_, 1U);
}

TEST_F(ConditionTest, IsSharedUnlessItHasALifeCycle) {
  const ConditionRef simple = simple_condition([](const runtime::RowView&) { return true; });
  EXPECT_EQ(simple->make_own(), nullptr);
  EXPECT_EQ(both_conditions(simple, simple)->make_own(), nullptr);
}

}  // namespace
}  // namespace lymer::cep
