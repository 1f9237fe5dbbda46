// What a database does when its disk fails, and the bound of its memory.
// Not here: what tables hold (tests/runtime/state/state_table_test.cc).
#include "checkpoint/rocks/state_database.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kMemory = std::size_t{8} << 20U;

std::string key_number(int number) { return "key " + std::to_string(100'000 + number); }

// All keys from `begin` on and before `end`.
std::vector<std::string> keys_in(StateDatabase& database, std::string_view begin,
                                 std::string_view end) {
  std::vector<std::string> keys;
  database.walk(begin, end, false, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  return keys;
}

TEST(StateDatabase, SaysWhyItCannotBeOpenedAndHoldsNothing) {
  const support::TempFiles temp;
  const auto memory = std::make_shared<DatabaseMemory>(kMemory);
  StateDatabase database(temp.write("file", "") + "/below", memory);
  const Result<void> status = database.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_THAT(status.error().message,
              AllOf(HasSubstr(temp.path("file")), HasSubstr("cannot be opened")));
  database.put("a", "1");
  database.append("a", "2");
  database.erase("a");
  database.erase("a", "b");
  database.compact();
  rocksdb::PinnableSlice value;
  EXPECT_FALSE(database.get("a", value));
  EXPECT_THAT(keys_in(database, "", "z"), ElementsAre());
}

TEST(StateDatabase, RefusesADirectoryWithAnotherInIt) {
  const support::TempFiles temp;
  const auto memory = std::make_shared<DatabaseMemory>(kMemory);
  const StateDatabase one(temp.path("d"), memory);
  EXPECT_TRUE(one.status());
  const StateDatabase other(temp.path("d"), memory);
  EXPECT_FALSE(other.status());
}

TEST(StateDatabase, ErasesRanges) {
  const support::TempFiles temp;
  StateDatabase database(temp.path("d"), std::make_shared<DatabaseMemory>(kMemory));
  for (int i = 0; i < 5000; ++i) database.put(key_number(i), "x");
  database.erase(key_number(1), key_number(4999));
  EXPECT_THAT(keys_in(database, "", "z"), ElementsAre(key_number(0), key_number(4999)));
  EXPECT_TRUE(database.status());
}

// A walk sees what there was when it began.
TEST(StateDatabase, IsWalkedAsItWas) {
  const support::TempFiles temp;
  StateDatabase database(temp.path("d"), std::make_shared<DatabaseMemory>(kMemory));
  for (int i = 0; i < 100; ++i) database.put(key_number(i), "old");
  int seen = 0;
  database.walk("", "z", true, [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(key, key_number(seen));
    EXPECT_EQ(value, "old");
    ++seen;
    database.put(key_number(seen), "new");
    database.put("key 1" + std::string(1, static_cast<char>('A' + seen % 26)), "new");
    return true;
  });
  EXPECT_EQ(seen, 100);
}

TEST(StateDatabase, PutsPiecesTogetherAlsoFromFiles) {
  const support::TempFiles temp;
  StateDatabase database(temp.path("d"), std::make_shared<DatabaseMemory>(kMemory));
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    database.append("list", key_number(i));
    expected += key_number(i);
    if (i % 10 == 9) database.compact();
  }
  rocksdb::PinnableSlice value;
  ASSERT_TRUE(database.get("list", value));
  EXPECT_EQ(value.ToStringView(), expected);
}

// Bytes of a file change under it.
TEST(StateDatabase, TellsOfDamage) {
  const support::TempFiles temp;
  StateDatabase database(temp.path("d"), std::make_shared<DatabaseMemory>(kMemory));
  for (int i = 0; i < 3000; ++i) database.put(key_number(i), std::string(100, 'x'));
  database.compact();
  int damaged = 0;
  for (const auto& each : std::filesystem::directory_iterator(temp.path("d"))) {
    if (each.path().extension() != ".sst") continue;
    ++damaged;
    std::fstream file(each.path(), std::ios::in | std::ios::out | std::ios::binary);
    for (int i = 0; i < 2000; ++i) file << "damage!";
  }
  ASSERT_GT(damaged, 0);
  rocksdb::PinnableSlice value;
  EXPECT_FALSE(database.get(key_number(0), value));
  ASSERT_FALSE(database.status());
  EXPECT_EQ(database.status().error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(database.status().error().message, HasSubstr("cannot be read"));
  database.put("new", "x");
  EXPECT_FALSE(database.get("new", value)) << "after an error it holds nothing";
}

// Several share it: what all of them have not written counts.
TEST(StateDatabase, KeepsToTheMemoryOfAll) {
  const support::TempFiles temp;
  const auto memory = std::make_shared<DatabaseMemory>(kMemory);
  {
    StateDatabase one(temp.path("1"), memory);
    StateDatabase other(temp.path("2"), memory);
    std::size_t most = 0;
    for (int i = 0; i < 12'000; ++i) {
      one.put(key_number(i), std::string(2000, 'x'));
      other.put(key_number(i), std::string(2000, 'y'));
      most = std::max(most, memory->used());
    }
    EXPECT_GT(most, kMemory / 8);
    EXPECT_LT(most, 2 * kMemory) << "of 48 MB that were written";
    EXPECT_TRUE(one.status());
    EXPECT_TRUE(other.status());
  }
  EXPECT_FALSE(std::filesystem::exists(temp.path("1") + "/CURRENT"));
}

}  // namespace
}  // namespace lymer::checkpoint
