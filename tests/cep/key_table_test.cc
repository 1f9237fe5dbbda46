// Records by key: found again, used again, told apart by their generation.
// Not here: encoding keys (tests/runtime/key_group_test.cc).
#include "cep/key_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using runtime::KeyGroup;
using support::key_of;
using ::testing::ElementsAre;

TEST(KeyTable, FindsWhatWasAdded) {
  KeyTable table;
  EXPECT_FALSE(table.find(key_of({"u"})));
  const KeyIndex index = table.obtain(key_of({"u"}), KeyGroup(5));
  EXPECT_EQ(table.find(key_of({"u"})), index);
  EXPECT_EQ(table.obtain(key_of({"u"}), KeyGroup(5)), index);
  EXPECT_EQ(table.at(index).group, KeyGroup(5));
  EXPECT_EQ(table.size(), 1U);
}

TEST(KeyTable, TakesTheEmptyKey) {
  KeyTable table;
  const KeyIndex index = table.obtain({}, KeyGroup(66));
  EXPECT_EQ(table.find({}), index);
  table.erase(index);
  EXPECT_FALSE(table.find({}));
}

TEST(KeyTable, GivesAnErasedRecordToTheNextKeyWithAnotherGeneration) {
  KeyTable table;
  const KeyIndex index = table.obtain(key_of({"u"}), KeyGroup(5));
  table.at(index).next_ordinal = 9;
  const std::uint32_t generation = table.at(index).generation;
  table.erase(index);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_FALSE(table.find(key_of({"u"})));
  EXPECT_EQ(table.obtain(key_of({"v"}), KeyGroup(6)), index);
  EXPECT_NE(table.at(index).generation, generation);
  EXPECT_EQ(table.at(index).next_ordinal, 0U);
  EXPECT_EQ(table.at(index).group, KeyGroup(6));
}

TEST(KeyTable, KeepsRecordsInTheirPlaceWhileItGrows) {
  KeyTable table;
  const KeyIndex first = table.obtain(key_of({std::int64_t{-1}}), KeyGroup(0));
  const KeyRecord* record = &table.at(first);
  for (std::int64_t i = 0; i < 1000; ++i) (void)table.obtain(key_of({i}), KeyGroup(0));
  EXPECT_EQ(&table.at(first), record);
  EXPECT_EQ(table.size(), 1001U);
}

TEST(KeyTable, ListsKeysInTheOrderOfTheirBytes) {
  KeyTable table;
  const KeyIndex b = table.obtain(key_of({"b"}), KeyGroup(0));
  const KeyIndex a = table.obtain(key_of({"a"}), KeyGroup(0));
  const KeyIndex c = table.obtain(key_of({"c"}), KeyGroup(0));
  EXPECT_THAT(table.sorted(), ElementsAre(a, b, c));
}

TEST(KeyRecord, KeepsItsRulesInOrder) {
  KeyRecord record;
  record.obtain(RuleIndex(2)).armed = support::ms(2);
  record.obtain(RuleIndex(0)).armed = support::ms(0);
  record.obtain(RuleIndex(1)).armed = support::ms(1);
  EXPECT_EQ(record.obtain(RuleIndex(2)).armed, support::ms(2));
  ASSERT_EQ(record.rules.size(), 3U);
  EXPECT_EQ(record.rules[1].rule, RuleIndex(1));
  EXPECT_EQ(record.find(RuleIndex(1)), &record.rules[1]);
  EXPECT_EQ(record.find(RuleIndex(7)), nullptr);
}

TEST(KeyRecord, DropsRulesThatHoldNothing) {
  KeyRecord record;
  (void)record.obtain(RuleIndex(0));
  record.obtain(RuleIndex(1)).runs.partial.emplace_back();
  record.drop_idle();
  ASSERT_EQ(record.rules.size(), 1U);
  EXPECT_EQ(record.rules[0].rule, RuleIndex(1));
}

}  // namespace
}  // namespace lymer::cep
