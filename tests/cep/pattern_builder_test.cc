// Calls, the order in which they are made, and what is wrong with some.
// Not here: what is wrong with a whole (pattern_test.cc).
#include "cep/pattern_builder.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Kind = PatternProblemKind;
constexpr Duration kTen = Duration::millis(10);

ConditionRef letter(std::string_view name) { return is_letter(name); }

PatternBuilder flink() { return PatternBuilder("p", Dialect::kFlink); }
PatternBuilder plain() { return PatternBuilder("p"); }

// The kind of the first problem; the test fails if there is none.
Kind problem_of(const PatternBuilder& builder) {
  const auto problems = builder.problems();
  EXPECT_FALSE(problems.empty());
  return problems.empty() ? Kind::kNoStage : problems.front().kind;
}

PatternSpec spec_of(const PatternBuilder& builder) { return builder.build().value().spec(); }

TEST(PatternBuilder, SaysWhatASpecSays) {
  const PatternSpec made = spec_of(plain()
                                       .begin("a")
                                       .where(letter("a"))
                                       .times_or_more(2)
                                       .greedy()
                                       .until(letter("x"))
                                       .followed_by_any("b")
                                       .where(letter("b"))
                                       .next("c")
                                       .where(letter("c"))
                                       .optional()
                                       .within(kTen)
                                       .skip({SkipStrategy::Kind::kPastLast}));
  EXPECT_EQ(made.name, "p");
  ASSERT_EQ(made.stages.size(), 3U);
  EXPECT_EQ(made.stages[0].quantifier.minimum, 2U);
  EXPECT_TRUE(made.stages[0].quantifier.is_loop());
  EXPECT_TRUE(made.stages[0].quantifier.greedy);
  EXPECT_TRUE(made.stages[2].quantifier.optional);
  EXPECT_EQ(made.stages[1].contiguity, Contiguity::kFollowedByAny);
  EXPECT_EQ(made.stages[2].within, kTen);
  EXPECT_EQ(made.after_match.kind, SkipStrategy::Kind::kPastLast);
}

TEST(PatternBuilder, FindsWhatItWasToldTo) {
  const PatternBuilder builder =
      plain()
          .begin(plain().begin("a").where(letter("a")).next("b").where(letter("b")))
          .times(2)
          .consecutive()
          .not_next("n")
          .where(letter("n"))
          .followed_by("c")
          .where(letter("c"));
  EXPECT_THAT(finds(spec_of(builder), "ababxc"), ElementsAre("a1 b2 a3 b4 c6"));
  EXPECT_THAT(finds(spec_of(builder), "ababnc"), ElementsAre());
}

TEST(PatternBuilder, JoinsConditionsFromLeftToRight) {
  // ((a or b) and not b) or c
  const auto not_b = simple_condition([](const runtime::RowView& row) {
    return row.get(kLetterSlot, support::kText).as_string() != "b";
  });
  const PatternBuilder builder = plain()
                                     .begin("x")
                                     .where(letter("a"))
                                     .or_where(letter("b"))
                                     .where(not_b)
                                     .or_where(letter("c"));
  EXPECT_THAT(finds(spec_of(builder), "abcd"), ElementsAre("x1", "x3"));
  EXPECT_THAT(spec_of(builder).stages[0].where->text(),
              "(((letter is a or letter is b) and (C++ condition)) or letter is c)");
  // Alone it stands for itself.
  EXPECT_THAT(finds(spec_of(plain().begin("x").or_where(letter("b"))), "ab"), ElementsAre("x2"));
}

