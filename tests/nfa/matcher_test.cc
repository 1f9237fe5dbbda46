// What one event and the end of a window do to the runs of a key, on programs of a few states.
// Not here: skip strategies (after_match_test.cc) and whole patterns (tests/conformance/).
#include "nfa/matcher.h"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration kTen = Duration::millis(10);

// a followedBy b.
std::vector<StateLine> a_then_b() {
  return {{"a", StateKind::kStart, "take a -> b"},
          {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}};
}

// a followedBy b+ followedBy c, as the compiler makes it.
std::vector<StateLine> a_bs_c() {
  return {{"a", StateKind::kStart, "take a -> b.1"},
          {"b.1", StateKind::kNormal, "take b -> b, ignore !b -> b.1"},
          {"b", StateKind::kNormal, "proceed true -> c, take b -> b, ignore !b -> b.2"},
          {"b.2", StateKind::kNormal, "take b -> b, ignore !b -> b.2"},
          {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}};
}

// The states of the partial matches in their array order.
std::vector<std::string> standing(Scenario& run) {
  std::vector<std::string> labels;
  for (const Run& each : run.state().partial) {
    labels.push_back(run.program().state(each.state).label);
  }
  return labels;
}

TEST(Matcher, PassesOverWhatItMayIgnore) {
  Scenario run(make_program(a_then_b()));
  run.events("a1 x2 b3");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b3"));
}

TEST(Matcher, ARunWithoutATrueEdgeEndsSilently) {
  Scenario run(make_program(
      {{"a", StateKind::kStart, "take a -> b"}, {"b", StateKind::kNormal, "take b -> end"}}));
  run.events("a1 x2 b3");
  EXPECT_THAT(run.take_found(), IsEmpty());
  EXPECT_TRUE(run.state().is_idle());
  EXPECT_EQ(run.live_nodes(), 0U);
}

TEST(Matcher, EveryEventMayBeginARun) {
  Scenario run(make_program(a_then_b()));
  run.events("a1 a2");
  EXPECT_EQ(run.state().live_runs(), 2U);
  run.events("b3");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b3", "a2 b3"));
  EXPECT_TRUE(run.state().is_idle());
}

TEST(Matcher, ARunNeverBeginsByIgnoring) {
  Scenario run(make_program({{"a", StateKind::kStart, "ignore true -> b, take a -> b"},
                             {"b", StateKind::kNormal, "take b -> end"}}));
  run.events("x1 b2");
  EXPECT_THAT(run.take_found(), IsEmpty());
  EXPECT_TRUE(run.state().is_idle());
}

// cep-semantics 3.6: the order among equal starts is that of the heap, neither by length nor by
// age.
TEST(Matcher, MatchesOfOneStartComeInHeapOrder) {
  Scenario run(make_program(a_bs_c()));
  run.events("a1 b2 b3 b4 c5");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b2 b3 b4 c5", "a1 b2 c5", "a1 b2 b3 c5"));
}

TEST(Matcher, TriesOwnEdgesFirstThenTheStatePushedLast) {
  Scenario run(make_program(
      {{"a", StateKind::kStart, "take a -> s"},
       {"s", StateKind::kNormal, "proceed true -> p, proceed true -> q, take b -> s.1"},
       {"p", StateKind::kNormal, "take b -> p.1"},
       {"q", StateKind::kNormal, "take b -> q.1"},
       {"s.1", StateKind::kNormal, "take c -> end"},
       {"p.1", StateKind::kNormal, "take c -> end"},
       {"q.1", StateKind::kNormal, "take c -> end"}}));
  run.events("a1 b2");
  EXPECT_THAT(standing(run), ElementsAre("s.1", "q.1", "p.1", "a"));
}

TEST(Matcher, FinishesWhereTheRestCanBeLeftOut) {
  Scenario run(make_program(
      {{"a", StateKind::kStart, "take a -> b"},
       {"b", StateKind::kNormal, "take b -> end, proceed true -> end, ignore !b -> b"}}));
  run.events("a1");
  EXPECT_THAT(run.take_found(), ElementsAre("a1"));
  run.events("b2");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b2"));
}

