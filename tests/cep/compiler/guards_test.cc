// Which events may be taken and passed over: heads of groups, gap windows, windows of stages.
// Not here: which states there are (repetition_test.cc, group_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kThree = Duration::millis(3);

Stage with_gap(Stage stage) {
  stage.quantifier.gap = kThree;
  return stage;
}

Stage soon(Stage stage) {
  stage.within_previous = kThree;
  return stage;
}

// The gap windows of a program's states, by label.
std::vector<std::string> gap_windows(PatternSpec spec) {
  std::vector<std::string> labels;
  for (const nfa::State& state : compile(Pattern::make(std::move(spec)).value()).program.states) {
    if (state.gap_window > Duration{}) labels.push_back(state.label);
  }
  return labels;
}

TEST(GapWindow, InFlinkLimitsTheStatesWhoseLabelHasANumber) {
  EXPECT_THAT(gap_windows({.stages = {begin("a"), with_gap(times(then("b"), 3, 3))},
                           .dialect = Dialect::kFlink}),
              ElementsAre("b:1", "b:0"));
  EXPECT_THAT(
      gap_windows({.stages = {begin("a"), with_gap(loop(then("b")))}, .dialect = Dialect::kFlink}),
      ElementsAre("b:1"));
}

TEST(GapWindow, ByDefaultLimitsEachRepetitionAndNotTheFirst) {
  EXPECT_THAT(gap_windows({.stages = {begin("a"), with_gap(times(then("b"), 3, 3))}}),
              ElementsAre("b:0", "b"));
  const PatternSpec spec{.stages = {begin("a"), with_gap(times(then("b"), 3, 3))}};
  EXPECT_THAT(finds(spec, "a     bxbb"), ElementsAre("a1 b7 b9 b10"));
  EXPECT_THAT(finds(spec, "ab  bb"), ElementsAre("a1 b2?"));
}

TEST(GapWindow, ByDefaultALoopThatIsTooLateCanStillBeLeft) {
  const PatternSpec spec{.stages = {begin("a"), with_gap(loop(then("b"))), then("c")}};
  EXPECT_THAT(finds(spec, "abb   bc"), ElementsAre("a1 b2 b3 c8", "a1 b2 c8"));
}

TEST(GapWindow, OfASingleStage) {
  const PatternSpec spec{.stages = {begin("a"), soon(then("b"))}};
  EXPECT_THAT(finds(spec, "axb"), ElementsAre("a1 b3"));
  EXPECT_THAT(finds(spec, "axxb"), ElementsAre("a1?"));
}

TEST(GapWindow, OfAnOptionalStageOnlyKeepsItFromBeingTaken) {
  const PatternSpec spec{.stages = {begin("a"), optional(soon(then("b"))), then("c")}};
  EXPECT_THAT(finds(spec, "axbc"), ElementsAre("a1 b3 c4", "a1 c4"));
  EXPECT_THAT(finds(spec, "axxbc"), ElementsAre("a1 c5"));
}

// The loop has two ways out, one of them over a copy of the stage behind it.
TEST(GapWindow, HoldsBehindAGreedyLoopThatItsUntilHasEnded) {
  Stage greedy = loop(begin("a"), Inner::kRelaxed, true);
  greedy.until = is_letter("x");
  const PatternSpec spec{.stages = {greedy, soon(then("b"))}};
  EXPECT_THAT(finds(spec, "axb"), ElementsAre("a1 b3"));
  EXPECT_THAT(finds(spec, "axxb"), ElementsAre("a1?"));
  EXPECT_THAT(finds(spec, "axxxxxb"), ElementsAre("a1?"));
}

TEST(GapWindow, OfAClosingNotIsItsOwnWindow) {
  const PatternSpec spec{.stages = {begin("a"), soon(then("n", Contiguity::kNotFollowedBy))}};
  EXPECT_THAT(finds(spec, "axxx"), ElementsAre("a1"));
  EXPECT_THAT(finds(spec, "axnx"), IsEmpty());
}

TEST(Window, TheSmallestHolds) {
  Stage late = then("b");
  late.within = kThree;
  const PatternSpec spec{.stages = {begin("a"), late, then("c")}, .window = Duration::millis(9)};
  EXPECT_THAT(finds(spec, "abc"), ElementsAre("a1 b2 c3"));
  EXPECT_THAT(finds(spec, "ab c"), ElementsAre("a1 b2?"));
}

TEST(Window, InAGroupsLastStageCountsByDefault) {
  Stage late = then("b");
  late.within = kThree;
  Stage group{.contiguity = Contiguity::kBegin};
  group.group = {begin("a"), late};
  PatternSpec spec{.stages = {group, then("c")}};
  EXPECT_THAT(finds(spec, "ab c"), ElementsAre("a1 b2?"));
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(finds(spec, "ab c"), ElementsAre("a1 b2 c4"));
}

// Oddity O36.
TEST(Window, OfAnEarlierStageIsOneForAClosingNot) {
  Stage first = begin("a");
  first.within = kThree;
  PatternSpec spec{.stages = {first, then("n", Contiguity::kNotFollowedBy)}};
  EXPECT_THAT(finds(spec, "axn"), IsEmpty());
  EXPECT_THAT(finds(spec, "axxx"), ElementsAre("a1"));
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(finds(spec, "axn"), ElementsAre("a1"));
}

TEST(Guards, TheHeadOfAGroupFollowsTheGroupBeforeIt) {
  Stage group{.contiguity = Contiguity::kFollowedBy};
  group.group = {begin("b")};
  group.quantifier = {.minimum = 2, .maximum = 2, .inner = Inner::kConsecutive};
  EXPECT_THAT(lines_of({begin("a"), group}),
              ElementsAre("a: take a -> b:0", "b:0: take b -> b, ignore !b -> b:0",
                          "b: take b -> $end", "$end:"));
}

// Oddity O8.
TEST(Guards, InFlinkTheHeadOfAGroupLosesItsOwnWords) {
  const auto stages = [] {
    Stage group{.contiguity = Contiguity::kFollowedBy};
    group.group = {times(begin("b"), 2, 2, Inner::kConsecutive)};
    return std::vector<Stage>{begin("a"), group};
  };
  EXPECT_THAT(lines_of(stages(), Dialect::kFlink),
              ElementsAre("a: take a -> b:0", "b:0: take b -> b, ignore !b -> b:0",
                          "b: take b -> $end, ignore !b -> b", "$end:"));
  EXPECT_THAT(lines_of(stages(), Dialect::kDefault),
              ElementsAre("a: take a -> b:0", "b:0: take b -> b, ignore !b -> b:0",
                          "b: take b -> $end", "$end:"));
}

}  // namespace
}  // namespace lymer::cep
