// Tests of the clauses of a rule around its stages, and of what is refused by name.
// Not here: stages (parser_stage_test.cc).
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "runtime/base/time.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

RuleDecl rule_of(const std::string& clauses) {
  const Parsed parsed(in_rule(clauses));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return parsed.at<RuleDecl>(0);
}

std::string tail_codes(const std::string& clauses) {
  return codes_of(in_rule("on s by k begin a where ok " + clauses));
}

TEST(RuleParser, ReadsTheHeaderInAnyOrder) {
  const RuleDecl rule = rule_of(R"(tags ["a", "b",] on s by (x, y) severity high doc "text"
                                   begin a)");
  EXPECT_EQ(rule.doc, "text");
  EXPECT_EQ(rule.severity->text, "high");
  EXPECT_EQ(rule.tags, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(rule.inputs.size(), 1U);
  EXPECT_EQ(rule.inputs[0].by->fields.size(), 2U);
  EXPECT_FALSE(rule.has_errors);
}

TEST(RuleParser, ReadsTheTailInAnyOrder) {
  const RuleDecl rule = rule_of(
      "on s by k begin a on timeout emit { n: count(a) } emit { user: key.user, at: 1 } "
      "skip past last within 10m");
  EXPECT_EQ(rule.within, Duration::minutes(10));
  EXPECT_EQ(rule.skip->kind, SkipKind::kPastLast);
  EXPECT_EQ(rule.emit->fields.size(), 2U);
  EXPECT_EQ(rule.on_timeout->fields.size(), 1U);
  EXPECT_FALSE(rule.on_timeout->bare);
}

TEST(RuleParser, ReadsEverySkip) {
  const auto skip = [](const std::string& text) {
    return *rule_of("on s by k begin a skip " + text).skip;
  };
  EXPECT_EQ(skip("none").kind, SkipKind::kNone);
  EXPECT_EQ(skip("to next").kind, SkipKind::kToNext);
  EXPECT_EQ(skip("past last").kind, SkipKind::kPastLast);
  EXPECT_EQ(skip("to first(a)").target->text, "a");
  EXPECT_EQ(skip("to last(a) or fail").kind, SkipKind::kToLast);
  EXPECT_TRUE(skip("to last(a) or fail").or_fail);
}

TEST(RuleParser, ReadsEmit) {
  const RuleDecl rule = rule_of("on s by k begin a emit { where: 1, `a b`: x.y, rule: -1, }");
  ASSERT_EQ(rule.emit->fields.size(), 3U);
  EXPECT_EQ(rule.emit->fields[0].name.text, "where");
  EXPECT_EQ(rule.emit->fields[1].name.text, "a b");
  EXPECT_TRUE(rule_of("on s by k begin a emit { }").emit->fields.empty());
}

TEST(RuleParser, TakesAnEmitBehindOnTimeoutForItsOwn) {
  const RuleDecl bare = rule_of("on s by k begin a emit { n: 1 } on timeout");
  EXPECT_TRUE(bare.on_timeout->bare);
  EXPECT_TRUE(bare.emit);
  const RuleDecl own = rule_of("on s by k begin a on timeout\n emit { n: 1 }");
  EXPECT_FALSE(own.on_timeout->bare);
  EXPECT_FALSE(own.emit);
}

TEST(RuleParser, ReadsAStreamNamedTimeout) {
  EXPECT_EQ(rule_of("on timeout by k begin a").inputs[0].stream.text, "timeout");
}

TEST(RuleParser, RefusesAClauseGivenTwice) {
  for (const char* each : {"doc \"a\"", "severity low", "tags [\"a\"]", "on s by k"}) {
    EXPECT_EQ(codes_of(in_rule(std::string(each) + " " + each)), "R0108") << each;
  }
  for (const char* each : {"within 1m", "skip none", "emit { a: 1 }", "on timeout"}) {
    EXPECT_EQ(tail_codes(std::string(each) + " " + each), "R0108") << each;
  }
}

TEST(RuleParser, RefusesStagesBehindTheEndOnce) {
  EXPECT_EQ(tail_codes("within 1m next b where x next c where y times 2"), "R0113");
  EXPECT_EQ(tail_codes("skip none next b"), "R0113");
  EXPECT_EQ(tail_codes("emit { } next b"), "R0113");
  EXPECT_EQ(tail_codes("within 1m times 5 greedy"), "R0113");
}

TEST(RuleParser, RefusesStageClausesBeforeAnyStageOnce) {
  EXPECT_EQ(codes_of(in_rule("on s by k where ok times 5")), "R0101");
}

TEST(RuleParser, RefusesTheHeaderBehindTheStages) {
  EXPECT_EQ(tail_codes("severity high"), "R0101");
  EXPECT_EQ(tail_codes("within 1m doc \"x\""), "R0101");
}

TEST(RuleParser, GuessesMistypedClauses) {
  EXPECT_EQ(marks_of(in_rule("on s by k begin a wher ok\n followed_by b tiems 3\n wihtin 5m")),
            (std::vector<std::string>{"R0110 `wher`", "R0110 `followed_by`", "R0110 `tiems`",
                                      "R0110 `wihtin`"}));
  const Parsed parsed(in_rule("on s by k begin a tiems 3\n wihtin 5m"));
  EXPECT_EQ(parsed.at<RuleDecl>(0).stages[0].quantifier->minimum, 3);
  EXPECT_EQ(parsed.at<RuleDecl>(0).within, Duration::minutes(5));
  EXPECT_NE(advice_of(in_rule("on s by k Begin a")).find("did you mean `begin`?"),
            std::string::npos);
  EXPECT_NE(advice_of(in_rule("on s by k begin a select { n: 1 }")).find("did you mean `emit`?"),
            std::string::npos);
}

TEST(RuleParser, SaysWhatIsWrongInAClause) {
  EXPECT_EQ(codes_of(in_rule("doc x")), "R0101");
  EXPECT_EQ(codes_of(in_rule("severity \"high\"")), "R0106");
  EXPECT_EQ(codes_of(in_rule("tags \"a\"")), "R0101");
  EXPECT_EQ(codes_of(in_rule("tags [a]")), "R0101");
  EXPECT_EQ(codes_of(in_rule("on s by k.x begin a")), "R0101");
  EXPECT_EQ(codes_of(in_rule("on s by ()")), "R0106");
  EXPECT_EQ(codes_of(in_rule("on s by (a, b")), "R0103");
  EXPECT_EQ(tail_codes("within 10"), "R0101");
  EXPECT_EQ(tail_codes("within ten minutes"), "R0101");
  EXPECT_EQ(tail_codes("skip past first"), "R0101");
  EXPECT_EQ(tail_codes("skip next"), "R0101");
  EXPECT_EQ(tail_codes("skip to first"), "R0101");
  EXPECT_EQ(tail_codes("skip to first(a"), "R0103");
  EXPECT_EQ(tail_codes("skip none or fail"), "R0101");
}

TEST(RuleParser, ReportsEachBrokenPartOfEmit) {
  EXPECT_EQ(tail_codes("emit { a: , b: x = 1, c }"), "R0105 R0109 R0101");
  EXPECT_EQ(tail_codes("emit { a: 1 b: 2 c: 3 }"), "R0101 R0101");
  EXPECT_EQ(tail_codes("emit { 5: a }"), "R0106");
  EXPECT_EQ(tail_codes("emit a"), "R0101");
  EXPECT_EQ(tail_codes("emit { a: (1 + 2, b: 3 }"), "R0103");
  EXPECT_EQ(tail_codes("emit { a: 1\n skip none"), "R0103");
}

TEST(RuleParser, ReadsADialect) {
  EXPECT_EQ(rule_of("on a dialect flink begin s").dialect->text, "flink");
  EXPECT_EQ(codes_of(in_rule("on a dialect \"flink\" begin s where x = 1")), "R0106 R0109");
  EXPECT_EQ(codes_of(in_rule("on a dialect flink dialect flink begin s")), "R0108");
  EXPECT_EQ(tail_codes("within 5m dialect flink"), "R0101");
}

TEST(RuleParser, ReadsTheLogsThatResultsGoTo) {
  const Parsed parsed(
      in_rule("on s by k begin a emit { n: 1 } to log \"x\", log \"y\" "
              "on timeout emit { } to log \"z\" skip none"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  const RuleDecl& rule = parsed.at<RuleDecl>(0);
  ASSERT_EQ(rule.emit->logs.size(), 2U);
  EXPECT_EQ(rule.emit->logs[1].name, "y");
  ASSERT_EQ(rule.on_timeout->logs.size(), 1U);
  EXPECT_EQ(rule.on_timeout->logs[0].name, "z");
  EXPECT_EQ(tail_codes("emit { a: 1 } to log x skip none"), "R0101");
  EXPECT_EQ(tail_codes("emit { a: 1 } to log \"x\", http \"y\" skip none"), "R0801");
}

TEST(RuleParser, ReadsTheTopicsThatResultsGoTo) {
  const Parsed parsed(
      in_rule("on s by k begin a emit { n: 1 } to topic \"t\", log \"x\", topic \"u\" "
              "on timeout emit { } to topic \"v\""));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  const RuleDecl& rule = parsed.at<RuleDecl>(0);
  EXPECT_EQ(rule.emit->topics, (std::vector<std::string>{"t", "u"}));
  EXPECT_EQ(rule.emit->logs.size(), 1U);
  EXPECT_EQ(rule.on_timeout->topics, (std::vector<std::string>{"v"}));
  EXPECT_EQ(tail_codes("emit { a: 1 } to topic t"), "R0101");
}

TEST(RuleParser, RefusesByNameWhatIsNotDoneYet) {
  EXPECT_EQ(tail_codes("emit { a: x = 1 } to http \"t\", log \"u\" skip nothing"),
            "R0109 R0801 R0101");
  EXPECT_EQ(tail_codes("on timeout emit { } to http \"t\" skip none"), "R0801");
}

TEST(RuleParser, KeepsARuleWholeWhereOnlyAnExtraIsRefused) {
  const Parsed parsed(in_rule("on s by k begin a gap 5s emit { n: 1 } to http \"t\""));
  EXPECT_FALSE(parsed.at<RuleDecl>(0).has_errors);
  const Parsed other(in_rule("on s by k begin a next either (b, c)"));
  EXPECT_TRUE(other.at<RuleDecl>(0).has_errors) << "its stages may be named elsewhere";
}

TEST(RuleParser, GoesOnWithoutItsNameOrBraces) {
  EXPECT_EQ(codes_of("rule { on s by k begin a }"), "R0106");
  EXPECT_EQ(codes_of("rule r on s by k begin a }"), "R0101");
  EXPECT_EQ(codes_of("rule r {\n on s by k begin a\nrule t {\n on s by k begin a }"), "R0103");
  EXPECT_EQ(codes_of("rule r { on s by k begin a where"), "R0102");
}

}  // namespace
}  // namespace lymer::rules