TEST(Matcher, LooksForTheEndWithTheRunAsItWasBeforeTheEvent) {
  // Nothing was taken before a1, which is an even number.
  for (const auto& [guard, found] : {std::pair("even", 1U), std::pair("!even", 0U)}) {
    Scenario run(make_program(
        {{"a", StateKind::kStart, "take a -> b"},
         {"b", StateKind::kNormal, std::string("take b -> end, proceed ") + guard + " -> end"}}));
    run.events("a1");
    EXPECT_EQ(run.take_found().size(), found) << guard;
  }
}

TEST(Matcher, StopDropsWhatIsKeptOfTheRunButNotWhatHasFinished) {
  const StateLine stop{"n", StateKind::kStop, "take n -> n"};
  Scenario killed(make_program({{"a", StateKind::kStart, "take a -> b"},
                                {"b", StateKind::kNormal, "proceed n -> n, ignore true -> b"},
                                stop}));
  killed.events("a1 n2");
  EXPECT_TRUE(killed.state().is_idle());
  EXPECT_EQ(killed.live_nodes(), 0U);

  // The event is forbidden and closes the match at once: the match stands (oddity O6).
  Scenario finished(make_program({{"a", StateKind::kStart, "take a -> b"},
                                  {"b", StateKind::kNormal, "proceed n -> n, take n -> end"},
                                  stop}));
  finished.events("a1 n2");
  EXPECT_THAT(finished.take_found(), ElementsAre("a1 b2"));
  EXPECT_EQ(finished.clear(), 0U);
}

