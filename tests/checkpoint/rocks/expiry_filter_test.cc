// State with a lifetime in a database that is compacted: what is expired is no longer there, by the
// clock that was given.
// Not here: lifetimes as such (tests/runtime/state/state_column_test.cc).
#include "checkpoint/rocks/expiry_filter.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/rocks/database_memory.h"
#include "checkpoint/rocks/rocks_backend.h"
#include "checkpoint/rocks/working_directory.h"
#include "runtime/key_group.h"
#include "runtime/state/keyed_state.h"
#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyedState;
using runtime::StateBytes;
using runtime::StateTtl;
using support::ms;
using ::testing::ElementsAre;
using ::testing::Pair;

// Tells what is in its tables, whatever readers would be told of it.
class WatchedBackend final : public runtime::StateBackend {
 public:
  explicit WatchedBackend(const std::string& directory)
      : rocks_(directory, std::make_shared<DatabaseMemory>(std::size_t{4} << 20U), nullptr) {}

  std::unique_ptr<runtime::ValueTable> make_values(const runtime::WhatIsLeft& left) override {
    auto table = rocks_.make_values(left);
    values.push_back(table.get());
    return table;
  }
  std::unique_ptr<runtime::MapTable> make_map(const runtime::WhatIsLeft& left) override {
    auto table = rocks_.make_map(left);
    maps.push_back(table.get());
    return table;
  }
  void compact() { rocks_.compact(); }

  std::vector<runtime::ValueTable*> values;
  std::vector<runtime::MapTable*> maps;

 private:
  RocksBackend rocks_;
};

class Expiry : public ::testing::Test {
 protected:
  void go_to(const std::string& key) {
    key_ = key;
    const StateBytes bytes = std::as_bytes(std::span(key_));
    state_.set_key(runtime::key_hash_of(bytes), bytes);
  }
  void pass(std::int64_t millis) { clock_.sleep(Duration::millis(millis)); }

  support::TempFiles temp_;
  ManualClock clock_{ms(1000)};
  WatchedBackend backend_{temp_.path("database")};
  KeyedState state_{backend_, clock_};
  std::string key_;
  const StateTtl ttl_{.lifetime = Duration::millis(10)};
};

TEST_F(Expiry, DropsValuesThatNobodyReads) {
  auto timed = state_.value<std::int64_t>("timed", ttl_);
  auto lasting = state_.value<std::int64_t>("lasting");
  for (int i = 0; i < 300; ++i) {
    go_to(std::to_string(i));
    timed.update(i);
    lasting.update(i);
    if (i == 199) pass(9);
  }
  backend_.compact();
  EXPECT_EQ(backend_.values[0]->size(), 300U) << "none is expired, by the clock that they have";
  pass(1);
  EXPECT_EQ(backend_.values[0]->size(), 300U) << "nobody has looked yet";
  backend_.compact();
  EXPECT_EQ(backend_.values[0]->size(), 100U);
  EXPECT_EQ(backend_.values[1]->size(), 300U);
  go_to("250");
  EXPECT_EQ(timed.get(), 250);
  ASSERT_TRUE(backend_.status());
}

TEST_F(Expiry, DropsElementsOfLists) {
  auto list = state_.list<std::string>("list", ttl_);
  go_to("ann");
  list.add("old");
  backend_.compact();
  pass(6);
  list.add("new");
  go_to("bob");
  list.add("newest");
  pass(4);
  backend_.compact();
  go_to("ann");
  const StateBytes kept = backend_.values[0]->get(state_.current()).value();
  ByteReader reader(kept);
  (void)reader.bytes();
  EXPECT_EQ(reader.remaining(), 0U) << "one element is left in the table";
  EXPECT_THAT(list.get(), ElementsAre("new"));
  pass(6);
  backend_.compact();
  EXPECT_EQ(backend_.values[0]->size(), 0U);
}

// Elements that no base has been put together with: the filter sees them alone.
TEST_F(Expiry, DropsElementsThatWereAppended) {
  auto list = state_.list<std::string>("list", ttl_);
  go_to("ann");
  list.update({"base"});
  backend_.compact();
  for (int i = 0; i < 3; ++i) {
    pass(4);
    list.add(std::to_string(i));
  }
  backend_.compact();
  EXPECT_THAT(list.get(), ElementsAre("0", "1", "2"));
}

TEST_F(Expiry, DropsEntriesOfMaps) {
  auto map = state_.map<std::string, std::int64_t>("map", ttl_);
  go_to("ann");
  map.put("a", 1);
  map.put("b", 2);
  go_to("bob");
  map.put("c", 3);
  pass(5);
  go_to("ann");
  map.put("b", 4);
  pass(5);
  backend_.compact();
  EXPECT_EQ(backend_.maps[0]->size(), 1U);
  EXPECT_THAT(map.entries(), ElementsAre(Pair("b", 4)));
}

TEST_F(Expiry, LeavesWhatIsNotToBeCleaned) {
  StateTtl kept = ttl_;
  kept.cleans_in_compaction = false;
  auto value = state_.value<std::int64_t>("value", kept);
  go_to("ann");
  value.update(1);
  pass(100);
  backend_.compact();
  EXPECT_EQ(backend_.values[0]->size(), 1U);
  EXPECT_EQ(value.get(), std::nullopt);
}

}  // namespace
}  // namespace lymer::checkpoint
