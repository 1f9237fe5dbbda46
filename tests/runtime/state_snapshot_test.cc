// Pieces by address, equal bytes for equal pieces, and bytes that are damaged.
// Not here: what stands in pieces (tests/cep/pattern_snapshot_test.cc).
#include "runtime/state_snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/byte_codec.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> made;
  for (const int value : values) made.push_back(static_cast<std::byte>(value));
  return made;
}

std::vector<std::byte> copy(std::span<const std::byte> piece) {
  return {piece.begin(), piece.end()};
}

StateSnapshot sample() {
  StateSnapshot state;
  state.put(KeyGroup(7), "runs", bytes({1, 2, 3}));
  state.put(KeyGroup(3), "runs", bytes({4}));
  state.put(KeyGroup(3), "count", {});
  state.put_operator_state("watermark", bytes({9, 9}));
  return state;
}

TEST(StateSnapshot, FindsPiecesByTheirAddress) {
  const StateSnapshot state = sample();
  EXPECT_EQ(copy(state.get(KeyGroup(7), "runs").value()), bytes({1, 2, 3}));
  EXPECT_EQ(copy(state.get_operator_state("watermark").value()), bytes({9, 9}));
  EXPECT_FALSE(state.get(KeyGroup(7), "count"));
  EXPECT_FALSE(state.get_operator_state("runs"));
}

TEST(StateSnapshot, TellsEmptyFromAbsent) {
  const StateSnapshot state = sample();
  ASSERT_TRUE(state.get(KeyGroup(3), "count"));
  EXPECT_TRUE(state.get(KeyGroup(3), "count")->empty());
  EXPECT_FALSE(state.get(KeyGroup(4), "count"));
}

TEST(StateSnapshot, ReplacesAPieceOfTheSameAddress) {
  StateSnapshot state = sample();
  state.put(KeyGroup(7), "runs", bytes({5}));
  EXPECT_EQ(copy(state.get(KeyGroup(7), "runs").value()), bytes({5}));
}

TEST(StateSnapshot, ListsKeyGroupsOnceAndInOrder) {
  EXPECT_THAT(sample().key_groups(), ElementsAre(KeyGroup(3), KeyGroup(7)));
}

TEST(StateSnapshot, ComesBackFromItsBytes) {
  const StateSnapshot state = sample();
  const auto back = StateSnapshot::deserialize(state.serialize());
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, state);
  EXPECT_EQ(StateSnapshot::deserialize(StateSnapshot().serialize()).value(), StateSnapshot());
}

TEST(StateSnapshot, GivesTheSameBytesInWhateverOrderItWasFilled) {
  StateSnapshot state;
  state.put_operator_state("watermark", bytes({9, 9}));
  state.put(KeyGroup(3), "count", {});
  state.put(KeyGroup(3), "runs", bytes({4}));
  state.put(KeyGroup(7), "runs", bytes({1, 2, 3}));
  EXPECT_EQ(state.serialize(), sample().serialize());
}

TEST(StateSnapshot, RefusesBytesThatWereCutOrChanged) {
  const std::vector<std::byte> whole = sample().serialize();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(StateSnapshot::deserialize(std::span(whole).first(i))) << "cut to " << i;
    std::vector<std::byte> changed = whole;
    changed[i] ^= std::byte{0x10};
    EXPECT_FALSE(StateSnapshot::deserialize(changed)) << "changed at " << i;
  }
}

TEST(StateSnapshot, RefusesPiecesThatDoNotFitUnderAGoodSeal) {
  ByteWriter writer;
  writer.put_u32(1000);
  const auto many = StateSnapshot::deserialize(seal("LYST", 1, writer.bytes()));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::kCorrupt);
  const auto newer = StateSnapshot::deserialize(seal("LYST", 2, {}));
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
}

TEST(StateSnapshot, TakesWhatOtherSubtasksWrote) {
  StateSnapshot other;
  other.put_operator_state("watermark", bytes({5}));
  other.put(KeyGroup(90), "runs", bytes({8}));
  StateSnapshot all;
  const auto not_seven = [](KeyGroup group) { return group != KeyGroup(7); };
  all.merge(sample(), not_seven);
  all.merge(other, not_seven);
  EXPECT_EQ(all.key_groups(), (std::vector{KeyGroup(3), KeyGroup(90)}));
  const auto states = all.operator_states("watermark");
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].size(), 2U);
  EXPECT_EQ(states[1].size(), 1U);
  EXPECT_EQ(all.get_operator_state("watermark")->size(), 2U);
  EXPECT_TRUE(all.operator_states("other").empty());
}

}  // namespace
}  // namespace lymer::runtime
