// Records by key and namespace against std::map, in an order of their own, tidied up in pieces.
// Not here: the hash table below (tests/runtime/state/hash_order_test.cc).
#include "runtime/state/keyed_table.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::Pointee;

using Table = KeyedTable<int>;
using Place = std::pair<std::string, std::string>;
using Entry = std::pair<Place, int>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Points into both.
StateAddress at(std::string_view key, std::string_view name_space = {}) {
  return {key_hash_of(bytes_of(key)), bytes_of(key), bytes_of(name_space)};
}

// As if all keys had one hash.
StateAddress crowded(std::string_view key, std::string_view name_space = {}) {
  return {~std::uint64_t{0}, bytes_of(key), bytes_of(name_space)};
}

std::vector<Entry> entries_of(const Table& table) {
  std::vector<Entry> entries;
  table.for_each([&](const Table::Record& each) {
    entries.push_back({{text_of(each.key.get()), text_of(each.name_space.get())}, each.payload});
  });
  return entries;
}

TEST(KeyedTable, FindsWhatWasObtained) {
  Table table;
  EXPECT_EQ(table.find(at("ann")), nullptr);
  table.obtain(at("ann")) = 1;
  table.obtain(at("bob")) = 2;
  table.obtain(at("ann")) += 10;
  EXPECT_THAT(table.find(at("ann")), Pointee(11));
  EXPECT_THAT(table.find(at("bob")), Pointee(2));
  EXPECT_EQ(table.size(), 2U);
}

TEST(KeyedTable, TellsNamespacesFromKeys) {
  Table table;
  table.obtain(at("ab")) = 1;
  table.obtain(at("a", "b")) = 2;
  table.obtain(at("", "ab")) = 3;
  table.obtain(at("")) = 4;
  EXPECT_THAT(table.find(at("ab")), Pointee(1));
  EXPECT_THAT(table.find(at("a", "b")), Pointee(2));
  EXPECT_THAT(table.find(at("", "ab")), Pointee(3));
  EXPECT_THAT(table.find(at("")), Pointee(4));
  EXPECT_EQ(table.find(at("a")), nullptr);
  EXPECT_EQ(table.find(at("ab", "b")), nullptr);
}

TEST(KeyedTable, GivesAnEmptyRecordAfterErasing) {
  Table table;
  table.obtain(at("ann")) = 5;
  table.erase(at("bob"));
  EXPECT_EQ(table.size(), 1U);
  table.erase(at("ann"));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(at("ann")), nullptr);
  EXPECT_EQ(table.obtain(at("cid")), 0);
  EXPECT_EQ(table.obtain(at("ann")), 0);
}

TEST(KeyedTable, HoldsWhatAMapHolds) {
  std::mt19937_64 random(11);
  for (const bool is_crowded : {false, true}) {
    Table table;
    std::map<Place, int> model;
    for (int step = 0; step < 4000; ++step) {
      const Place place{std::string(random() % 20, 'k') + std::to_string(random() % 10),
                        std::string(random() % 3, 'n')};
      const StateAddress address =
          is_crowded ? crowded(place.first, place.second) : at(place.first, place.second);
      if (random() % 3 == 0) {
        table.erase(address);
        model.erase(place);
      } else {
        table.obtain(address) = step;
        model[place] = step;
      }
      ASSERT_EQ(table.size(), model.size());
    }
    std::vector<Entry> entries = entries_of(table);
    std::ranges::sort(entries);
    EXPECT_EQ(entries, std::vector<Entry>(model.begin(), model.end()));
  }
}

TEST(KeyedTable, IsWalkedInTheSameOrderWhateverItsPast) {
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(std::to_string(i));
  Table one;
  for (const std::string& key : keys) one.obtain(at(key, "w")) = 1;
  Table other;
  for (int i = 1000; i < 3000; ++i) other.obtain(at(std::to_string(i), "w")) = 1;
  std::ranges::reverse(keys);
  for (const std::string& key : keys) other.obtain(at(key, "w")) = 1;
  for (int i = 1000; i < 3000; ++i) other.erase(at(std::to_string(i), "w"));
  EXPECT_EQ(entries_of(one), entries_of(other));
}

TEST(KeyedTable, OrdersKeysOfOneHashByTheirUnsignedBytes) {
  Table table;
  for (const std::string_view key : {"b", "\x80", "", "a", "ab"}) table.obtain(crowded(key)) = 1;
  std::vector<std::string> keys;
  for (const Entry& each : entries_of(table)) keys.push_back(each.first.first);
  EXPECT_THAT(keys, ElementsAre("", "a", "ab", "b", "\x80"));
}

TEST(KeyedTable, LeavesRecordsWhereTheyAre) {
  Table table;
  int& first = table.obtain(at("first"));
  first = 42;
  for (int i = 0; i < 5000; ++i) table.obtain(at(std::to_string(i))) = i;
  for (int i = 0; i < 5000; i += 2) table.erase(at(std::to_string(i)));
  EXPECT_EQ(table.find(at("first")), &first);
  EXPECT_EQ(first, 42);
}

