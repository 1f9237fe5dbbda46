// Slots by state, and by state and values, few and many.
// Not here: what is done with them (tests/nfa/merged_matcher_test.cc).
#include "nfa/slot_finder.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

Program two_states() {
  return make_program({{"a", StateKind::kStart, "take a -> b"},
                       {"b", StateKind::kNormal, "take b -> c"},
                       {"c", StateKind::kNormal, "take c -> end"}});
}

// Counts references; the values mean nothing.
class CountingValues final : public RunValues {
 public:
  std::uint64_t atoms() const override { return 0; }
  bool holds(AtomId, ValuesId) override { return false; }
  ValuesId take(ValuesId values, StageIndex, EventRef, StateIndex) override { return values; }
  ValuesId move(ValuesId values, StateIndex) override { return values; }
  void release(ValuesId) override { ++released; }
  int released = 0;
};

TEST(SlotFinder, FindsTheSlotOfAState) {
  const Program program = two_states();
  SlotFinder finder(program, nullptr);
  SlotFinder::Slots slots = {{state_of(program, "b"), BagId(7)}};
  for (int round = 0; round < 2; ++round) {
    finder.begin(slots);
    EXPECT_EQ(finder.bag_of(slots, state_of(program, "b"), kNoValues), BagId(7));
    finder.bag_of(slots, state_of(program, "c"), kNoValues) = BagId(8);
    EXPECT_EQ(finder.bag_of(slots, state_of(program, "c"), kNoValues), BagId(8));
    finder.end(slots);
  }
  EXPECT_EQ(slots.size(), 2U);
}

TEST(SlotFinder, TellsSlotsOfAStateApartByTheirValues) {
  const Program program = two_states();
  const StateIndex b = state_of(program, "b");
  CountingValues values;
  SlotFinder finder(program, &values);
  SlotFinder::Slots slots;
  constexpr std::uint32_t kMany = 100;
  for (std::uint32_t round = 0; round < 2; ++round) {
    finder.begin(slots);
    for (std::uint32_t i = 0; i < kMany; ++i) {
      BagId& bag = finder.bag_of(slots, b, ValuesId(i));
      EXPECT_EQ(bag, round == 0 ? kEmptyBag : BagId(i));
      bag = BagId(i);
    }
    finder.end(slots);
    EXPECT_EQ(slots.size(), kMany);
    // A slot that is there has its reference already.
    EXPECT_EQ(values.released, round == 0 ? 0 : static_cast<int>(kMany));
  }
  EXPECT_EQ(slots[3].values, ValuesId(3));
}

}  // namespace
}  // namespace lymer::nfa
