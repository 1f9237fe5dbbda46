// Records by key: found again, used again, given back.
// Not here: encoding keys (tests/runtime/key_group_test.cc).
#include "cep/key_table.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using support::key_of;
using ::testing::ElementsAre;

auto is(const std::vector<std::byte>& key) {
  return [&key](std::span<const std::byte> known) { return std::ranges::equal(known, key); };
}

std::optional<KeyIndex> find(const KeyTable& table, const std::vector<std::byte>& key) {
  return table.find(runtime::key_hash_of(key), is(key));
}

KeyIndex obtain(KeyTable& table, const std::vector<std::byte>& key) {
  return table.obtain(key, runtime::key_hash_of(key));
}

TEST(KeyTable, FindsWhatWasAdded) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  EXPECT_FALSE(find(table, key_of({"u"})));
  const KeyIndex index = obtain(table, key_of({"u"}));
  EXPECT_EQ(find(table, key_of({"u"})), index);
  EXPECT_EQ(obtain(table, key_of({"u"})), index);
  EXPECT_EQ(table.size(), 1U);
}

TEST(KeyTable, TakesTheEmptyKey) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  const KeyIndex index = obtain(table, {});
  EXPECT_EQ(find(table, {}), index);
  table.erase(index);
  EXPECT_FALSE(find(table, {}));
}

TEST(KeyTable, GivesAnErasedRecordToTheNextKey) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  const KeyIndex index = obtain(table, key_of({"u"}));
  table.at(index).next_ordinal = 9;
  table.erase(index);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_FALSE(find(table, key_of({"u"})));
  EXPECT_EQ(obtain(table, key_of({"v"})), index);
  EXPECT_EQ(table.at(index).next_ordinal, 0U);
}

TEST(KeyTable, KeepsRecordsInTheirPlaceWhileItGrows) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  const KeyIndex first = obtain(table, key_of({std::int64_t{-1}}));
  const KeyRecord* record = &table.at(first);
  for (std::int64_t i = 0; i < 1000; ++i) (void)obtain(table, key_of({i}));
  EXPECT_EQ(&table.at(first), record);
  EXPECT_EQ(table.size(), 1001U);
}

// Keys come and go at random, many of them with the same home.
TEST(KeyTable, FindsEveryKeyWhateverWasErased) {
  std::mt19937 random(5);
  nfa::StateMemory memory;
  KeyTable table(memory);
  std::set<std::int64_t> present;
  const auto hash_of = [](std::int64_t key) { return static_cast<std::uint64_t>(key % 7) << 32U; };
  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<std::int64_t>(random() % 200);
    const std::vector<std::byte> bytes = key_of({key});
    const auto found = table.find(hash_of(key), is(bytes));
    ASSERT_EQ(found.has_value(), present.contains(key)) << "step " << step;
    ASSERT_TRUE(!found || table.may_hold(KeyTable::tag_of(hash_of(key))));
    if (found) {
      ASSERT_EQ(table.at(*found).key.get().size(), bytes.size());
      table.erase(*found);
      present.erase(key);
    } else {
      (void)table.obtain(bytes, hash_of(key));
      present.insert(key);
    }
    ASSERT_EQ(table.size(), present.size());
  }
}

TEST(KeyTable, ListsKeysInTheOrderOfTheirBytes) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  const KeyIndex b = obtain(table, key_of({"b"}));
  const KeyIndex a = obtain(table, key_of({"a"}));
  const KeyIndex c = obtain(table, key_of({"c"}));
  EXPECT_THAT(table.sorted(), ElementsAre(a, b, c));
}

TEST(KeyTable, GivesBackThePeaksMemoryWithTheLastKey) {
  nfa::StateMemory memory;
  KeyTable table(memory);
  const std::size_t before = table.reserved_bytes();
  std::vector<KeyIndex> all;
  for (std::int64_t i = 0; i < 100'000; ++i) all.push_back(obtain(table, key_of({i})));
  EXPECT_GT(table.reserved_bytes(), 100'000 * sizeof(KeyRecord));
  for (const KeyIndex each : all) table.erase(each);
  EXPECT_EQ(table.reserved_bytes(), before);
  EXPECT_EQ(find(table, key_of({std::int64_t{5}})), std::nullopt);
  EXPECT_EQ(table.at(obtain(table, key_of({"u"}))).next_ordinal, 0U);
}

}  // namespace
}  // namespace lymer::cep
