// Tests of rules: their input, key, stages and ends, and where each problem of a pattern is shown.
// Not here: expressions (expression_binder_test.cc), what a pattern may be (tests/cep/).
#include "rules/rule_binder.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t each = 0; each < count; ++each) out += piece;
  return out;
}

TEST(RuleBinder, MakesAPlan) {
  const Loaded loaded(sample_stream() + R"(
rule takeover {
  doc "text"  severity high  tags ["x", "y"]
  on s by (user, ip)
  begin fails where not ok times 3 or more greedy until ok
  notFollowedBy reset where ok and amount == 1
  followedByAny entry where ok times 2..4 optional allowCombinations
  within 10m
  skip to last(fails) or fail
  emit { n: count(fails) }
  on timeout
})");
  ASSERT_TRUE(loaded.rules) << to_text(loaded.diagnostics, loaded.file);
  const RulePlan& rule = loaded.rules->rules.at(0);
  EXPECT_EQ(rule.name, "takeover");
  EXPECT_EQ(rule.doc, "text");
  EXPECT_EQ(rule.severity, "high");
  EXPECT_THAT(rule.tags, ElementsAre("x", "y"));
  ASSERT_EQ(rule.inputs.size(), 1U);
  EXPECT_THAT(rule.inputs[0].keys, ElementsAre(ElementsAre(0U, 1U)));
  const auto& stages = rule.pattern.stages();
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_EQ(stages[0].quantifier.minimum, 3U);
  EXPECT_FALSE(stages[0].quantifier.maximum);
  EXPECT_TRUE(stages[0].quantifier.greedy);
  EXPECT_EQ(stages[0].where->text(), "not ok");
  EXPECT_EQ(stages[0].until->text(), "ok");
  EXPECT_TRUE(stages[1].is_negated());
  EXPECT_EQ(stages[2].contiguity, cep::Contiguity::kFollowedByAny);
  EXPECT_EQ(stages[2].quantifier.maximum, 4U);
  EXPECT_TRUE(stages[2].quantifier.optional);
  EXPECT_EQ(stages[2].quantifier.inner, cep::Inner::kCombinations);
  EXPECT_EQ(rule.pattern.window(), Duration::minutes(10));
  EXPECT_EQ(rule.pattern.after_match().kind, cep::SkipStrategy::Kind::kToLast);
  EXPECT_EQ(rule.pattern.after_match().target, "fails");
  EXPECT_TRUE(rule.pattern.after_match().fail_if_missing);
  ASSERT_TRUE(rule.emit);
  EXPECT_EQ(rule.emit->at(0).name, "n");
  ASSERT_TRUE(rule.on_timeout);
  EXPECT_FALSE(*rule.on_timeout);  // The whole partial match.
}

TEST(RuleBinder, LeavesOutWhatIsNotWritten) {
  const Loaded loaded(with_rule("begin a where ok"));
  const RulePlan& rule = loaded.rules->rules.at(0);
  EXPECT_EQ(rule.doc + rule.severity, "");
  EXPECT_FALSE(rule.emit);
  EXPECT_FALSE(rule.on_timeout);
  EXPECT_EQ(rule.pattern.after_match().kind, cep::SkipStrategy::Kind::kNone);
}

TEST(RuleBinder, TakesEverySkip) {
  using Kind = cep::SkipStrategy::Kind;
  const std::vector<std::pair<std::string, Kind>> skips = {{"none", Kind::kNone},
                                                           {"to next", Kind::kToNext},
                                                           {"past last", Kind::kPastLast},
                                                           {"to first(a)", Kind::kToFirst},
                                                           {"to last(a)", Kind::kToLast}};
  for (const auto& [skip, kind] : skips) {
    const Loaded loaded(with_rule("begin a where ok skip " + skip));
    ASSERT_TRUE(loaded.rules) << skip;
    EXPECT_EQ(loaded.rules->rules[0].pattern.after_match().kind, kind) << skip;
  }
}

TEST(RuleBinder, NeedsAStreamThatIsThere) {
  EXPECT_EQ(Loaded(sample_stream() + "rule r { begin a where ok }").codes(), "R0303");
  const Loaded unknown(sample_stream() + "rule r { on ss by user begin a where nothing }");
  EXPECT_THAT(unknown.marks(), ElementsAre("R0201 `ss`"));
  EXPECT_THAT(unknown.advice(), HasSubstr("did you mean `s`? | streams: s"));
}

TEST(Keys, AreSingleFieldsOfTheStream) {
  const auto marks = [](std::string_view keys) {
    return Loaded(sample_stream() + text("rule r {{ on s by {} begin a where ok }}", keys)).marks();
  };
  EXPECT_THAT(marks("usr"), ElementsAre("R0207 `usr`"));
  EXPECT_THAT(marks("args"), ElementsAre("R0218 `args`"));
  EXPECT_THAT(marks("(user, ip, user)"), ElementsAre("R0205 `user`"));
  EXPECT_THAT(marks("(user, country, at, score, ok)"), IsEmpty());
}

