// Negated stages: stop states, waiting for the end of the window, and the copies that are free of
// them (cep-semantics 2.8, 10.2 and 10.3); where the default dialect differs, both are shown.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using support::at;
using support::last_watermark;
using support::verify;
using ::testing::ElementsAre;

constexpr Duration kTen = Duration::millis(10);
constexpr Dialect kBoth[] = {Dialect::kDefault, Dialect::kFlink};

Stage not_next(std::string name) { return then(std::move(name), Contiguity::kNotNext); }
Stage not_then(std::string name) { return then(std::move(name), Contiguity::kNotFollowedBy); }

// Labels of the states that match when their window ends, pending ones not counted.
std::vector<std::string> deadline_states(std::vector<Stage> stages, Dialect dialect) {
  const nfa::Program program =
      compile(
          Pattern::make({.stages = std::move(stages), .window = kTen, .dialect = dialect}).value())
          .program;
  std::vector<std::string> labels;
  for (const nfa::State& state : program.states) {
    if (state.accepts_at_deadline) labels.push_back(state.label);
  }
  return labels;
}

TEST(Negation, NotNextInTheMiddleLetsTheNextStageHaveTheEvent) {
  for (const Dialect dialect : kBoth) {
    EXPECT_THAT(lines_of({begin("a"), not_next("n"), then("b")}, dialect),
                ElementsAre("a: take a -> n", "n: proceed !n -> b, proceed n -> n:0",
                            "b: take b -> $end, ignore !b -> b", "n:0: take n -> n:0", "$end:"));
  }
}

TEST(Negation, NotNextAtTheEndNeedsOneMoreEvent) {
  EXPECT_THAT(lines_of({begin("a"), not_next("n")}),
              ElementsAre("a: take a -> n", "n: ignore !n -> $end, proceed n -> n:0",
                          "$end:", "n:0: take n -> n:0"));
}

TEST(Negation, NotFollowedByInTheMiddleIsAnEdgeOfTheNextStage) {
  for (const Dialect dialect : kBoth) {
    EXPECT_THAT(lines_of({begin("a"), not_then("n"), then("b")}, dialect),
                ElementsAre("a: take a -> b", "b: take b -> $end, ignore !b -> b, proceed n -> n",
                            "$end:", "n: take n -> n"));
  }
}

TEST(Negation, NotFollowedByHoldsWhileARepeatedStageBeforeItGoesOn) {
  EXPECT_THAT(
      lines_of({loop(begin("a")), not_then("n"), then("b")}),
      ElementsAre("a:1: take a -> a",
                  "a: proceed true -> b, take a -> a, proceed n -> n, ignore !a -> a:0",
                  "b: take b -> $end, ignore !b -> b, proceed n -> n",  //
                  "n: take n -> n", "a:0: take a -> a, ignore !a -> a:0, proceed n -> n", "$end:"));
}

// Taking the optional stage discharges the negation: c:0 is free of it, c is not.
TEST(Negation, AnOptionalStageTakenDischargesTheNegationBeforeIt) {
  EXPECT_THAT(
      lines_of({begin("a"), not_then("n"), optional(then("b", Contiguity::kNext)), then("c")}),
      ElementsAre("a: take a -> b", "b: take b -> c:0, proceed true -> c, proceed n -> n",
                  "c:0: take c -> $end, ignore !c -> c:0",
                  "c: take c -> $end, ignore !c -> c, proceed n -> n", "n: take n -> n", "$end:"));
}

TEST(Negation, SeveralNegationsInARowAllHold) {
  for (const Dialect dialect : kBoth) {
    EXPECT_THAT(lines_of({begin("a"), not_then("m"), not_then("n"), then("b")}, dialect),
                ElementsAre("a: take a -> b",
                            "b: take b -> $end, ignore !b -> b, proceed n -> n, proceed m -> m",
                            "$end:", "n: take n -> n", "m: take m -> m"));
  }
}

TEST(Negation, AClosingNegationIsAPendingState) {
  for (const Dialect dialect : kBoth) {
    const PatternSpec spec{
        .stages = {begin("a"), not_then("n")}, .window = kTen, .dialect = dialect};
    EXPECT_THAT(lines_of(spec), ElementsAre("a: take a -> n", "n: proceed n -> n:0, ignore !n -> n",
                                            "n:0: take n -> n:0"));
    const nfa::Program program = compile(Pattern::make(spec).value()).program;
    EXPECT_EQ(program.states[1].kind, nfa::StateKind::kPending);
    EXPECT_EQ(program.states[2].kind, nfa::StateKind::kStop);
  }
}

TEST(Negation, OfSeveralClosingNegationsFlinkHoldsTheLast) {
  const std::vector<Stage> stages = {begin("a"), not_then("m"), not_then("n")};
  EXPECT_THAT(
      lines_of({.stages = stages, .window = kTen, .dialect = Dialect::kFlink}),
      ElementsAre("a: take a -> n", "n: proceed n -> n:0, ignore !n -> n", "n:0: take n -> n:0"));
  EXPECT_THAT(
      lines_of({.stages = stages, .window = kTen}),
      ElementsAre("a: take a -> n", "n: proceed n -> n:0, proceed m -> m, ignore !n & !m -> n",
                  "n:0: take n -> n:0", "m: take m -> m"));
}

TEST(Negation, ByDefaultARepeatedStageMatchesWhenTheWindowEnds) {
  const std::vector<Stage> stages = {begin("a"), loop(then("b")), not_then("n")};
  EXPECT_THAT(deadline_states(stages, Dialect::kDefault), ElementsAre("b"));
  EXPECT_THAT(deadline_states(stages, Dialect::kFlink), ElementsAre());
  // A range can be left at each optional repetition.
  EXPECT_THAT(
      deadline_states({begin("a"), times(then("b"), 1, 3), not_then("n")}, Dialect::kDefault),
      ElementsAre("b:1", "b"));
}

// Oddity O37: to Flink the longest run is a timeout, and only what another event let go is a match.
TEST(NegationRuns, ARepeatedStageBeforeAClosingNegation) {
  PatternSpec spec{.stages = {begin("a"), loop(then("b")), not_then("n")}, .window = kTen};
  const std::vector<support::Input> input = {at(1, {"u", "a"}), at(2, {"u", "b"}),
                                             at(3, {"u", "b"}), last_watermark()};
  verify(operator_of({{"loop", spec}}), letter_layout())
      .input(input)
      .expect({found(11, "a0 b1 b2"), found(11, "a0 b1"), "watermark max"});
  spec.dialect = Dialect::kFlink;
  verify(operator_of({{"loop", spec}}), letter_layout())
      .input(input)
      .expect({found(11, "a0 b1"), "watermark max"}, {{kTimeoutPort, {found(11, "a0 b1 b2")}}});
}

TEST(NegationRuns, EachOfSeveralClosingNegations) {
  PatternSpec spec{.stages = {begin("a"), not_then("m"), not_then("n")}, .window = kTen};
  const std::vector<support::Input> input = {at(1, {"u", "a"}), at(2, {"u", "m"}),
                                             at(1, {"v", "a"}), at(2, {"v", "n"}),
                                             at(1, {"w", "a"}), last_watermark()};
  verify(operator_of({{"nots", spec}}), letter_layout())
      .input(input)
      .expect({found(11, "a4"), "watermark max"});
  spec.dialect = Dialect::kFlink;
  verify(operator_of({{"nots", spec}}), letter_layout())
      .input(input)
      .expect({found(11, "a0"), found(11, "a4"), "watermark max"});
}

}  // namespace
}  // namespace lymer::cep
