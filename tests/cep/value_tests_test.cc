// Conditions on earlier events fall into what concerns the event, the values, or both.
// Not here: answers (tests/cep/value_groups_test.cc).
#include "cep/value_tests.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/payment_expressions.h"
#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using runtime::Op;
using ::testing::ElementsAre;

std::vector<std::string> kinds_of(const Condition& condition) {
  std::vector<std::string> kinds;
  for (const ValueTest& each : take_values_apart(condition)) {
    switch (each.kind) {
      case ValueTest::Kind::kCondition:
        kinds.emplace_back("condition");
        break;
      case ValueTest::Kind::kEvent:
        kinds.emplace_back("event");
        break;
      case ValueTest::Kind::kComparison:
        kinds.push_back("comparison " + std::to_string(static_cast<int>(each.op)));
        break;
      case ValueTest::Kind::kWhole:
        kinds.emplace_back("whole");
        break;
    }
  }
  return kinds;
}

std::string comparison(Op op) { return "comparison " + std::to_string(static_cast<int>(op)); }

TEST(ValueTests, AreThePartsOfAConjunction) {
  const ConditionRef both = both_conditions(
      is_kind("a"), holds(node(Op::kAnd, {node(Op::kGreater, {amount(), constant(3)}),
                                          node(Op::kLess, {amount(), last_amount(0)})})));
  EXPECT_THAT(kinds_of(*both), ElementsAre("condition", "event", comparison(Op::kLess)));
}

TEST(ValueTests, HaveTheEventOnTheLeft) {
  EXPECT_THAT(kinds_of(*holds(node(Op::kLess, {last_amount(0), amount()}))),
              ElementsAre(comparison(Op::kGreater)));
  EXPECT_THAT(kinds_of(*holds(node(Op::kEqual, {last_amount(0), amount()}))),
              ElementsAre(comparison(Op::kEqual)));
  EXPECT_THAT(kinds_of(*holds(node(Op::kLess, {constant(1), count_of(0)}))),
              ElementsAre(comparison(Op::kLess)));
}

TEST(ValueTests, AreWholeWhereASideReadsBoth) {
  const auto mixed = node(Op::kSubtract, {amount(), last_amount(0)});
  EXPECT_THAT(kinds_of(*holds(node(Op::kLess, {mixed, constant(3)}))), ElementsAre("whole"));
  EXPECT_THAT(kinds_of(*holds(node(Op::kIsNull, {last_amount(0)}))), ElementsAre("whole"));
}

}  // namespace
}  // namespace lymer::cep
