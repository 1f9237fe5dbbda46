// Which specs are sound: one test a kind of problem, and what the dialects disagree on.
// Not here: what Flink itself refuses (tests/conformance/).
#include "cep/pattern.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using Kind = PatternProblemKind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Duration kTen = Duration::millis(10);

auto problem(Kind kind, std::size_t stage, const std::string& words) {
  return AllOf(Field(&PatternProblem::kind, kind), Field(&PatternProblem::stage, stage),
               Field(&PatternProblem::message, HasSubstr(words)));
}

std::vector<PatternProblem> problems(std::vector<Stage> stages, Dialect dialect) {
  return Pattern::problems({.stages = std::move(stages), .dialect = dialect});
}
std::vector<PatternProblem> problems(std::vector<Stage> stages) {
  return problems(std::move(stages), Dialect::kDefault);
}

Stage not_then(std::string name) { return then(std::move(name), Contiguity::kNotFollowedBy); }

TEST(Pattern, KeepsWhatItWasMadeOf) {
  const Result<Pattern> made = Pattern::make({.name = "ab",
                                              .stages = {begin("a"), then("b")},
                                              .window = kTen,
                                              .after_match = {SkipStrategy::Kind::kToNext},
                                              .dialect = Dialect::kFlink});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->name(), "ab");
  EXPECT_EQ(made->stages().size(), 2U);
  EXPECT_EQ(made->window(), kTen);
  EXPECT_EQ(made->after_match().kind, SkipStrategy::Kind::kToNext);
  EXPECT_EQ(made->dialect(), Dialect::kFlink);
}

TEST(Pattern, MakeSaysThePatternAndTheFirstProblem) {
  const Result<Pattern> made = Pattern::make({.name = "ab", .stages = {begin("a"), then("a")}});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidPattern);
  EXPECT_EQ(made.error().message, "pattern `ab`: two stages are named `a`");
}

TEST(Pattern, ListsAllProblems) {
  EXPECT_THAT(
      problems({begin("a"), then("a"), times(then("c"), 0, 2)}),
      ElementsAre(problem(Kind::kDuplicateName, 1, "`a`"), problem(Kind::kBadCount, 2, "`c`")));
}

TEST(PatternProblem, NoStage) {
  EXPECT_THAT(problems({}), ElementsAre(problem(Kind::kNoStage, 0, "at least one")));
}

TEST(PatternProblem, FirstStageWord) {
  EXPECT_THAT(problems({then("a")}), ElementsAre(problem(Kind::kFirstStageWord, 0, "begin")));
  EXPECT_THAT(problems({begin("a"), begin("b")}),
              ElementsAre(problem(Kind::kFirstStageWord, 1, "`b`")));
}

TEST(PatternProblem, DuplicateName) {
  EXPECT_THAT(problems({begin("a"), then("b"), not_then("a"), then("c")}),
              ElementsAre(problem(Kind::kDuplicateName, 2, "`a`")));
}

TEST(PatternProblem, ReservedName) {
  for (const char* name : {"", "a:0", ":", "$endState$", "$end"}) {
    EXPECT_THAT(problems({begin(name)}), ElementsAre(problem(Kind::kDuplicateName, 0, name)));
  }
}

TEST(PatternProblem, NegatedQuantifier) {
  EXPECT_THAT(problems({begin("a"), loop(not_then("n")), then("b")}),
              ElementsAre(problem(Kind::kNegatedQuantifier, 1, "`n`")));
  EXPECT_THAT(problems({begin("a"), optional(then("n", Contiguity::kNotNext)), then("b")}),
              ElementsAre(problem(Kind::kNegatedQuantifier, 1, "`n`")));
}

TEST(PatternProblem, NotAfterOptional) {
  EXPECT_THAT(problems({begin("a"), optional(then("b")), not_then("n"), then("c")}),
              ElementsAre(problem(Kind::kNotAfterOptional, 2, "`b`")));
}

TEST(PatternProblem, ClosingNotWithoutWindow) {
  const std::vector<Stage> stages = {begin("a"), not_then("n")};
  EXPECT_THAT(problems(stages), ElementsAre(problem(Kind::kClosingNotWithoutWindow, 1, "`n`")));
  EXPECT_THAT(Pattern::problems({.stages = stages, .window = kTen}), IsEmpty());
  EXPECT_THAT(problems({begin("a"), then("n", Contiguity::kNotNext)}), IsEmpty());
}

TEST(PatternProblem, BadCount) {
  EXPECT_THAT(problems({times(begin("a"), 0, 0)}), ElementsAre(problem(Kind::kBadCount, 0, "`a`")));
  EXPECT_THAT(problems({times(begin("a"), 3, 2)}), ElementsAre(problem(Kind::kBadCount, 0, "`a`")));
  EXPECT_THAT(problems({times(begin("a"), 0, std::nullopt)}),
              ElementsAre(problem(Kind::kBadCount, 0, "`a`")));
}

TEST(PatternProblem, GreedyWithCombinations) {
  EXPECT_THAT(problems({loop(begin("a"), Inner::kCombinations, true)}),
              ElementsAre(problem(Kind::kGreedyWithCombinations, 0, "`a`")));
}

