// Cells: what each holds, who keeps what alive, and that nothing is left behind.
// Not here: the runs in them (tests/nfa/merged_paths_test.cc).
#include "nfa/merged_buffer.h"

#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

constexpr StageIndex kA{0};
constexpr StageIndex kB{1};

class MergedBufferTest : public ::testing::Test {
 protected:
  BagId start(std::uint32_t event, BagId next = kEmptyBag) {
    return buffer_.start(EventRef(event), event, kA, next);
  }
  BagId extend(BagId previous, std::uint32_t event, BagId next = kEmptyBag) {
    return buffer_.extend(previous, EventRef(event), event, kB, next);
  }
  [[nodiscard]] std::uint32_t held(std::uint32_t event) const {
    return references_.count(EventRef(event));
  }

  EventReferences references_;
  MergedBuffer buffer_{references_};
};

TEST_F(MergedBufferTest, KnowsTheLatestStartOfABag) {
  const BagId early = start(1);
  const BagId both = start(5, early);
  EXPECT_EQ(buffer_.at(both).max_start, 5U);
  const BagId later = extend(both, 7);
  EXPECT_EQ(buffer_.at(later).max_start, 5U);
  EXPECT_FALSE(buffer_.at(later).is_start());
  EXPECT_TRUE(buffer_.at(both).is_start());
  EXPECT_TRUE(buffer_.is_live(later, 4));
  EXPECT_FALSE(buffer_.is_live(later, 5));
  EXPECT_FALSE(buffer_.is_live(kEmptyBag, 0));
  buffer_.release(both);
  buffer_.release(later);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedBufferTest, ComparesStartsAsDistances) {
  constexpr Ordinal kBeforeTheWrap = 0xffffffffU;
  const BagId old = buffer_.start(EventRef(0), kBeforeTheWrap, kA, kEmptyBag);
  const BagId both = buffer_.start(EventRef(1), 0, kA, old);
  EXPECT_EQ(buffer_.at(both).max_start, 0U);
  EXPECT_TRUE(buffer_.is_live(both, kBeforeTheWrap));
  buffer_.release(both);
}

TEST_F(MergedBufferTest, KeepsEventsAsLongAsACellNeedsThem) {
  const BagId first = start(1);
  const BagId second = extend(first, 2);
  buffer_.release(first);
  EXPECT_EQ(held(1), 1U);
  const BagId third = extend(second, 3, start(4));
  buffer_.release(second);
  EXPECT_EQ(buffer_.live_cells(), 4U);
  buffer_.release(third);
  for (std::uint32_t event = 1; event <= 4; ++event) EXPECT_EQ(held(event), 0U) << event;
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedBufferTest, UnitesBags) {
  const BagId left = start(1);
  const BagId right = start(9);
  EXPECT_EQ(buffer_.unite(left, kEmptyBag), left);
  EXPECT_EQ(buffer_.unite(kEmptyBag, right), right);
  const BagId both = buffer_.unite(left, right);
  EXPECT_EQ(buffer_.at(both).max_start, 9U);
  EXPECT_FALSE(buffer_.at(both).has_event);
  buffer_.release(both);
  EXPECT_EQ(buffer_.live_cells(), 0U);
}

TEST_F(MergedBufferTest, CutsOffWhatIsDead) {
  const BagId old = start(1);
  const BagId both = start(5, old);
  buffer_.cut_next(both);
  EXPECT_EQ(buffer_.live_cells(), 1U);
  EXPECT_EQ(held(1), 0U);
  buffer_.release(both);
}

TEST_F(MergedBufferTest, FreesLongChainsWithoutRecursion) {
  BagId chain = kEmptyBag;
  for (std::uint32_t i = 0; i < 500'000; ++i) chain = start(i, chain);
  buffer_.release(chain);
  EXPECT_EQ(buffer_.live_cells(), 0U);
  EXPECT_EQ(start(1), BagId(0)) << "slots are used again, the last freed first";
}

}  // namespace
}  // namespace lymer::nfa
