// Engine M by itself: what an event costs, what is kept, and how long.
// Not here: that it finds what engine E finds (tests/reference/, tests/nfa/rule_engine_test.cc).
#include "nfa/merged_matcher.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Program canonical(Program program) {
  program.ties = TieOrder::kCanonical;
  return program;
}

// a followedByAny b followedByAny c.
Program any_then_any(Duration window = {}, AfterMatch after_match = {}) {
  return canonical(make_program({{"a", StateKind::kStart, "take a -> b"},
                                 {"b", StateKind::kNormal, "take b -> c, ignore true -> b"},
                                 {"c", StateKind::kNormal, "take c -> end, ignore true -> c"}},
                                window, std::move(after_match)));
}

// Counts what it is told.
class Counter final : public MatchSink {
 public:
  void on_match(std::span<const PathEntry>) override { ++matches; }
  void on_timeout(std::span<const PathEntry>, EventTime) override { ++timeouts; }
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
};

// One key with events of one letter after the other, each a millisecond; a slot of events is used
// again after a million.
class Feed {
 public:
  explicit Feed(Program program, bool reports_timeouts = false, BagShape shape = BagShape::kChain)
      : program_(std::move(program)),
        buffer_(references_, shape),
        matcher_(program_, buffer_, reports_timeouts) {}

  void operator()(char letter, std::uint32_t times = 1) {
    for (std::uint32_t i = 0; i < times; ++i, ++ordinal_) {
      const auto time = EventTime::from_millis(ordinal_);
      LetterConditions conditions(letter, runs_);
      ASSERT_TRUE(matcher_.advance(state, time, sink));
      ASSERT_TRUE(
          matcher_.step(state, {EventRef(ordinal_ % 1'000'000), ordinal_, time}, conditions, sink));
      references_.released().clear();
    }
  }
  // Tells whether the state folds, and leaves it as it was.
  [[nodiscard]] bool folds() {
    const auto folded = matcher_.fold(state);
    if (folded) {
      EXPECT_TRUE(state.is_idle());
      EXPECT_LE(matcher_.next_deadline(*folded), EventTime::max());
      matcher_.unfold(*folded, state);
    }
    return folded.has_value();
  }
  [[nodiscard]] std::uint64_t visited() const { return matcher_.visited_cells(); }
  [[nodiscard]] std::size_t cells() const { return buffer_.live_cells(); }
  void clear() { matcher_.clear(state); }

  Counter sink;
  MergedState state;

 private:
  Program program_;
  EventReferences references_;
  SharedBuffer runs_{references_};
  MergedBuffer buffer_;
  MergedMatcher matcher_;
  Ordinal ordinal_ = 0;
};

TEST(MergedMatcher, KeepsOneCellAnEventHoweverManyTheRuns) {
  Feed feed(any_then_any());
  feed('a', 1000);
  feed('b', 1000);  // A million runs wait for c.
  EXPECT_EQ(feed.cells(), 2000U);
  EXPECT_EQ(feed.state.slots.size(), 2U);
  feed('x', 100);
  EXPECT_EQ(feed.visited(), 0U);
  feed.clear();
  EXPECT_EQ(feed.cells(), 0U);
}

// Makes `runs` partial matches, then counts the cells that 1,000 further events look at.
std::uint64_t cost_of_events(std::uint32_t runs, AfterMatch after_match) {
  Feed feed(any_then_any(Duration::millis(10'000'000), std::move(after_match)));
  feed('a', runs);
  const std::uint64_t before = feed.visited();
  for (int i = 0; i < 500; ++i) {
    feed('b');
    feed('x');
  }
  const std::uint64_t cost = feed.visited() - before;
  feed.clear();
  return cost;
}