TEST(Matcher, StopAtTheStartLeavesTheStartRunAlone) {
  Scenario run(make_program({{"a", StateKind::kStart, "proceed n -> n, take a -> b, take n -> b"},
                             {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"},
                             {"n", StateKind::kStop, "take n -> n"}}));
  run.events("n1 a2 b3");
  EXPECT_THAT(run.take_found(), ElementsAre("a2 b3"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST(Matcher, AWindowEndsExactlyAtItsLength) {
  Scenario run(make_program(a_then_b(), kTen));
  run.events("a1");
  run.advance(10);
  EXPECT_THAT(run.take_found(), IsEmpty());
  run.events("b11");
  EXPECT_THAT(run.take_found(), ElementsAre("timeout a1 at 11"));
  run.events("a20 b29");
  EXPECT_THAT(run.take_found(), ElementsAre("a20 b29"));
}

TEST(Matcher, AGapWindowCountsFromTheEventTakenLast) {
  std::vector<StateLine> lines = {
      {"a", StateKind::kStart, "take a -> b"},
      {"b", StateKind::kNormal, "take b -> c, ignore !b -> b", Duration::millis(5)},
      {"c", StateKind::kNormal, "take c -> end, ignore !c -> c", Duration::millis(3)}};
  Scenario run(make_program(lines, kTen));
  run.events("a1 b5 x7");
  EXPECT_EQ(run.next_deadline(), EventTime::from_millis(8));
  EXPECT_THAT(run.take_found(), IsEmpty());
  run.advance(8);
  EXPECT_THAT(run.take_found(), ElementsAre("timeout a1 b5 at 8"));
}

TEST(Matcher, WhereBothWindowsAreOverTheGapIsNamed) {
  const std::vector<StateLine> lines = {
      {"a", StateKind::kStart, "take a -> b"},
      {"b", StateKind::kNormal, "take b -> end, ignore !b -> b", Duration::millis(15)}};
  Scenario run(make_program(lines, kTen));
  run.events("a1");
  EXPECT_EQ(run.next_deadline(), EventTime::from_millis(11));
  run.advance(20);
  EXPECT_THAT(run.take_found(), ElementsAre("timeout a1 at 16"));
}

TEST(Matcher, APendingRunMatchesWhenItsWindowEnds) {
  Scenario run(make_program({{"a", StateKind::kStart, "take a -> n"},
                             {"n", StateKind::kPending, "proceed n -> n.0, ignore !n -> n"},
                             {"n.0", StateKind::kStop, "take n -> n.0"}},
                            kTen));
  run.events("a1 a2 x3 n4 a5 x6");
  run.advance(15);
  EXPECT_THAT(run.take_found(), ElementsAre("a5"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST(Matcher, AStateMayAcceptAtTheDeadline) {
  Program program = make_program(a_then_b(), kTen);
  program.states[state_of(program, "b").value()].accepts_at_deadline = true;
  Scenario run(std::move(program));
  run.events("a1");
  run.advance(11);
  EXPECT_THAT(run.take_found(), ElementsAre("a1"));
}

TEST(Matcher, TellsMatchesBeforeTimeouts) {
  Scenario run(make_program({{"a", StateKind::kStart, "take a -> b, take c -> n"},
                             {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"},
                             {"n", StateKind::kPending, "ignore true -> n"}},
                            kTen));
  run.events("a1 c2");
  run.advance(12);
  EXPECT_THAT(run.take_found(), ElementsAre("a2", "timeout a1 at 11"));
}

// Flink's distances wrap; see cep-semantics 10.5 (r02394).
TEST(Matcher, ARunFromBeforeTheEpochOutlivesTheLastWatermark) {
  Scenario run(make_program(a_then_b(), kTen));
  run.event('a', -5);
  run.advance(std::numeric_limits<std::int64_t>::max());
  EXPECT_THAT(run.take_found(), IsEmpty());
  EXPECT_EQ(run.state().live_runs(), 1U);
  EXPECT_EQ(run.clear(), 0U);
}

TEST(Matcher, NamesTheNextDeadline) {
  Scenario run(make_program(a_then_b(), kTen));
  EXPECT_EQ(run.next_deadline(), EventTime::max());
  run.events("a3 a5");
  EXPECT_EQ(run.next_deadline(), EventTime::from_millis(13));
  run.advance(13);
  EXPECT_EQ(run.next_deadline(), EventTime::from_millis(15));
  run.events("b14");
  EXPECT_EQ(run.next_deadline(), EventTime::max());

  // It counts from the first event, whatever came after.
  Scenario longer(make_program(a_bs_c(), kTen));
  longer.events("a3 b5");
  EXPECT_EQ(longer.next_deadline(), EventTime::from_millis(13));

  Scenario unlimited(make_program(a_then_b()));
  unlimited.events("a1");
  EXPECT_EQ(unlimited.next_deadline(), EventTime::max());
}

TEST(Matcher, NoDeadlineLiesBeforeTheNextOne) {
  Scenario run(make_program(a_then_b(), kTen));
  run.events("a3 x4 a5 x6 a9");
  while (run.next_deadline() != EventTime::max()) {
    const std::int64_t deadline = run.next_deadline().to_millis();
    run.advance(deadline - 1);
    EXPECT_THAT(run.take_found(), IsEmpty());
    run.advance(deadline);
    EXPECT_EQ(run.take_found().size(), 1U);
  }
}

TEST(Matcher, ClearLetsGoOfEverything) {
  Scenario run(make_program(a_bs_c()));
  run.events("a1 b2 b3 a4 b5");
  EXPECT_GT(run.live_nodes(), 0U);
  EXPECT_EQ(run.clear(), 0U);
  EXPECT_TRUE(run.state().is_idle());
  run.events("a6 b7 c8");
  EXPECT_THAT(run.take_found(), ElementsAre("a6 b7 c8"));
}

TEST(Matcher, GoesOnWhenOrdinalsWrap) {
  const Program program = make_program(a_then_b(), kTen, {.kind = SkipKind::kPastLast});
  EventReferences references;
  SharedBuffer buffer(references);
  Matcher matcher(program, buffer);
  RunState state;
  class Counter final : public MatchSink {
   public:
    void on_match(std::span<const PathEntry>) override { ++matches; }
    void on_timeout(std::span<const PathEntry>, EventTime) override {}
    int matches = 0;
  } sink;
  Ordinal ordinal = 0xfffffffeU;
  for (const char letter : std::string("aab")) {
    LetterConditions conditions(letter, buffer);
    const StepEvent event{EventRef(ordinal & 3U), ordinal, EventTime::from_millis(1)};
    ASSERT_TRUE(matcher.step(state, event, conditions, sink).has_value());
    ++ordinal;
  }
  // The second a began before the match's last event, whose ordinal is 0.
  EXPECT_EQ(sink.matches, 1);
  EXPECT_TRUE(state.is_idle());
  EXPECT_EQ(buffer.live_nodes(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