TEST(PatternProblem, GreedyOnSingle) {
  EXPECT_THAT(problems({times(begin("a"), 1, 1, Inner::kRelaxed, true)}),
              ElementsAre(problem(Kind::kGreedyOnSingle, 0, "`a`")));
}

TEST(PatternProblem, InnerOnSingle) {
  EXPECT_THAT(problems({times(begin("a"), 1, 1, Inner::kConsecutive)}),
              ElementsAre(problem(Kind::kInnerOnSingle, 0, "consecutive")));
  EXPECT_THAT(problems({times(begin("a"), 1, 1, Inner::kCombinations)}),
              ElementsAre(problem(Kind::kInnerOnSingle, 0, "allowCombinations")));
}

TEST(PatternProblem, UntilWithoutLoop) {
  for (const Stage& stage : {begin("a"), times(begin("a"), 2, 2), times(begin("a"), 1, 2)}) {
    EXPECT_THAT(problems({until(stage, "u")}),
                ElementsAre(problem(Kind::kUntilWithoutLoop, 0, "`a`")));
  }
  EXPECT_THAT(problems({until(loop(begin("a")), "u")}), IsEmpty());
}

TEST(PatternProblem, OptionalAfterGreedy) {
  EXPECT_THAT(problems({loop(begin("a"), Inner::kRelaxed, true), optional(then("b"))}),
              ElementsAre(problem(Kind::kOptionalAfterGreedy, 1, "`b`")));
}

TEST(PatternProblem, WindowNotPositive) {
  for (const Duration window : {Duration::millis(0), Duration::millis(-1)}) {
    EXPECT_THAT(Pattern::problems({.stages = {begin("a")}, .window = window}),
                ElementsAre(problem(Kind::kWindowNotPositive, 1, "window")));
  }
}

TEST(PatternProblem, SkipTarget) {
  PatternSpec spec{.stages = {begin("a"), then("b")},
                   .after_match = {.kind = SkipStrategy::Kind::kToFirst, .target = "x"}};
  EXPECT_THAT(Pattern::problems(spec), ElementsAre(problem(Kind::kSkipTarget, 2, "`x`")));
  spec.after_match.target = "b";
  EXPECT_THAT(Pattern::problems(spec), IsEmpty());
  // A name means nothing to the other strategies.
  spec.after_match = {.kind = SkipStrategy::Kind::kPastLast, .target = "x"};
  EXPECT_THAT(Pattern::problems(spec), IsEmpty());
}

TEST(PatternProblem, SkipTargetThatNeverHoldsAnEvent) {
  PatternSpec spec{.stages = {begin("a"), not_then("n"), then("b")},
                   .after_match = {.kind = SkipStrategy::Kind::kToLast, .target = "n"}};
  EXPECT_THAT(Pattern::problems(spec), ElementsAre(problem(Kind::kSkipTarget, 3, "`n`")));
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(Pattern::problems(spec), IsEmpty());
}

TEST(PatternProblem, EmptyMatch) {
  const std::vector<Stage> stages = {optional(begin("a")), optional(then("b"))};
  EXPECT_THAT(problems(stages), ElementsAre(problem(Kind::kEmptyMatch, 0, "optional")));
  EXPECT_THAT(problems(stages, Dialect::kFlink), IsEmpty());
}

TEST(PatternProblem, TooManyStates) {
  EXPECT_THAT(problems({times(begin("a"), 100'000, 100'000)}),
              ElementsAre(problem(Kind::kTooManyStates, 1, "100")));
  EXPECT_THAT(problems({times(begin("a"), 4'294'967'295U, 4'294'967'295U)}),
              ElementsAre(problem(Kind::kTooManyStates, 1, "limit")));
}

// A loop compiles its group once for the first iteration and once for the others, so nested ones
// double the states at each level: that is refused as soon as it is seen.
TEST(PatternProblem, TooManyStatesByNestedLoops) {
  constexpr std::size_t kDepth = 200;
  Stage nested = begin("a");
  for (std::size_t i = 0; i < kDepth; ++i) {
    Stage group;
    group.group = {std::move(nested)};
    group.quantifier = {.minimum = 1, .maximum = std::nullopt};
    nested = std::move(group);
  }
  EXPECT_THAT(problems({nested}), ElementsAre(problem(Kind::kTooManyStates, kDepth + 1, "limit")));
}

// Behind a negation every optional stage leads to a copy of the rest of the optional ones.
TEST(PatternProblem, TooManyStatesByCopies) {
  const auto chain = [](std::size_t length) {
    std::vector<Stage> stages = {begin("a"), not_then("n")};
    for (std::size_t i = 0; i < length; ++i) {
      stages.push_back(optional(loop(then("b" + std::to_string(i)))));
    }
    stages.push_back(then("z"));
    return stages;
  };
  EXPECT_THAT(problems(chain(300)), ElementsAre(problem(Kind::kTooManyStates, 303, "limit")));
  // What is accepted keeps the limit.
  for (std::size_t length = 1; problems(chain(length)).empty(); length += 5) {
    EXPECT_LE(lines_of(chain(length), Dialect::kDefault).size(), Pattern::kMaxStates);
    EXPECT_LT(length, 300U);
  }
}

}  // namespace
}  // namespace lymer::cep
