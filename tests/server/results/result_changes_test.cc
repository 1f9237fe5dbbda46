// Results that wait: invisible before their commit, visible once behind it, dropped if nobody holds
// them.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/storage/ordered_store.h"
#include "tests/server/results/store_fixture.h"

namespace lymer::results {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ResultChanges : public StoreFixture {};

TEST_F(ResultChanges, AreSeenBehindTheCommitAlone) {
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 5, 0, {match("a", 1)}));
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 5, 1, {match("b", 2)}));
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 6, 0, {match("c", 3)}));
  EXPECT_THAT(ids(page({})), IsEmpty());
  EXPECT_EQ(store_->totals(ResultKind::kMatch).next, 1U);
  open();
  ASSERT_TRUE(store_->commit("s", 1, 5, 2));
  EXPECT_THAT(ids(page({})), ElementsAre("b", "a"));
  ASSERT_TRUE(store_->commit("s", 1, 5, 2));
  ASSERT_TRUE(store_->commit("s", 1, 6, 1));
  open();
  ASSERT_TRUE(store_->commit("s", 1, 6, 1));
  EXPECT_THAT(ids(page({})), ElementsAre("c", "b", "a"));
}

TEST_F(ResultChanges, AreDroppedWhereNobodyHoldsThem) {
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 5, 0, {match("a", 1)}));
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 6, 0, {match("b", 2)}));
  ASSERT_TRUE(store_->put_uncommitted("other", 1, 6, 0, {match("c", 3)}));
  ASSERT_TRUE(store_->drop_uncommitted("s", {{1, 5}}));
  ASSERT_TRUE(store_->commit("s", 1, 5, 1));
  ASSERT_TRUE(store_->commit("other", 1, 6, 1));
  const auto gone = store_->commit("s", 1, 6, 1);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->commit("s", 1, 6, 0)) << "there was nothing";
  EXPECT_THAT(ids(page({})), ElementsAre("c", "a"));
}

TEST_F(ResultChanges, OfManyMegabytesBecomeVisibleInSteps) {
  std::vector<std::string> expected;
  for (std::uint32_t number = 0; number < 12; ++number) {
    StoredResult large = match("m" + std::to_string(100 + number), number);
    large.body = std::string(std::size_t{2} << 20U, 'x');
    expected.push_back(large.id);
    ASSERT_TRUE(store_->put_uncommitted("s", 1, 1, number, {large}));
  }
  ASSERT_TRUE(store_->commit("s", 1, 1, 12));
  EXPECT_EQ(ids(page({.is_newest_first = false, .bytes = std::size_t{64} << 20U})), expected);
  ASSERT_TRUE(store_->commit("s", 1, 1, 12));
}

TEST_F(ResultChanges, OfANewerFormatAreRefused) {
  store_ = nullptr;
  {
    const auto raw = storage::OrderedStore::open({.directory = temp_.path("results")}).value();
    storage::WriteSet set;
    set.put(version_key(), std::string(8, '\x7f'));
    ASSERT_TRUE(raw->write(set));
  }
  EXPECT_EQ(ResultStore::open(options_, clock_).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lymer::results
