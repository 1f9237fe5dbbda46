// Runs that carry values: in groups, in order, and no more looked at than need be.
// Not here: which runs come about (tests/reference), values of events (tests/cep).
#include <cstdint>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "nfa/merged_matcher.h"
#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

// Of a run the height of its last event; `even` holds for an event that is higher.
class Heights final : public RunValues {
 public:
  std::uint64_t atoms() const override { return std::uint64_t{1} << kEvenAtom; }
  bool holds(AtomId, ValuesId values) override { return height > values.value(); }
  ValuesId take(ValuesId, StageIndex, EventRef, StateIndex) override { return hold(height); }
  ValuesId move(ValuesId values, StateIndex) override { return hold(values.value()); }
  void release(ValuesId values) override { held.erase(held.find(values.value())); }
  bool is_ordered(StateIndex) const override { return true; }
  int compare(StateIndex, ValuesId left, ValuesId right) override {
    return static_cast<int>(left.value()) - static_cast<int>(right.value());
  }
  bool is_beyond(StateIndex, ValuesId values, ValuesId other) override {
    return values.value() >= height && other.value() < height;
  }

  std::uint32_t height = 0;  // Of the event at hand.
  std::multiset<std::uint32_t> held;

 private:
  ValuesId hold(std::uint32_t values) {
    held.insert(values);
    return ValuesId(values);
  }
};

class Counter final : public MatchSink {
 public:
  void on_match(std::span<const PathEntry>) override { ++matches; }
  void on_timeout(std::span<const PathEntry>, EventTime) override { ++timeouts; }
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
};

// a followedByAny something higher.
class Feed {
 public:
  explicit Feed(Duration window = {}) : program_(make(window)) { matcher_.prepare(state); }
  ~Feed() {
    matcher_.clear(state);
    EXPECT_EQ(buffer_.live_cells(), 0U);
    EXPECT_TRUE(values_.held.empty());
  }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  Feed(Feed&&) = delete;
  Feed& operator=(Feed&&) = delete;

  // An event a millisecond.
  void operator()(char letter, std::uint32_t height) {
    const auto time = EventTime::from_millis(ordinal_);
    values_.height = height;
    LetterConditions conditions(letter, runs_);
    ASSERT_TRUE(matcher_.advance(state, time, sink));
    ASSERT_TRUE(matcher_.step(state, {EventRef(ordinal_), ordinal_, time}, conditions, sink));
    references_.released().clear();
    ++ordinal_;
  }
  [[nodiscard]] std::uint64_t visited() const {
    return matcher_.visited_groups() + matcher_.visited_cells();
  }

  Counter sink;
  MergedState state;

 private:
  static Program make(Duration window) {
    Program program =
        make_program({{"a", StateKind::kStart, "take a -> b"},
                      {"b", StateKind::kNormal, "take even -> end, ignore true -> b"}},
                     window);
    program.ties = TieOrder::kCanonical;
    return program;
  }

  Program program_;
  EventReferences references_;
  SharedBuffer runs_{references_};
  MergedBuffer buffer_{references_, BagShape::kForest};
  Heights values_;
  MergedMatcher matcher_{program_, buffer_, true, {}, &values_};
  Ordinal ordinal_ = 1;
};

TEST(MergedGroups, HoldRunsWithEqualValues) {
  Feed feed;
  for (const std::uint32_t height : {5U, 3U, 5U, 9U}) feed('a', height);
  EXPECT_EQ(feed.state.groups.size(), 3U);
  feed.sink.matches = 0;
  feed('x', 6);
  EXPECT_EQ(feed.sink.matches, 3U);
  feed('x', 3);
  EXPECT_EQ(feed.sink.matches, 3U);
}

// What an event looks at that is higher than none of so many groups.
std::uint64_t cost_of_events(std::uint32_t groups) {
  Feed feed;
  for (std::uint32_t i = groups; i > 0; --i) feed('a', i);
  EXPECT_EQ(feed.state.groups.size(), groups);
  const std::uint64_t before = feed.visited();
  for (int i = 0; i < 100; ++i) feed('x', 1);
  return feed.visited() - before;
}

TEST(MergedGroups, AreFoundByOrder) {
  EXPECT_EQ(cost_of_events(100), 100U);
  EXPECT_EQ(cost_of_events(20'000), 100U);
}

// Likewise for each of those that time out.
std::uint64_t cost_of_timeouts(std::uint32_t groups) {
  Feed feed(Duration::millis(groups));
  for (std::uint32_t i = groups; i > 0; --i) feed('a', i);
  const std::uint64_t before = feed.visited();
  for (int i = 0; i < 90; ++i) feed('x', 1);
  EXPECT_EQ(feed.sink.timeouts, 90U);
  return (feed.visited() - before) / 90;
}

TEST(MergedGroups, TellWhatTimesOutWithoutLookingAtAll) {
  EXPECT_LE(cost_of_timeouts(100), 6U);
  EXPECT_LE(cost_of_timeouts(20'000), 6U);
}

TEST(MergedGroups, GoWhenTheirRunsHaveEnded) {
  Feed feed(Duration::millis(50));
  std::size_t most = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    feed('a', 1000 - i);
    most = std::max(most, feed.state.groups.size());
  }
  EXPECT_LE(most, 2U * 50 + 16);  // Half of them may be dead.
  for (int i = 0; i < 50; ++i) feed('x', 0);
  EXPECT_TRUE(feed.state.is_idle());
}

}  // namespace
}  // namespace lymer::nfa