TEST(Keys, WithAnErrorAreReportedOnce) {
  EXPECT_THAT(Loaded(sample_stream() + "rule r { on s by (usr, args) begin a where ok within 1m "
                                       "emit { a: key.usr, b: key.args, c: key.user } }")
                  .marks(),
              ElementsAre("R0207 `usr`", "R0218 `args`"));
}

TEST(Severity, IsOneOfFive) {
  for (const std::string severity : {"info", "low", "medium", "high", "critical"}) {
    EXPECT_EQ(Loaded(with_rule("severity " + severity + " begin a where ok")).codes(), "");
  }
  const Loaded bad(with_rule("severity hihg begin a where ok"));
  EXPECT_THAT(bad.marks(), ElementsAre("R0314 `hihg`"));
  EXPECT_THAT(bad.advice(), HasSubstr("did you mean `high`?"));
}

TEST(Stages, NeedAConditionThatIsABool) {
  EXPECT_THAT(Loaded(with_where("amount")).marks(), ElementsAre("R0209 `amount`"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok oneOrMore until user")).marks(),
              ElementsAre("R0209 `user`"));
  EXPECT_EQ(Loaded(with_where("null")).codes(), "");
}

TEST(Stages, MayNameTheStreamOfTheRule) {
  EXPECT_EQ(Loaded(with_rule("begin a: s where ok")).codes(), "");
  EXPECT_THAT(Loaded(with_rule("begin a: t where ok")).marks(), ElementsAre("R0318 `t`"));
}

TEST(Stages, CannotHaveANameThatExpressionsReserve) {
  EXPECT_THAT(Loaded(with_rule("begin key where ok followedBy window where ok")).marks(),
              ElementsAre("R0107 `key`", "R0107 `window`"));
}

TEST(Emit, HasEachNameOnce) {
  EXPECT_THAT(Loaded(with_rule("begin a where ok emit { u: a.user, v: 1, u: a.ip }")).marks(),
              ElementsAre("R0205 `u`"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok on timeout emit { u: a.user, u: a.ip }")).marks(),
              ElementsAre("R0205 `u`"));
  EXPECT_EQ(Loaded(with_rule("begin a where ok emit { u: 1 } on timeout emit { u: 2 }")).codes(),
            "");
}

TEST(Emit, ReportsEachFieldOnce) {
  EXPECT_THAT(Loaded(with_rule("begin a where ok emit { u: a.usr, v: b.x, w: lower(1) }")).marks(),
              ElementsAre("R0207 `usr`", "R0202 `b`", "R0211 `1`"));
}

// ---- Problems of the pattern, each with its place

TEST(PatternProblems, AreShownWhereTheyAre) {
  const std::vector<std::array<std::string, 2>> problems = {
      {"followedBy a where ok", "R0302 `followedBy`"},
      {"begin a where ok begin b where ok", "R0302 `begin`"},
      {"begin a where ok next a where ok", "R0205 `a`"},
      {"begin a where ok notNext b where ok times 2 next c where ok", "R0304 `times 2`"},
      {"begin a where ok notNext b where ok optional next c where ok", "R0304 `b`"},
      {"begin a where ok optional notNext b where ok next c where ok", "R0312 `notNext`"},
      {"begin a where ok times 2 greedy allowCombinations", "R0306 `allowCombinations`"},
      {"begin a where ok times 2 consecutive allowCombinations", "R0307 `allowCombinations`"},
      {"begin a where ok greedy next b where ok", "R0308 `greedy`"},
      {"begin a where ok consecutive", "R0308 `consecutive`"},
      {"begin a where ok allowCombinations", "R0308 `allowCombinations`"},
      {"begin a where ok until amount > 1", "R0309 `amount > 1`"},
      {"begin a where ok times 3 until not ok", "R0309 `not ok`"},
      {"begin a where ok skip to first(z)", "R0310 `z`"},
      {"begin a where ok notNext b where ok next c where ok skip to last(b)", "R0310 `b`"},
      {"begin a where ok times 2 greedy next b where ok optional", "R0311 `optional`"},
      {"begin a where ok within 0s", "R0313 `within 0s`"},
      {"begin a where ok times 10001", "R0316 `times 10001`"},
      {"begin a where ok times 1..6000", "R0316 `r`"},
      {"begin a where ok optional", "R0317 `a`"},
      {"begin a where ok optional next b where ok oneOrMore optional", "R0317 `a`"},
  };
  for (const auto& [clauses, mark] : problems) {
    EXPECT_THAT(Loaded(with_rule(clauses)).marks(), ElementsAre(mark)) << clauses;
  }
  EXPECT_THAT(Loaded(sample_stream() + "rule r { on s by user }").marks(),
              ElementsAre("R0301 `r`"));
  EXPECT_THAT(
      Loaded(sample_stream() + "rule r { on s by user begin a where ok notFollowedBy b where ok }")
          .marks(),
      ElementsAre("R0305 `notFollowedBy`"));
}

TEST(PatternProblems, GiveAdvice) {
  EXPECT_THAT(Loaded(with_rule("begin fails where ok times 2 skip to last(fail)")).advice(),
              HasSubstr("did you mean `fails`?"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok greedy")).advice(),
              HasSubstr("only after `times ...` or `oneOrMore`"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok until ok")).advice(),
              HasSubstr("only after `oneOrMore` or `times n or more`"));
}

TEST(PatternProblems, OfACountTooLargeAreOne) {
  for (const std::string_view clauses :
       {"begin a where ok times 20000 or more until not ok", "begin a where ok times 20000 greedy",
        "begin a where ok times 2..20000 consecutive"}) {
    EXPECT_EQ(Loaded(with_rule(clauses)).codes(), "R0316") << clauses;
  }
}

TEST(PatternProblems, StandBesideOtherErrors) {
  EXPECT_EQ(Loaded(with_rule("begin a where amonut > 1 greedy next a where lower(1)")).codes(),
            "R0207 R0308 R0205 R0211");
}

// ---- What the parser lost is no news

TEST(IncompleteRules, AreNotBlamedForWhatTheParserDropped) {
  for (const std::string_view clauses :
       {"begin where ok", "begin a whree ok followedBy c where first(b).user == user",
        "begin a where ok followedBy 5 where ok followedBy b where ok skip to first(x)",
        "begin ( begin a where ok within 5s ) times 2", "either a where ok or b where ok",
        "begin a where ok and followedBy b where ok emit { x: c.user }"}) {
    const Loaded loaded(with_rule(clauses));
    EXPECT_EQ(loaded.diagnostics.error_count(), 1U) << to_text(loaded.diagnostics, loaded.file);
  }
  EXPECT_EQ(Loaded(sample_stream() + "rule r {\n  on").codes(), "R0102");
  EXPECT_EQ(Loaded(sample_stream() + "rule").codes(), "R0102");
}

// ---- Warnings

TEST(Warnings, TellOfPartialMatchesThatWaitForEver) {
  const auto codes = [](std::string_view clauses) {
    return Loaded(sample_stream() + text("rule r {{ on s by user {} }}", clauses)).codes();
  };
  EXPECT_EQ(codes("begin a where ok followedBy b where ok"), "W0403");
  EXPECT_EQ(codes("begin a where ok followedByAny b where ok"), "W0403");
  EXPECT_EQ(codes("begin a where ok times 2"), "W0403");
  EXPECT_EQ(codes("begin a where ok notFollowedBy b where not ok next c where ok"), "W0403");
  EXPECT_EQ(codes("begin a where ok"), "");
  EXPECT_EQ(codes("begin a where ok next b where ok"), "");
  EXPECT_EQ(codes("begin a where ok times 2 consecutive"), "");
  EXPECT_EQ(codes("begin a where ok notNext b where ok next c where ok"), "");
  EXPECT_EQ(codes("begin a where ok followedBy b where ok within 1m"), "");
}

TEST(Warnings, TellOfBeginningsThatTakeEverything) {
  EXPECT_THAT(Loaded(with_rule("begin a followedBy b where ok")).marks(), ElementsAre("W0404 `a`"));
  EXPECT_THAT(Loaded(with_rule("begin a where true or ok is null")).codes(), "");
  EXPECT_THAT(Loaded(with_rule("begin a where 1 < 2")).marks(), ElementsAre("W0404 `a`"));
  EXPECT_EQ(Loaded(with_rule("begin a where ok followedBy b")).codes(), "");
}

TEST(Warnings, AreNotGivenBesideErrors) {
  EXPECT_EQ(Loaded(with_rule("begin a followedBy b where nothing")).codes(), "R0207");
}

// ---- Size

TEST(LargeRules, AreBoundInLinearTime) {
  const Loaded loaded(with_rule("begin a where ok" +
                                repeated(" followedBy `b b` where ok and user == a.user", 2'000)));
  EXPECT_THAT(loaded.marks(), ::testing::Contains("R0205 ``b b``"));
  std::string many;
  for (int each = 0; each < 10'000; ++each) many += text(" followedBy b{} where ok", each);
  EXPECT_EQ(Loaded(with_rule("begin a where ok" + many)).codes(), "R0316");
}

// ---- Members of unions

TEST(MembersOfUnions, AreAskedForInEveryConditionOfTheirStage) {
  const Loaded loaded(sample_stream() +
                      "stream t = from s select { user: user, size: amount }\n"
                      "stream both = s union t\n"
                      "rule r { on both by user begin a: s where ok oneOrMore until not ok\n"
                      "  notFollowedBy b: t followedBy ( begin c: t where size > 1 ) oneOrMore\n"
                      "  until amount > 5 within 1m }");
  ASSERT_TRUE(loaded.rules) << to_text(loaded.diagnostics, loaded.file);
  const auto& stages = loaded.rules->rules.at(0).pattern.stages();
  EXPECT_EQ(stages[0].where->text(), "(in s and ok)");
  EXPECT_EQ(stages[0].until->text(), "(in s and not ok)");
  EXPECT_EQ(stages[1].where->text(), "in t");
  EXPECT_EQ(stages[2].group.at(0).where->text(), "(in t and size > 1)");
}

}  // namespace
}  // namespace lymer::rules
