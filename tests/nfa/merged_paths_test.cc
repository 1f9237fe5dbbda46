// Runs read out of bags: each once for every way to it, in the order of the default dialect, those
// below the floor left out.
// Not here: which bags there are (tests/nfa/merged_matcher_test.cc).
#include "nfa/merged_paths.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Ordinal kNoFloor = 0xffffffffU;  // Below 0.
constexpr Ordinal kNoCeiling = 0x7fffffffU;

std::string text_of(std::span<const PathEntry> path) {
  std::string out;
  for (const PathEntry& each : path) {
    out += static_cast<char>('a' + each.stage.value());
    out += std::to_string(each.ordinal);
  }
  return out;
}

class MergedPathsTest : public ::testing::Test {
 protected:
  BagId start(std::uint32_t event, BagId next = kEmptyBag) {
    return buffer_.start(EventRef(event), event, StageIndex(0), next);
  }
  // Gives up the reference to `previous`.
  BagId extend(BagId previous, std::uint32_t event, std::uint16_t stage, BagId next = kEmptyBag) {
    const BagId made = buffer_.extend(previous, EventRef(event), event, StageIndex(stage), next);
    buffer_.release(previous);
    return made;
  }
  std::vector<std::string> all(BagId bag, Ordinal floor = kNoFloor, Ordinal ceiling = kNoCeiling) {
    PathList list;
    reader_.read_all(bag, floor, ceiling, list);
    list.sort();
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < list.size(); ++i) lines.push_back(text_of(list[i]));
    return lines;
  }
  std::string first(BagId bag, Ordinal floor = kNoFloor) {
    const auto path = reader_.read_first(bag, floor);
    return path ? text_of(*path) : "none";
  }

  EventReferences references_;
  MergedBuffer buffer_{references_};
  PathReader reader_{buffer_};
};

TEST_F(MergedPathsTest, ReadsEveryRunOfABag) {
  const BagId starts = start(2, start(1));
  buffer_.retain(starts);
  const BagId bag = extend(starts, 5, 1, extend(starts, 3, 1));
  EXPECT_THAT(all(bag), ElementsAre("a1b3", "a1b5", "a2b3", "a2b5"));
  EXPECT_THAT(all(bag, 1), ElementsAre("a2b3", "a2b5"));
  EXPECT_THAT(all(bag, kNoFloor, 1), ElementsAre("a1b3", "a1b5"));
  EXPECT_THAT(all(bag, 2), IsEmpty());
  EXPECT_EQ(first(bag), "a1b3");
  EXPECT_EQ(first(bag, 1), "a2b3");
  EXPECT_EQ(first(bag, 2), "none");
  EXPECT_EQ(reader_.earliest_start(bag, kNoFloor), 1U);
  EXPECT_EQ(reader_.earliest_start(bag, 1), 2U);
  EXPECT_EQ(reader_.earliest_start(bag, 2), std::nullopt);
  buffer_.release(bag);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedPathsTest, PutsTheLongestOfAStartFirst) {
  const BagId one = start(1);
  buffer_.retain(one);
  buffer_.retain(one);
  const BagId two = extend(one, 2, 1);
  const BagId bag = extend(extend(two, 3, 1), 9, 2, extend(one, 9, 2, extend(one, 8, 1)));
  EXPECT_THAT(all(bag), ElementsAre("a1b2b3c9", "a1b8", "a1c9"));
  EXPECT_EQ(first(bag), "a1b2b3c9");
  buffer_.release(bag);
}

TEST_F(MergedPathsTest, ComparesStagesWhereEventsAreEqual) {
  const BagId one = start(1);
  buffer_.retain(one);
  const BagId bag = extend(one, 2, 2, extend(one, 2, 1));
  EXPECT_THAT(all(bag), ElementsAre("a1b2", "a1c2"));
  EXPECT_EQ(first(bag), "a1b2");
  buffer_.release(bag);
}

TEST_F(MergedPathsTest, KeepsEqualRunsApart) {
  const BagId one = start(1);
  buffer_.retain(one);
  const BagId bag = buffer_.unite(one, one);
  EXPECT_THAT(all(bag), ElementsAre("a1", "a1"));
  EXPECT_EQ(first(bag), "a1");
  buffer_.release(bag);
}

// 40 doublings: 2^40 runs, read one at a time or the first alone.
TEST_F(MergedPathsTest, FindsTheFirstOfVeryManyRuns) {
  BagId bag = start(0);
  for (std::uint32_t i = 1; i <= 40; ++i) {
    buffer_.retain(bag);
    bag = extend(bag, i, 1, bag);
  }
  std::string longest = "a0";
  for (int i = 1; i <= 40; ++i) longest += "b" + std::to_string(i);
  EXPECT_EQ(first(bag), longest);
  EXPECT_LE(reader_.visited(), 41U);
  buffer_.release(bag);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedPathsTest, ReadsLongChainsWithoutRecursion) {
  BagId bag = kEmptyBag;
  for (std::uint32_t i = 0; i < 200'000; ++i) bag = start(i, bag);
  bag = extend(bag, 200'000, 1);
  EXPECT_EQ(first(bag), "a0b200000");
  EXPECT_EQ(all(bag, 199'997).size(), 2U);
  buffer_.release(bag);
}

}  // namespace
}  // namespace lymer::nfa