TEST(PatternBuilder, RefusesWrongCallsWhenTheyAreMade) {
  EXPECT_EQ(problem_of(plain()), Kind::kNoStage);
  EXPECT_EQ(problem_of(plain().where(letter("a"))), Kind::kNoStage);
  EXPECT_EQ(problem_of(plain().next("a")), Kind::kFirstStageWord);
  EXPECT_EQ(problem_of(plain().begin("a").begin("b")), Kind::kFirstStageWord);
  EXPECT_EQ(problem_of(plain().begin("a").greedy()), Kind::kGreedyOnSingle);
  EXPECT_EQ(problem_of(plain().begin("a").consecutive()), Kind::kInnerOnSingle);
  EXPECT_EQ(problem_of(plain().begin("a").until(letter("x"))), Kind::kUntilWithoutLoop);
  EXPECT_EQ(problem_of(plain().begin("a").times(0)), Kind::kBadCount);
  EXPECT_EQ(problem_of(plain().begin("a").times(3, 2)), Kind::kBadCount);
  EXPECT_EQ(problem_of(plain().begin("a").times_or_more(0)), Kind::kBadCount);
  EXPECT_EQ(problem_of(plain().begin("a").times(2).times(2)), Kind::kQuantifierTwice);
  EXPECT_EQ(problem_of(plain().begin("a").optional().optional()), Kind::kOptionalTwice);
  EXPECT_EQ(problem_of(plain().begin("a").one_or_more().until(letter("x")).until(letter("y"))),
            Kind::kUntilTwice);
  EXPECT_EQ(problem_of(plain().begin("a").times(2).consecutive().allow_combinations()),
            Kind::kInnerTwice);
  EXPECT_EQ(problem_of(plain().begin("a").times(2).allow_combinations().greedy()),
            Kind::kGreedyWithCombinations);
  EXPECT_EQ(problem_of(plain().begin("a").optional().not_next("n")), Kind::kNotAfterOptional);
  EXPECT_EQ(problem_of(plain().begin("a").not_next("n").times(2)), Kind::kNegatedQuantifier);
  EXPECT_EQ(problem_of(plain().begin("a").not_next("n").optional()), Kind::kNegatedQuantifier);
  EXPECT_EQ(problem_of(plain().begin("a").times(2).greedy().next("b").optional()),
            Kind::kOptionalAfterGreedy);
  EXPECT_EQ(problem_of(plain().begin(plain().begin("a")).where(letter("a"))),
            Kind::kGroupCondition);
  EXPECT_EQ(problem_of(plain().begin(plain().begin("a")).times(2).greedy()), Kind::kGroupGreedy);
  EXPECT_EQ(problem_of(plain().begin(plain())), Kind::kNoStage);
  EXPECT_EQ(problem_of(plain().begin(plain().begin("a").greedy())), Kind::kGreedyOnSingle);
}

TEST(PatternBuilder, ChangesNothingAfterTheFirstWrongCall) {
  const PatternBuilder builder = plain().begin("a").greedy().next("b").times(0);
  EXPECT_THAT(builder.problems(), ::testing::SizeIs(1));
  EXPECT_THAT(builder.build().error().message, HasSubstr("pattern `p`: `a` is a single event"));
}

TEST(PatternBuilder, InFlinkTheOrderOfCallsMatters) {
  // Oddity O15: the count makes a new quantifier.
  EXPECT_FALSE(
      spec_of(flink().begin("a").next("b").optional().times(2)).stages[1].quantifier.optional);
  EXPECT_EQ(problem_of(plain().begin("a").next("b").optional().times(2)), Kind::kOptionalLost);
  // greedy() is checked by allow_combinations() in no dialect, and by the whole in one.
  const auto greedy_first = [](PatternBuilder builder) {
    return builder.begin("a").one_or_more().greedy().allow_combinations();
  };
  EXPECT_TRUE(greedy_first(flink()).build().has_value());
  EXPECT_EQ(problem_of(greedy_first(plain())), Kind::kGreedyWithCombinations);
  // times(0, n) is optional by another way.
  const auto optional_by_count = [](PatternBuilder builder) {
    return builder.begin("a").one_or_more().greedy().next("b").times(0, 2);
  };
  EXPECT_TRUE(optional_by_count(flink()).build().has_value());
  EXPECT_EQ(problem_of(optional_by_count(plain())), Kind::kOptionalAfterGreedy);
}

// Oddity O14.
TEST(PatternBuilder, InFlinkNamesAreCutAtAColon) {
  EXPECT_EQ(problem_of(plain().begin("a:b")), Kind::kDuplicateName);
  EXPECT_THAT(
      stage_names(spec_of(flink().begin("a:b").next("a:c").next("d")).stages, Dialect::kFlink),
      ElementsAre("a", "d"));
}

// Oddity O3.
TEST(PatternBuilder, RefusesLoopsThatCouldRunForEver) {
  for (const Dialect dialect : {Dialect::kDefault, Dialect::kFlink}) {
    const PatternBuilder group = PatternBuilder("g", dialect).begin("a").optional();
    PatternBuilder whole("p", dialect);
    whole.begin("s").next(group).one_or_more();
    EXPECT_EQ(problem_of(whole), Kind::kEndlessLoop);
    EXPECT_TRUE(whole.accept_endless_loops().build().has_value());
  }
}

TEST(PatternBuilder, TellsWhenFlinkWouldFindTheProblem) {
  EXPECT_EQ(phase_of(problem_of(flink().begin("a").greedy())), PatternPhase::kBuild);
  EXPECT_EQ(phase_of(problem_of(flink().begin("a").next("a"))), PatternPhase::kCompile);
  EXPECT_EQ(phase_of(problem_of(flink().begin("a").not_followed_by("n"))), PatternPhase::kCompile);
  EXPECT_EQ(phase_of(problem_of(
                flink().begin("a").next("b").within_previous(kTen).within(Duration::millis(5)))),
            PatternPhase::kCompile);
}

}  // namespace
}  // namespace lymer::cep
