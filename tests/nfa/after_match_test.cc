// Which matches leave, wait or fall under each skip strategy (cep-semantics 3.6 and 3.7).
// Not here: how runs finish (matcher_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nfa/matcher.h"
#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Any three events in a row: s, then t twice.
std::vector<StateLine> three_in_a_row() {
  return {{"s", StateKind::kStart, "take true -> t.1"},
          {"t.1", StateKind::kNormal, "take true -> t"},
          {"t", StateKind::kNormal, "take true -> end"}};
}

// a ... c or b ... d: the first kind can stay alive while the second finishes.
std::vector<StateLine> two_ways() {
  return {{"s", StateKind::kStart, "take a -> m, take b -> n"},
          {"m", StateKind::kNormal, "take c -> end, ignore !c -> m"},
          {"n", StateKind::kNormal, "take d -> end, ignore !d -> n"}};
}

AfterMatch to_stage(SkipKind kind, const std::vector<StateLine>& lines, std::string_view label) {
  const Program program = make_program(lines);
  return {.kind = kind,
          .target = program.state(state_of(program, label)).stage,
          .target_name = std::string(label)};
}

std::vector<std::string> found(const std::vector<StateLine>& lines, AfterMatch after_match,
                               std::string_view events) {
  Scenario run(make_program(lines, {}, after_match));
  run.events(events);
  std::vector<std::string> found = run.take_found();
  EXPECT_EQ(run.clear(), 0U);
  return found;
}

TEST(AfterMatch, NoSkipGivesEveryMatch) {
  EXPECT_THAT(found(three_in_a_row(), {}, "x1 x2 x3 x4 x5"),
              ElementsAre("s1 t2 t3", "s2 t3 t4", "s3 t4 t5"));
}

TEST(AfterMatch, ToNextKeepsWhatBeganLater) {
  EXPECT_THAT(found(three_in_a_row(), {.kind = SkipKind::kToNext}, "x1 x2 x3 x4 x5"),
              ElementsAre("s1 t2 t3", "s2 t3 t4", "s3 t4 t5"));
  // Of several matches with one first event only the first in heap order is given.
  const std::vector<StateLine> branching = {
      {"a", StateKind::kStart, "take a -> b"},
      {"b", StateKind::kNormal, "take b -> c, ignore true -> b"},
      {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}};
  EXPECT_THAT(found(branching, {}, "a1 b2 b3 c4"), ElementsAre("a1 b2 c4", "a1 b3 c4"));
  EXPECT_THAT(found(branching, {.kind = SkipKind::kToNext}, "a1 b2 b3 c4"),
              ElementsAre("a1 b2 c4"));
}

TEST(AfterMatch, PastLastEndsAllThatBeganUpToTheLastEvent) {
  EXPECT_THAT(found(three_in_a_row(), {.kind = SkipKind::kPastLast}, "x1 x2 x3 x4 x5 x6"),
              ElementsAre("s1 t2 t3", "s4 t5 t6"));
}

TEST(AfterMatch, ToAStageKeepsWhatBeganThere) {
  const auto lines = three_in_a_row();
  EXPECT_THAT(found(lines, to_stage(SkipKind::kToFirst, lines, "t"), "x1 x2 x3 x4 x5"),
              ElementsAre("s1 t2 t3", "s2 t3 t4", "s3 t4 t5"));
  EXPECT_THAT(found(lines, to_stage(SkipKind::kToLast, lines, "t"), "x1 x2 x3 x4 x5"),
              ElementsAre("s1 t2 t3", "s3 t4 t5"));
}

TEST(AfterMatch, ToAStageThatTheMatchLacksEndsNothing) {
  const auto lines = two_ways();
  EXPECT_THAT(found(lines, to_stage(SkipKind::kToLast, lines, "m"), "b1 b2 d3"),
              ElementsAre("s1 n3", "s2 n3"));
}

TEST(AfterMatch, ToAStageThatTheMatchLacksFailsIfAskedTo) {
  const auto lines = two_ways();
  AfterMatch strategy = to_stage(SkipKind::kToFirst, lines, "m");
  strategy.fail_if_missing = true;
  EXPECT_THAT(found(lines, strategy, "b1 b2 d3"),
              ElementsAre("failed: cannot skip to stage `m`: the match has no such event"));
}

TEST(AfterMatch, ToTheFirstEventOfTheMatchFailsIfAskedTo) {
  const auto lines = two_ways();
  AfterMatch strategy = to_stage(SkipKind::kToLast, lines, "s");
  EXPECT_THAT(found(lines, strategy, "b1 b2 d3"), ElementsAre("s1 n3", "s2 n3"));
  strategy.fail_if_missing = true;
  EXPECT_THAT(found(lines, strategy, "b1 b2 d3"),
              ElementsAre("failed: cannot skip to stage `s`: it is the first event of the match"));
}

TEST(AfterMatch, AMatchWaitsForRunsThatBeganEarlier) {
  Scenario run(make_program(two_ways(), {}, {.kind = SkipKind::kToNext}));
  run.events("a1 b2 d3");
  EXPECT_THAT(run.take_found(), IsEmpty());
  EXPECT_EQ(run.state().completed.size(), 1U);
  run.events("c4");
  EXPECT_THAT(run.take_found(), ElementsAre("s1 m4", "s2 n3"));
}

TEST(AfterMatch, NoSkipLetsNoMatchWait) {
  EXPECT_THAT(found(two_ways(), {}, "a1 b2 d3"), ElementsAre("s2 n3"));
}

TEST(AfterMatch, AWaitingMatchIsEndedByAnEarlierOne) {
  EXPECT_THAT(found(two_ways(), {.kind = SkipKind::kPastLast}, "a1 b2 d3 c4"),
              ElementsAre("s1 m4"));
}

TEST(AfterMatch, ATimeoutLetsTheWaitingMatchGo) {
  Scenario run(make_program(two_ways(), Duration::millis(10), {.kind = SkipKind::kPastLast}));
  run.events("a1 b2 d3");
  run.advance(11);
  EXPECT_THAT(run.take_found(), ElementsAre("s2 n3", "timeout s1 at 11"));
  EXPECT_TRUE(run.state().is_idle());
  EXPECT_EQ(run.live_nodes(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
