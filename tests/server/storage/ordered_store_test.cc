// What is written is there, in order, and what failed does no harm.
// Not here: what is kept (tests/server/log/, tests/server/results/).
#include "server/storage/ordered_store.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/storage/faulty_environment.h"
#include "tests/support/temp_files.h"

namespace lymer::storage {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

WriteSet set_of(const std::vector<std::string>& keys, std::string_view value = "x") {
  WriteSet set;
  for (const std::string& each : keys) set.put(each, value);
  return set;
}

std::vector<std::string> keys_in(const OrderedStore& store, std::string_view begin,
                                 std::string_view end, Direction direction) {
  std::vector<std::string> keys;
  EXPECT_TRUE(store.walk(begin, end, direction, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  return keys;
}

TEST(OrderedStore, WalksBothWaysAndStops) {
  const support::TempFiles temp;
  const auto store = OrderedStore::open({.directory = temp.path("s")}).value();
  ASSERT_TRUE(store->write(set_of({"a", "b", "c", "d"})));
  EXPECT_THAT(keys_in(*store, "b", "d", Direction::kForward), ElementsAre("b", "c"));
  EXPECT_THAT(keys_in(*store, "b", "d", Direction::kBackward), ElementsAre("c", "b"));
  int seen = 0;
  ASSERT_TRUE(store->walk("a", "z", Direction::kForward, [&](auto, auto) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST(OrderedStore, ErasesKeysAndRangesAndKeepsAllElseWhenOpenedAgain) {
  const support::TempFiles temp;
  {
    const auto store = OrderedStore::open({.directory = temp.path("s")}).value();
    ASSERT_TRUE(store->write(set_of({"a", "b", "c", "d", "e"})));
    WriteSet set;
    set.erase("a");
    set.erase("c", "e");
    EXPECT_FALSE(set.empty());
    ASSERT_TRUE(store->write(set));
  }
  const auto store = OrderedStore::open({.directory = temp.path("s")}).value();
  EXPECT_THAT(keys_in(*store, "a", "z", Direction::kForward), ElementsAre("b", "e"));
  EXPECT_EQ(store->get("b").value(), "x");
  EXPECT_EQ(store->get("a").value(), std::nullopt);
}

TEST(OrderedStore, IsOpenedByOneAlone) {
  const support::TempFiles temp;
  const auto store = OrderedStore::open({.directory = temp.path("s")}).value();
  const auto other = OrderedStore::open({.directory = temp.path("s")});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, AllOf(HasSubstr(temp.path("s")), HasSubstr("cannot be open")));
}

TEST(OrderedStore, FreesTheFilesOfWhatIsErased) {
  const support::TempFiles temp;
  constexpr std::size_t kBuffer = std::size_t{256} << 10U;
  const auto store =
      OrderedStore::open({.directory = temp.path("s"), .write_buffer_bytes = kBuffer}).value();
  std::mt19937 random(1);  // Compression would leave one small file.
  for (int i = 100; i < 400; ++i) {
    std::string value;
    for (int j = 0; j < 10'000; ++j) value.push_back(static_cast<char>(random()));
    ASSERT_TRUE(store->write(set_of({std::to_string(i)}, value)));
  }
  const std::uint64_t before = store->disk_bytes();
  WriteSet set;
  set.erase("100", "390");
  ASSERT_TRUE(store->write(set));
  EXPECT_GT(before, std::uint64_t{2'500'000});
  // What RocksDB is just moving it frees later; ctest ends a test that never ends.
  while (store->disk_bytes() > before / 2) ASSERT_TRUE(store->free_files("100", "390"));
  EXPECT_EQ(keys_in(*store, "1", "9", Direction::kForward).size(), 10U);
}

class FaultyStore : public ::testing::Test {
 protected:
  const support::TempFiles temp_;
  DiskFaults faults_;
  const std::unique_ptr<rocksdb::Env> environment_ = faulty_environment(faults_);
  const std::unique_ptr<OrderedStore> store_ =
      OrderedStore::open({.directory = temp_.path("s"), .environment = environment_.get()}).value();
};

TEST_F(FaultyStore, SyncsEachWriteThatIsToBeSynced) {
  const std::uint64_t before = faults_.syncs;
  ASSERT_TRUE(store_->write_unsynced(set_of({"b"})));
  EXPECT_EQ(faults_.syncs, before);
  EXPECT_EQ(store_->get("b").value(), "x");
  ASSERT_TRUE(store_->write(set_of({"a"})));
  EXPECT_GT(faults_.syncs, before);
}

TEST_F(FaultyStore, WalksAndSeeksBothWays) {
  ASSERT_TRUE(store_->write(set_of({"a", "b", "d", "e"})));
  for (const bool is_forward : {true, false}) {
    const auto walks = store_->walks({{"b", "e"}, {"a", "c"}},
                                     is_forward ? Direction::kForward : Direction::kBackward);
    StoreWalk& walk = *walks.front();
    EXPECT_EQ(walk.key(), is_forward ? "b" : "d");
    walk.seek("c");
    EXPECT_EQ(walk.key(), is_forward ? "d" : "b");
    walk.next();
    EXPECT_FALSE(walk.is_at_key());
    EXPECT_TRUE(walk.status());
    EXPECT_EQ(walks.back()->key(), is_forward ? "a" : "b");
  }
}

TEST_F(FaultyStore, GoesOnAfterAFullDiskOnceItIsOpenedAgain) {
  ASSERT_TRUE(store_->write(set_of({"a"})));
  faults_.is_full = true;
  const auto failed = store_->write(set_of({"b"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
  EXPECT_THAT(failed.error().message, HasSubstr("No space left"));
  faults_.is_full = false;
  ASSERT_TRUE(store_->reopen());
  ASSERT_TRUE(store_->write(set_of({"c"})));
  EXPECT_THAT(keys_in(*store_, "a", "z", Direction::kForward), ElementsAre("a", "c"));
}

TEST_F(FaultyStore, SaysSoWhereASyncFailed) {
  faults_.syncs_fail = true;
  EXPECT_FALSE(store_->write(set_of({"a"})));
  faults_.syncs_fail = false;
  ASSERT_TRUE(store_->reopen());
  EXPECT_TRUE(store_->write(set_of({"b"})));
}

TEST_F(FaultyStore, IsOfNoUseWhileItCannotBeOpened) {
  ASSERT_TRUE(store_->write(set_of({"a"})));
  faults_.opens_fail = true;
  EXPECT_FALSE(store_->reopen());
  EXPECT_FALSE(store_->write(set_of({"b"})));
  EXPECT_FALSE(store_->get("a"));
  EXPECT_FALSE(store_->walk("a", "b", Direction::kForward, [](auto, auto) { return true; }));
  {
    const auto walks = store_->walks({{"a", "b"}}, Direction::kForward);
    walks.front()->seek("a");
    EXPECT_FALSE(walks.front()->is_at_key());
    EXPECT_FALSE(walks.front()->status());
  }
  EXPECT_FALSE(store_->free_files("a", "b"));
  EXPECT_EQ(store_->disk_bytes(), 0U);
  faults_.opens_fail = false;
  ASSERT_TRUE(store_->reopen());
  EXPECT_EQ(store_->get("a").value(), "x");
}

}  // namespace
}  // namespace lymer::storage
