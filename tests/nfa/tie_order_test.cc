// The order of matches that begin with the same event: length, then events, then stages.
// Not here: which match a skip strategy keeps by it (tests/golden/skip).
#include "nfa/tie_order.h"

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nfa/event_references.h"

namespace lymer::nfa {
namespace {

using ::testing::ElementsAre;

PathEntry entry(std::uint16_t stage, Ordinal ordinal) {
  return {StageIndex(stage), EventRef(ordinal), ordinal};
}

TEST(TieOrder, TheLongestGoesFirst) {
  EXPECT_TRUE(goes_before({entry(0, 1), entry(1, 2), entry(1, 9)}, {entry(0, 1), entry(1, 2)}));
  EXPECT_FALSE(goes_before({entry(0, 1), entry(1, 2)}, {entry(0, 1), entry(1, 2), entry(1, 9)}));
}

TEST(TieOrder, OfEqualLengthTheEarliestEventsGoFirst) {
  EXPECT_TRUE(goes_before({entry(0, 1), entry(1, 2), entry(1, 9)},
                          {entry(0, 1), entry(1, 3), entry(1, 4)}));
  EXPECT_FALSE(goes_before({entry(0, 1), entry(1, 3)}, {entry(0, 1), entry(1, 2)}));
}

TEST(TieOrder, OrdinalsMayWrap) {
  EXPECT_TRUE(goes_before({entry(0, 0xfffffff0U), entry(1, 0xffffffffU)},
                          {entry(0, 0xfffffff0U), entry(1, 3)}));
}

TEST(TieOrder, EqualEventsGoByStage) {
  EXPECT_TRUE(goes_before({entry(0, 1), entry(1, 2)}, {entry(0, 1), entry(2, 2)}));
  EXPECT_FALSE(goes_before({entry(0, 1), entry(1, 2)}, {entry(0, 1), entry(1, 2)}));
}

TEST(TieOrder, RunsGoByTheirFirstEventBeforeAll) {
  EventReferences events;
  SharedBuffer buffer(events);
  const auto run_of = [&](const std::vector<Ordinal>& path) {
    nfa::Run run;
    for (const Ordinal each : path) {
      const NodeId node = buffer.extend(run.node, StageIndex(0), EventRef(each), each);
      if (run.node != kNoNode) buffer.release(run.node);
      run.node = node;
    }
    run.start = path.front();
    return run;
  };
  nfa::Runs runs = {run_of({2, 3}), run_of({1, 4}), run_of({2, 3, 4}), run_of({1, 3})};
  sort_canonically(runs, buffer);
  std::vector<std::vector<Ordinal>> sorted;
  for (const nfa::Run& run : runs) {
    std::vector<PathEntry> path;
    buffer.read_path(run.node, path);
    sorted.emplace_back();
    for (const PathEntry& each : path) sorted.back().push_back(each.ordinal);
    buffer.release(run.node);
  }
  EXPECT_THAT(sorted, ElementsAre(ElementsAre(1, 3), ElementsAre(1, 4), ElementsAre(2, 3, 4),
                                  ElementsAre(2, 3)));
  EXPECT_EQ(buffer.live_nodes(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
