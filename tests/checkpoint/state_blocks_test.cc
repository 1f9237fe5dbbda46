// State cut into blocks and put together again, and blocks that do not fit together.
// Not here: checksums (tests/checkpoint/checkpoint_reader_test.cc).
#include "checkpoint/state_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/checkpoint/sample_snapshot.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;
using runtime::StateSnapshot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

StateSnapshot mixed() { return sample(1).parts[1].state; }

TEST(StateBlocks, HoldOneKeyGroupEach) {
  const StateSnapshot alone = key_group_state(mixed(), KeyGroup(3));
  EXPECT_THAT(alone.key_groups(), ElementsAre(KeyGroup(3)));
  EXPECT_THAT(alone.names(KeyGroup(3)), ElementsAre("runs", "timers"));
  EXPECT_FALSE(alone.get_operator_state("watermark"));
}

TEST(StateBlocks, TellOperatorStateFromItsAbsence) {
  StateSnapshot state;
  EXPECT_FALSE(operator_state(state));
  EXPECT_EQ(operator_state_bytes(state), 0U);
  state.put(KeyGroup(1), "runs", bytes("12345"));
  EXPECT_FALSE(operator_state(state));
  EXPECT_EQ(operator_state_bytes(state), 0U);
  state.put_operator_state("offsets", {});
  ASSERT_TRUE(operator_state(state));
  EXPECT_TRUE(operator_state(state)->get_operator_state("offsets"));
  EXPECT_TRUE(operator_state(state)->get(KeyGroup(1), "runs")->empty());
  EXPECT_GT(operator_state_bytes(state), 0U);
}

TEST(StateBlocks, CompareOperatorStateAlone) {
  StateSnapshot left;
  StateSnapshot right;
  left.put(KeyGroup(1), "runs", bytes("1"));
  right.put(KeyGroup(2), "timers", bytes("2"));
  EXPECT_TRUE(has_equal_operator_state(left, right));
  left.put_operator_state("offsets", bytes("5"));
  EXPECT_FALSE(has_equal_operator_state(left, right));
  right.put_operator_state("offsets", bytes("6"));
  EXPECT_FALSE(has_equal_operator_state(left, right));
  right.put_operator_state("offsets", bytes("5"));
  EXPECT_TRUE(has_equal_operator_state(left, right));
}

TEST(BlockReader, PutsBlocksTogetherInAnyOrder) {
  const StateSnapshot state = mixed();
  const auto three = key_group_state(state, KeyGroup(3)).serialize();
  const auto seven = key_group_state(state, KeyGroup(7)).serialize();
  const auto rest = operator_state(state)->serialize();

  BlockReader forwards;
  ASSERT_TRUE(forwards.add(KeyGroup(3), three));
  ASSERT_TRUE(forwards.add(KeyGroup(7), seven));
  ASSERT_TRUE(forwards.add(std::nullopt, rest));
  EXPECT_EQ(std::move(forwards).finish().value(), state);

  BlockReader other;
  ASSERT_TRUE(other.add(KeyGroup(7), seven));
  ASSERT_TRUE(other.add(std::nullopt, rest));
  ASSERT_TRUE(other.add(KeyGroup(3), three));
  EXPECT_EQ(std::move(other).finish().value(), state);

  EXPECT_EQ(BlockReader().finish().value(), StateSnapshot());
}

TEST(BlockReader, RefusesABlockOfAnotherKeyGroup) {
  const StateSnapshot state = mixed();
  BlockReader reader;
  const auto added = reader.add(KeyGroup(4), key_group_state(state, KeyGroup(3)).serialize());
  EXPECT_EQ(failure(added), "corrupt data: it holds other pieces than those of its key group");
  EXPECT_FALSE(reader.add(KeyGroup(3), state.serialize()));
  EXPECT_FALSE(reader.add(KeyGroup(3), StateSnapshot().serialize()));
  EXPECT_FALSE(reader.add(KeyGroup(3), bytes("nonsense")));
}

TEST(BlockReader, RefusesKeyedBytesInOperatorState) {
  BlockReader reader;
  EXPECT_EQ(failure(reader.add(std::nullopt, mixed().serialize())),
            "corrupt data: it holds bytes of key group 3");
}

TEST(BlockReader, MissesWhatOnlyOperatorStateNames) {
  BlockReader reader;
  ASSERT_TRUE(reader.add(std::nullopt, operator_state(mixed())->serialize()));
  ASSERT_TRUE(reader.add(KeyGroup(3), key_group_state(mixed(), KeyGroup(3)).serialize()));
  EXPECT_EQ(failure(std::move(reader).finish()),
            "corrupt data: its piece `runs` of key group 7 is missing");
}

TEST(StateBlocks, AreNamedForMessages) {
  EXPECT_EQ(to_string(BlockGroup(KeyGroup(7))), "key group 7");
  EXPECT_EQ(to_string(BlockGroup()), "operator state");
}

}  // namespace
}  // namespace lymer::checkpoint
