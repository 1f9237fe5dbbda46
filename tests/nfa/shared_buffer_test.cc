// Sharing of paths, and when their nodes and events are let go.
// Not here: the runs that hold nodes (matcher_test.cc).
#include "nfa/shared_buffer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SharedBufferTest : public testing::Test {
 protected:
  // Adds event `number` with that ordinal, for stage `number` too: enough to tell nodes apart.
  NodeId extend(NodeId previous, std::uint32_t number) {
    return buffer_.extend(previous, StageIndex(static_cast<std::uint16_t>(number)),
                          EventRef(number), number);
  }
  std::string path(NodeId node) {
    std::vector<PathEntry> entries;
    buffer_.read_path(node, entries);
    std::string line;
    for (const PathEntry& each : entries) line += std::to_string(each.event.value()) + ' ';
    return line;
  }

  EventReferences references_;
  SharedBuffer buffer_{references_};
};

TEST_F(SharedBufferTest, ReadsAPathFromItsFirstEvent) {
  const NodeId first = extend(kNoNode, 1);
  const NodeId second = extend(first, 2);
  EXPECT_EQ(path(second), "1 2 ");
  EXPECT_EQ(path(first), "1 ");
  EXPECT_EQ(path(kNoNode), "");
  EXPECT_EQ(buffer_.previous(second), first);
  EXPECT_EQ(buffer_.entry(second).stage, StageIndex(2));
  EXPECT_EQ(buffer_.entry(second).ordinal, 2U);
}

TEST_F(SharedBufferTest, BranchesShareWhatTheyHaveInCommon) {
  const NodeId root = extend(kNoNode, 1);
  const NodeId left = extend(root, 2);
  const NodeId right = extend(root, 3);
  EXPECT_EQ(buffer_.live_nodes(), 3U);
  buffer_.release(root);  // The branches keep it.
  EXPECT_EQ(path(left), "1 2 ");
  buffer_.release(left);
  EXPECT_EQ(buffer_.live_nodes(), 2U);
  EXPECT_EQ(path(right), "1 3 ");
  EXPECT_THAT(references_.released(), ElementsAre(EventRef(2)));
  buffer_.release(right);
  EXPECT_EQ(buffer_.live_nodes(), 0U);
}

TEST_F(SharedBufferTest, RetainKeepsANodeThroughOneRelease) {
  const NodeId node = extend(kNoNode, 1);
  buffer_.retain(node);
  buffer_.release(node);
  EXPECT_EQ(path(node), "1 ");
  buffer_.release(node);
  EXPECT_EQ(buffer_.live_nodes(), 0U);
}

TEST_F(SharedBufferTest, HoldsOneReferenceToAnEventForEachNode) {
  const NodeId first = buffer_.extend(kNoNode, StageIndex(0), EventRef(7), 0);
  const NodeId second = buffer_.extend(kNoNode, StageIndex(1), EventRef(7), 0);
  EXPECT_EQ(references_.count(EventRef(7)), 2U);
  buffer_.release(first);
  EXPECT_THAT(references_.released(), IsEmpty());
  buffer_.release(second);
  EXPECT_THAT(references_.released(), ElementsAre(EventRef(7)));
}

TEST_F(SharedBufferTest, UsesFreedNodesAgain) {
  const NodeId first = extend(kNoNode, 1);
  buffer_.release(first);
  const NodeId second = extend(kNoNode, 2);
  EXPECT_EQ(second, first);
  EXPECT_EQ(path(second), "2 ");
  buffer_.release(second);
}

// A recursive release would need the stack of a million frames.
TEST_F(SharedBufferTest, ReleasesALongPathInALoop) {
  constexpr std::uint32_t kLength = 1'000'000;
  NodeId last = kNoNode;
  for (std::uint32_t i = 0; i < kLength; ++i) {
    const NodeId next = buffer_.extend(last, StageIndex(0), EventRef(0), i);
    buffer_.release(last);
    last = next;
  }
  EXPECT_EQ(buffer_.live_nodes(), kLength);
  buffer_.release(last);
  EXPECT_EQ(buffer_.live_nodes(), 0U);
  EXPECT_EQ(references_.count(EventRef(0)), 0U);
}

TEST(SharedBufferOrdinal, IsComparedAsASignedDifference) {
  EXPECT_TRUE(ordinal_less(1, 2));
  EXPECT_FALSE(ordinal_less(2, 2));
  EXPECT_TRUE(ordinal_less(0xffffffffU, 0));
  EXPECT_FALSE(ordinal_less(0, 0xffffffffU));
}

TEST(SharedBuffer, KeepsANoteUntilTheNodeGoes) {
  EventReferences events;
  SharedBuffer buffer(events);
  const NodeId a = buffer.extend(kNoNode, StageIndex(0), EventRef(0), 0);
  const NodeId b = buffer.extend(a, StageIndex(0), EventRef(1), 1);
  EXPECT_EQ(buffer.note(b), 0U);
  buffer.set_note(b, 7);
  EXPECT_EQ(buffer.note(a), 0U);
  EXPECT_EQ(buffer.note(b), 7U);
  buffer.release(a);  // Held by b.
  EXPECT_TRUE(buffer.released_notes().empty());
  buffer.release(b);
  EXPECT_EQ(buffer.released_notes(), std::vector<std::uint32_t>{7});
  buffer.released_notes().clear();
  const NodeId again = buffer.extend(kNoNode, StageIndex(0), EventRef(2), 2);
  EXPECT_EQ(buffer.note(again), 0U);
  buffer.release(again);
  EXPECT_TRUE(buffer.released_notes().empty());
}

}  // namespace
}  // namespace lymer::nfa
