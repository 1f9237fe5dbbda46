// Tests of stages: their heads, every clause, and what is refused by name.
// Not here: whether clauses go together (the tests of the binder).
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

std::string in_stages(const std::string& text) { return in_rule("on s by k " + text); }

std::vector<StageDecl> stages_of(const std::string& text) {
  const Parsed parsed(in_stages(text));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return parsed.at<RuleDecl>(0).stages;
}

StageDecl first_stage(const std::string& text) { return stages_of(text).at(0); }

TEST(StageParser, ReadsEveryStageWord) {
  const Parsed parsed(in_stages(
      "begin a next b followedBy c followedByAny d notNext e notFollowedBy f: t where ok"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  const auto& stages = parsed.at<RuleDecl>(0).stages;
  ASSERT_EQ(stages.size(), 6U);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(stages[i].word), i);
  }
  EXPECT_FALSE(stages[0].stream);
  EXPECT_EQ(stages[5].stream->text, "t");
  EXPECT_EQ(parsed.file.text(stages[5].span), "notFollowedBy f: t where ok");
}

TEST(StageParser, ReadsClausesInAnyOrder) {
  const StageDecl stage =
      first_stage("begin a allowCombinations until x optional where y greedy times 2 consecutive");
  EXPECT_EQ(shape(*stage.where), "y");
  EXPECT_EQ(shape(*stage.until), "x");
  EXPECT_TRUE(stage.optional_word && stage.greedy_word && stage.consecutive_word &&
              stage.combinations_word);
}

TEST(StageParser, ReadsQuantifiers) {
  const auto quantifier = [](const std::string& text) {
    return *first_stage("begin a " + text).quantifier;
  };
  EXPECT_EQ(quantifier("times 3").minimum, 3);
  EXPECT_EQ(quantifier("times 3").maximum, 3);
  EXPECT_EQ(quantifier("times 2..4").maximum, 4);
  EXPECT_EQ(quantifier("times 5 or more").maximum, std::nullopt);
  EXPECT_FALSE(quantifier("times 5 or more").one_or_more);
  EXPECT_TRUE(quantifier("oneOrMore").one_or_more);
  EXPECT_EQ(quantifier("oneOrMore").minimum, 1);
}

TEST(StageParser, RefusesBadQuantifiersOnce) {
  for (const char* each :
       {"times", "times x", "times -1", "times 0", "times 0..3", "times 0 or more", "times 5..2",
        "times 5..", "times 2..<4", "times 5+", "times 2-4", "times 2,4", "times many"}) {
    EXPECT_EQ(codes_of(in_stages("begin a " + std::string(each) + " where ok")), "R0114") << each;
  }
  EXPECT_EQ(codes_of(in_stages("begin a times 5 or")), "R0101");
  EXPECT_EQ(codes_of("rule r { on s by k begin a times"), "R0102");
}

TEST(StageParser, RefusesAClauseGivenTwice) {
  for (const char* each : {"where a", "until a", "optional", "greedy", "consecutive",
                           "allowCombinations", "times 2", "oneOrMore"}) {
    const std::string twice = std::string(each) + " " + each;
    EXPECT_EQ(codes_of(in_stages("begin a " + twice)), "R0108") << each;
  }
  EXPECT_EQ(codes_of(in_stages("begin a times 2 oneOrMore")), "R0108");
  EXPECT_EQ(codes_of(in_stages("begin a where x = 1 where y = 1")), "R0109 R0108 R0109");
}

TEST(StageParser, TellsAMissingNameFromAReservedOne) {
  EXPECT_EQ(codes_of(in_stages("begin where ok times 3")), "R0106");
  EXPECT_EQ(codes_of(in_stages("begin next where ok")), "R0107");
  EXPECT_EQ(codes_of(in_stages("begin next: s")), "R0107");
  EXPECT_EQ(codes_of(in_stages("begin `next` where ok")), "");
  EXPECT_EQ(codes_of(in_stages("begin times where ok")), "R0107");
  EXPECT_EQ(codes_of(in_stages("begin 5 where ok next b")), "R0106");
}

TEST(StageParser, ReadsGroups) {
  const auto stages = stages_of(
      "begin a\n followedBy (\n begin b where x\n next ( begin c oneOrMore )\n ) times 1..3 "
      "optional until y\n next d");
  ASSERT_EQ(stages.size(), 3U);
  const StageDecl& group = stages[1];
  EXPECT_TRUE(group.is_group);
  EXPECT_EQ(group.word, StageWord::kFollowedBy);
  EXPECT_EQ(group.quantifier->maximum, 3);
  EXPECT_TRUE(group.optional_word);
  EXPECT_TRUE(group.until);
  ASSERT_EQ(group.members.size(), 2U);
  EXPECT_EQ(group.members[0].name.text, "b");
  ASSERT_EQ(group.members[1].members.size(), 1U);
  EXPECT_TRUE(group.members[1].members[0].quantifier->one_or_more);
  EXPECT_EQ(stages[2].name.text, "d");
}

TEST(StageParser, RefusesWrongGroups) {
  EXPECT_EQ(codes_of(in_stages("begin a followedBy g ( begin b ) oneOrMore")), "R0319");
  EXPECT_EQ(codes_of(in_stages("begin a next ( ) next c where x = 1")), "R0301 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a next ( begin b\n next c where x = 1")), "R0103 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a next ( begin b within 5s ) next c where x = 1")),
            "R0319 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a next ( begin b\n within 5s\n skip to nothing")),
            "R0103 R0101");
  EXPECT_EQ(codes_of(in_stages("begin a next ( where x\n begin b )")), "R0101");
  EXPECT_EQ(codes_of(in_stages("begin a next ( begin either (b, c) ) next d")), "R0801");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "begin ( ";
  EXPECT_EQ(codes_of(in_stages(deep + "begin x" + std::string(40, ')'))), "R0112");
}

TEST(StageParser, ReadsOwnKeysAndWindows) {
  const auto stages = stages_of(
      "begin a by parent where x next b: t by (x, y) times 3 gap 5s greedy "
      "next c within 30s of previous where z within 1h");
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_EQ(stages[0].by->fields[0].text, "parent");
  EXPECT_EQ(stages[1].by->fields.size(), 2U);
  EXPECT_EQ(stages[1].gap->value, Duration::seconds(5));
  EXPECT_TRUE(stages[1].greedy_word);
  EXPECT_EQ(stages[2].within_previous->value, Duration::seconds(30));
  EXPECT_TRUE(stages[2].where);
  EXPECT_EQ(codes_of(in_stages("begin a gap 5s gap 6s where x = 1")), "R0108 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a gap 5 where x = 1")), "R0101 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a by where x = 1")), "R0106 R0109");
}

TEST(StageParser, RefusesFutureStagesByName) {
  EXPECT_EQ(codes_of(in_stages("begin a either (b where x, c) next d where x = 1")), "R0801 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a followedBy anyOrder (b, c) next d where x = 1")),
            "R0801 R0109");
  EXPECT_EQ(codes_of(in_stages("begin a atleast 2 of (b, c) next d")), "R0801");
}

}  // namespace
}  // namespace lymer::rules
