// How stages follow each other, and what surrounds them: window, skip strategy, conditions.
// Not here: repeated, optional and negated stages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;

nfa::Program program_of(PatternSpec spec) {
  return compile(Pattern::make(std::move(spec)).value()).program;
}

TEST(Sequence, NextMayPassOverNothing) {
  EXPECT_THAT(lines_of({begin("a"), then("b", Contiguity::kNext)}),
              ElementsAre("a: take a -> b", "b: take b -> $end", "$end:"));
}

TEST(Sequence, FollowedByMayPassOverWhatDoesNotMatch) {
  EXPECT_THAT(lines_of({begin("a"), then("b", Contiguity::kFollowedBy)}),
              ElementsAre("a: take a -> b", "b: take b -> $end, ignore !b -> b", "$end:"));
}

TEST(Sequence, FollowedByAnyMayPassOverEverything) {
  EXPECT_THAT(lines_of({begin("a"), then("b", Contiguity::kFollowedByAny)}),
              ElementsAre("a: take a -> b", "b: take b -> $end, ignore true -> b", "$end:"));
}

TEST(Sequence, AStageWithoutAConditionTakesEveryEvent) {
  EXPECT_THAT(lines_of({Stage{.name = "a"}, Stage{.name = "b", .contiguity = Contiguity::kNext}}),
              ElementsAre("a: take true -> b", "b: take true -> $end", "$end:"));
}

TEST(Sequence, StartAndFinalAreMarked) {
  const nfa::Program program = program_of({.stages = {begin("a"), then("b")}});
  EXPECT_EQ(program.state(program.start).kind, nfa::StateKind::kStart);
  EXPECT_EQ(program.state(program.start).label, "a");
  EXPECT_EQ(program.state(program.final).kind, nfa::StateKind::kFinal);
  EXPECT_THAT(program.stages, ElementsAre("a", "b"));
}

TEST(Sequence, OneConditionObjectIsOneAtom) {
  const ConditionRef shared = is_letter("a");
  std::vector<Stage> stages = {begin("a"), then("b"), then("c")};
  stages[0].where = shared;
  stages[2].where = shared;
  const CompiledPattern compiled = compile(Pattern::make({.stages = stages}).value());
  ASSERT_EQ(compiled.atoms.size(), 2U);
  EXPECT_THAT(compiled.program.atoms, ElementsAre("letter is a", "letter is b"));
  EXPECT_EQ(compiled.atoms.size(), compiled.program.atoms.size());
}

TEST(Sequence, TakesOverWindowAndSkipStrategy) {
  const std::vector<Stage> stages = {begin("a"), then("b")};
  EXPECT_FALSE(program_of({.stages = stages}).has_window());
  EXPECT_EQ(program_of({.stages = stages, .window = Duration::millis(5)}).window,
            Duration::millis(5));

  using Kind = SkipStrategy::Kind;
  const std::pair<Kind, nfa::SkipKind> kinds[] = {{Kind::kNone, nfa::SkipKind::kNone},
                                                  {Kind::kToNext, nfa::SkipKind::kToNext},
                                                  {Kind::kPastLast, nfa::SkipKind::kPastLast},
                                                  {Kind::kToFirst, nfa::SkipKind::kToFirst},
                                                  {Kind::kToLast, nfa::SkipKind::kToLast}};
  for (const auto& [given, expected] : kinds) {
    const nfa::AfterMatch made =
        program_of({.stages = stages,
                    .after_match = {.kind = given, .target = "b", .fail_if_missing = true}})
            .after_match;
    EXPECT_EQ(made.kind, expected);
    const bool has_target = given == Kind::kToFirst || given == Kind::kToLast;
    EXPECT_EQ(made.target, nfa::StageIndex(has_target ? 1 : 0));
    EXPECT_EQ(made.fail_if_missing, has_target);
  }
}

}  // namespace
}  // namespace lymer::cep
