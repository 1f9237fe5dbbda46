// What a condition is taken apart into, counted by kind.
// Not here: testing events (tests/cep/predicate_index_test.cc).
#include "cep/condition_tests.h"

#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

constexpr runtime::SchemaId kSchema{2};

TEST(ConditionTests, GoesDownThroughAnd) {
  const ConditionRef own = simple_condition([](const runtime::RowView&) { return true; });
  const ConditionRef all =
      both_conditions(schema_condition(kSchema, "s"),
                      both_conditions(key_condition(3, "k"), both_conditions(is_letter("a"), own)));
  const ConditionTests tests = take_apart(*all, kSchema);
  EXPECT_FALSE(tests.never);
  EXPECT_EQ(tests.keys, 8U);
  ASSERT_EQ(tests.comparisons.size(), 1U);
  EXPECT_EQ(tests.comparisons[0].slot, kLetterSlot);
  ASSERT_EQ(tests.conditions.size(), 1U);
  EXPECT_EQ(tests.conditions[0], own.get());
}

TEST(ConditionTests, AsksNothingOfEventsOfAnotherSchema) {
  const ConditionRef all = both_conditions(is_letter("a"), schema_condition(kSchema, "s"));
  const ConditionTests tests = take_apart(*all, runtime::SchemaId(1));
  EXPECT_TRUE(tests.never);
  EXPECT_TRUE(tests.comparisons.empty());
}

TEST(ConditionTests, KeepsAnAlternativeWhole) {
  const ConditionRef either = either_condition(is_letter("a"), is_letter("b"));
  const ConditionTests tests = take_apart(*either, kSchema);
  EXPECT_TRUE(tests.comparisons.empty());
  ASSERT_EQ(tests.conditions.size(), 1U);
}

}  // namespace
}  // namespace lymer::cep