TEST(MergedMatcher, LooksAtNoMoreCellsWhereMoreRunsAreAlive) {
  EXPECT_EQ(cost_of_events(100, {}), cost_of_events(100'000, {}));
  EXPECT_EQ(cost_of_events(100, {.kind = SkipKind::kPastLast}),
            cost_of_events(100'000, {.kind = SkipKind::kPastLast}));
}

// Cells looked at for each partial match that times out where so many are alive.
std::uint64_t cost_of_timeouts(std::uint32_t runs) {
  Feed feed(any_then_any(Duration::millis(runs)), true, BagShape::kForest);
  feed('a', runs);
  const std::uint64_t before = feed.visited();
  feed('x', 90);
  EXPECT_EQ(feed.sink.timeouts, 90U);
  const std::uint64_t cost = (feed.visited() - before) / 90;
  feed.clear();
  EXPECT_EQ(feed.cells(), 0U);
  return cost;
}

TEST(MergedMatcher, FindsWhatTimesOutInAForestOfManyRuns) {
  // Twice the logarithm: down the list, down the tree.
  EXPECT_LE(cost_of_timeouts(100), 2U * 7);
  EXPECT_LE(cost_of_timeouts(100'000), 2U * 17);
}

// Cells looked at for each match where one event completes so many, one start after the other.
std::uint64_t cost_of_next_starts(std::uint32_t runs) {
  Feed feed(canonical(make_program({{"a", StateKind::kStart, "take a -> b"},
                                    {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}},
                                   {}, {.kind = SkipKind::kToNext})),
            false, BagShape::kForest);
  feed('a', runs);
  feed('b');
  EXPECT_EQ(feed.sink.matches, runs);
  return feed.visited() / runs;
}

TEST(MergedMatcher, FindsTheNextStartInAForestOfManyRuns) {
  EXPECT_LE(cost_of_next_starts(100), 30U);
  EXPECT_LE(cost_of_next_starts(20'000), 60U);
}

TEST(MergedMatcher, LetsGoOfWhatItsWindowHasPassed) {
  Feed feed(any_then_any(Duration::millis(100)));
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    feed('a', 50);
    feed('b', 50);
    most = std::max(most, feed.cells());
  }
  // 100 in the window; the dead are looked for once as many again were made.
  EXPECT_LT(most, 600U);
  feed('x', 300);
  EXPECT_TRUE(feed.state.is_idle());
  EXPECT_EQ(feed.cells(), 0U);
}

TEST(MergedMatcher, PassesAllThatAMatchPasses) {
  Feed feed(any_then_any({}, {.kind = SkipKind::kPastLast}));
  feed('a', 1000);
  feed('b', 1000);
  feed('c');
  EXPECT_EQ(feed.sink.matches, 1U);
  EXPECT_TRUE(feed.state.is_idle());
  EXPECT_EQ(feed.cells(), 0U);
  // What has died is not looked at again.
  const std::uint64_t before = feed.visited();
  feed('a');
  feed('b');
  feed('c');
  EXPECT_LT(feed.visited() - before, 10U);
}

TEST(MergedMatcher, HoldsAMatchBackUntilWhatBeganEarlierHasEnded) {
  Scenario run(canonical(make_program({{"a", StateKind::kStart, "take a -> b, take b -> d"},
                                       {"b", StateKind::kNormal, "take c -> end, ignore !c -> b"},
                                       {"d", StateKind::kNormal, "take d -> end, ignore !d -> d"}},
                                      Duration::millis(10), {.kind = SkipKind::kPastLast})),
               Engine::kMerged);
  run.events("a1 b2 d3");
  EXPECT_THAT(run.take_found(), IsEmpty());
  run.events("x9");
  EXPECT_THAT(run.take_found(), IsEmpty());
  run.advance(11);
  EXPECT_THAT(run.take_found(), ElementsAre("a2 d3", "timeout a1 at 11"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST(MergedMatcher, TellsTheDeadlineOfEachTimeout) {
  Scenario run(any_then_any(Duration::millis(10)), Engine::kMerged);
  run.events("a1 a2 b3");
  EXPECT_EQ(run.next_deadline(), EventTime::from_millis(11));
  run.advance(100);
  EXPECT_THAT(run.take_found(), ElementsAre("timeout a1 b3 at 11", "timeout a1 at 11",
                                            "timeout a2 b3 at 12", "timeout a2 at 12"));
  EXPECT_TRUE(run.is_idle());
  EXPECT_EQ(run.next_deadline(), EventTime::max());
}

TEST(MergedMatcher, LooksForTimeoutsOnlyIfAsked) {
  Feed quiet(any_then_any(Duration::millis(10)));
  quiet('a', 5);
  quiet('x', 100);
  EXPECT_EQ(quiet.sink.timeouts, 0U);
  EXPECT_EQ(quiet.visited(), 0U);
  Feed asked(any_then_any(Duration::millis(10)), true);
  asked('a', 5);
  asked('x', 100);
  EXPECT_EQ(asked.sink.timeouts, 5U);
}

TEST(MergedMatcher, FoldsRunsOfOneStartInOnePlace) {
  Feed feed(any_then_any(Duration::millis(10)));
  feed('a');
  EXPECT_TRUE(feed.folds());
  feed('x');
  EXPECT_TRUE(feed.folds());
  feed('a');
  EXPECT_FALSE(feed.folds());  // Two events have begun runs.
  feed('x', 9);
  EXPECT_TRUE(feed.folds());  // The first of them has ended.
  feed('b');
  EXPECT_FALSE(feed.folds());  // One run has gone on, one waits for another b.
}

TEST(MergedMatcher, FoldsNothingThatHasTakenMoreWhereThereIsNoWindow) {
  Feed feed(canonical(make_program({{"a", StateKind::kStart, "take a -> b"},
                                    {"b", StateKind::kNormal, "take b -> c, ignore !b -> b"},
                                    {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}})));
  feed('a');
  EXPECT_TRUE(feed.folds());
  feed('b');
  EXPECT_FALSE(feed.folds());
}

TEST(MergedMatcher, FindsTheSameAfterFolding) {
  Feed feed(any_then_any(Duration::millis(100)), true);
  for (int i = 0; i < 3; ++i) {
    feed('a');
    ASSERT_TRUE(feed.folds());
    feed('b', 2);
    feed('c');
    EXPECT_EQ(feed.sink.matches, 2 * (i + 1U));
    feed('x', 200);
    EXPECT_EQ(feed.sink.timeouts, 3 * (i + 1U));
    EXPECT_TRUE(feed.state.is_idle());
  }
}

}  // namespace
}  // namespace lymer::nfa
