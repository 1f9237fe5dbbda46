// Places that several indexes share, both ways, and how few of the others are looked at.
// Not here: pages (tests/server/results/result_store_test.cc).
#include "server/results/index_walk.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::results {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class IndexWalkTest : public ::testing::Test {
 protected:
  static IndexPlace at(std::int64_t time) { return {EventTime::from_millis(time), 1}; }
  static std::string prefix(const std::string& rule) {
    return index_prefix(ResultKind::kMatch, Index::kRule, rule);
  }
  void fill(const std::string& rule, std::int64_t first, std::int64_t last, std::int64_t step) {
    storage::WriteSet set;
    for (std::int64_t time = first; time <= last; time += step) {
      set.put(index_key(prefix(rule), at(time)), {});
    }
    ASSERT_TRUE(store_->write(set));
  }
  std::vector<std::int64_t> times(const std::vector<std::string>& rules, bool is_backward,
                                  std::size_t most = 1000) {
    std::vector<std::string> prefixes;
    for (const std::string& each : rules) prefixes.push_back(prefix(each));
    IndexWalk walk(*store_, prefixes, {at(10), at(last_)}, is_backward);
    std::vector<std::int64_t> times;
    while (const auto place = walk.next(most)) times.push_back(place->time.to_millis());
    EXPECT_TRUE(walk.status());
    stopped_at_ = walk.stopped_at();
    return times;
  }

  const support::TempFiles temp_;
  const std::unique_ptr<storage::OrderedStore> store_ =
      storage::OrderedStore::open({.directory = temp_.path("s")}).value();
  std::int64_t last_ = 90;
  std::optional<IndexPlace> stopped_at_;
};

TEST_F(IndexWalkTest, GivesWhatAllIndexesHoldBothWays) {
  fill("twos", 0, 200, 2);
  fill("threes", 0, 200, 3);
  fill("fives", 0, 200, 5);
  EXPECT_THAT(times({"twos", "threes", "fives"}, false), ElementsAre(30, 60));
  EXPECT_THAT(times({"fives", "twos", "threes"}, true), ElementsAre(60, 30));
  EXPECT_THAT(times({"twos", "nothing"}, false), IsEmpty());
  EXPECT_EQ(times({"twos"}, false).size(), 40U);
  EXPECT_EQ(stopped_at_, std::nullopt);
}

TEST_F(IndexWalkTest, LooksAtLongIndexesOnlyWhereShortOnesAre) {
  last_ = 1000;
  fill("all", 100, 900, 1);
  fill("rare", 200, 800, 300);
  EXPECT_THAT(times({"all", "rare"}, false, 120), ElementsAre(200, 500, 800));
  EXPECT_THAT(times({"rare", "all"}, true, 120), ElementsAre(800, 500, 200));
}

TEST_F(IndexWalkTest, StopsWhereItHasLookedAtEnough) {
  fill("even", 0, 200, 2);
  fill("odd", 1, 201, 2);
  EXPECT_THAT(times({"even", "odd"}, false, 10), IsEmpty());
  ASSERT_TRUE(stopped_at_);
  EXPECT_GT(*stopped_at_, at(14));
  EXPECT_LT(*stopped_at_, at(26));
  EXPECT_THAT(times({"even"}, true, 2), ElementsAre(88, 86));
  EXPECT_EQ(stopped_at_, at(84));
}

}  // namespace
}  // namespace lymer::results
