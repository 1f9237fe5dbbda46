// Bags that grow as forests: nothing is lost or left behind, and nothing lies deep.
// Not here: what a forest saves (tests/nfa/merged_matcher_test.cc).
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nfa/merged_buffer.h"
#include "nfa/merged_paths.h"

namespace lymer::nfa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StageIndex kA{0};
constexpr StageIndex kB{1};

class MergedForestTest : public ::testing::Test {
 protected:
  BagId start(std::uint32_t event, BagId next = kEmptyBag) {
    return buffer_.start(EventRef(event), event, kA, next);
  }
  BagId starts(std::uint32_t from, std::uint32_t to) {
    BagId bag = kEmptyBag;
    for (std::uint32_t i = from; i < to; ++i) bag = start(i, bag);
    return bag;
  }
  // First events of the runs with floor < start <= ceiling, in order.
  std::vector<Ordinal> read(BagId bag, Ordinal floor = 0, Ordinal ceiling = 1'000'000) {
    PathList paths;
    reader_.read_all(bag, floor, ceiling, paths);
    std::vector<Ordinal> found;
    for (std::size_t i = 0; i < paths.size(); ++i) found.push_back(paths[i].front().ordinal);
    std::ranges::sort(found);
    return found;
  }
  std::uint32_t depth(BagId bag) {
    if (bag == kEmptyBag) return 0;
    const Cell& cell = buffer_.at(bag);
    return 1 + std::max(depth(cell.previous), depth(cell.next));
  }

  EventReferences references_;
  MergedBuffer buffer_{references_, BagShape::kForest};
  PathReader reader_{buffer_};
};

TEST_F(MergedForestTest, KeepsEveryRun) {
  const BagId bag = starts(1, 8);
  EXPECT_THAT(read(bag), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(read(bag, 2, 4), ElementsAre(3, 4));
  EXPECT_EQ(buffer_.min_start(bag), 1U);
  EXPECT_EQ(buffer_.at(bag).max_start, 7U);
  buffer_.release(bag);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedForestTest, IsNoDeeperThanTwiceTheLogarithm) {
  BagId bag = kEmptyBag;
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    bag = start(i, bag);
    if (i % 977 == 0) {
      EXPECT_LE(depth(bag), 2U * 14);
    }
  }
  // A cell with an event each, and less than two without.
  EXPECT_LE(buffer_.live_cells(), 3U * 10'000);
  buffer_.release(bag);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedForestTest, LeavesABagThatIsSharedAsItIs) {
  const BagId bag = starts(1, 6);
  buffer_.retain(bag);
  const BagId longer = start(9, bag);
  EXPECT_THAT(read(bag), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(read(longer), ElementsAre(1, 2, 3, 4, 5, 9));
  buffer_.release(longer);
  EXPECT_THAT(read(bag), ElementsAre(1, 2, 3, 4, 5));
  buffer_.release(bag);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedForestTest, FindsTheEarliestStartAmongTheDead) {
  const BagId bag = starts(1, 100);
  EXPECT_EQ(reader_.earliest_start(bag, 0), 1U);
  EXPECT_EQ(reader_.earliest_start(bag, 57), 58U);
  EXPECT_EQ(reader_.earliest_start(bag, 99), std::nullopt);
  const auto first = reader_.read_first(bag, 31);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->front().ordinal, 32U);
  buffer_.release(bag);
}

TEST_F(MergedForestTest, UnitesForestsOfAllSizes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto first = static_cast<std::uint32_t>(1 + random() % 40);
    const auto second = static_cast<std::uint32_t>(random() % 40);
    const BagId left = starts(1, 1 + first);
    const BagId right = starts(100, 100 + second);
    const BagId longer = right == kEmptyBag ? kEmptyBag : start(200, right);
    const BagId both = buffer_.unite(longer, left);
    std::vector<Ordinal> expected;
    for (std::uint32_t i = 1; i <= first; ++i) expected.push_back(i);
    for (std::uint32_t i = 0; i < second; ++i) expected.push_back(100 + i);
    if (longer != kEmptyBag) expected.push_back(200);
    EXPECT_EQ(read(both), expected);
    EXPECT_LE(depth(both), 2U * 8);
    buffer_.release(both);
    EXPECT_EQ(buffer_.live_cells(), 0U);
  }
}

TEST_F(MergedForestTest, ProlongsAWholeForest) {
  const BagId bag = starts(1, 5);
  const BagId prolonged = buffer_.extend(bag, EventRef(9), 9, kB, kEmptyBag);
  buffer_.release(bag);
  EXPECT_THAT(read(prolonged), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read(prolonged, 4), IsEmpty());
  EXPECT_TRUE(buffer_.is_after(prolonged, 0));
  EXPECT_FALSE(buffer_.is_after(prolonged, 1));
  buffer_.release(prolonged);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