TEST(KeyedTable, WorksOnAfterItWasEmptied) {
  Table table;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3000; ++i) table.obtain(at(std::to_string(i))) = i;
    for (int i = 0; i < 3000; ++i) table.erase(at(std::to_string(i)));
    EXPECT_EQ(table.size(), 0U);
    EXPECT_TRUE(entries_of(table).empty());
  }
}

TEST(KeyedTable, FetchingGivesWhatIsLikely) {
  Table table;
  EXPECT_FALSE(table.is_worth_fetching());
  for (int i = 0; i < 5000; ++i) table.obtain(at(std::to_string(i))) = i;
  EXPECT_TRUE(table.is_worth_fetching());
  // Of those that are there and others.
  for (int i = 0; i < 10000; ++i) {
    const std::string key = std::to_string(i);
    table.prefetch_place(at(key).key_hash);
    Table::Record* const likely = table.prefetch_record(at(key).key_hash);
    EXPECT_EQ(table.find(at(key), likely), table.find(at(key))) << i;
    EXPECT_EQ(likely != nullptr && text_of(likely->key.get()) == key, i < 5000) << i;
  }
  EXPECT_EQ(table.size(), 5000U);
}

TEST(KeyedTable, IsNotMisledByWhatIsOnlyLikely) {
  Table table;
  table.obtain(crowded("ann")) = 1;
  table.obtain(crowded("bob")) = 2;
  Table::Record* const likely = table.prefetch_record(crowded("bob").key_hash);
  ASSERT_NE(likely, nullptr);
  EXPECT_THAT(table.find(crowded("ann"), likely), Pointee(1));
  EXPECT_THAT(table.find(crowded("bob"), likely), Pointee(2));
  EXPECT_EQ(table.find(crowded("cid"), likely), nullptr);
  EXPECT_EQ(table.obtain(crowded("bob"), likely), 2);
  table.obtain(crowded("cid"), likely) = 3;
  EXPECT_THAT(table.find(crowded("cid"), nullptr), Pointee(3));
  EXPECT_EQ(table.size(), 3U);
}

TEST(KeyedTable, IsWalkedByHashesThatShareTheirUpperHalves) {
  constexpr std::uint64_t kHalf = std::uint64_t{7} << 32U;
  Table table;
  const auto place = [](std::uint64_t lower, std::string_view key) {
    return StateAddress{kHalf + lower, bytes_of(key), {}};
  };
  table.obtain(place(5, "b")) = 5;
  table.obtain(place(1, "d")) = 1;
  table.obtain(place(9, "a")) = 9;
  table.obtain(place(3, "c")) = 3;
  std::vector<int> walked;
  table.for_each([&](const Table::Record& each) { walked.push_back(each.payload); });
  EXPECT_THAT(walked, ElementsAre(1, 3, 5, 9));
  EXPECT_THAT(table.find(place(3, "c")), Pointee(3));
}

TEST(KeyedTable, NeedsNoNamespaces) {
  KeyedTable<int, NoNamespace> table;
  static_assert(sizeof(decltype(table)::Record) < sizeof(Table::Record));
  table.obtain(at("ann")) = 1;
  EXPECT_THAT(table.find(at("ann")), Pointee(1));
  EXPECT_EQ(table.find(at("bob")), nullptr);
}

TEST(KeyedTable, TidyErasesWhatIsGoneInSteps) {
  Table table;
  for (int i = 0; i < 200; ++i) table.obtain(at(std::to_string(i))) = i;
  std::size_t steps = 0;
  for (; table.size() > 100 && steps < 1000; ++steps) {
    const std::size_t before = table.size();
    table.tidy(4, [](int payload) { return payload % 2 == 0; });
    EXPECT_LE(before - table.size(), 4U);
  }
  EXPECT_LT(steps, 1000U);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(table.find(at(std::to_string(i))) != nullptr, i % 2 == 1) << i;
  }
}

TEST(KeyedTable, TidyMayEmptyALargeTable) {
  Table table;
  for (int i = 0; i < 2000; ++i) table.obtain(at(std::to_string(i))) = i;
  for (int step = 0; step < 1000; ++step) table.tidy(16, [](int) { return true; });
  EXPECT_EQ(table.size(), 0U);
  table.obtain(at("new")) = 1;
  EXPECT_THAT(table.find(at("new")), Pointee(1));
}

TEST(KeyedTable, TidyMayLookAtMorePlacesThanThereAre) {
  Table table;
  for (int i = 0; i < 3; ++i) table.obtain(at(std::to_string(i))) = i;
  table.tidy(1000, [](int payload) { return payload == 1; });
  EXPECT_EQ(table.size(), 2U);
  table.tidy(1000, [](int) { return true; });
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace lymer::runtime
