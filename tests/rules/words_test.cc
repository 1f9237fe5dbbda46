// Tests of the tables of words.
// Not here: where the words stand (the tests of the parsers).
#include "rules/words.h"

#include <string>

#include <gtest/gtest.h>

namespace lymer::rules {
namespace {

TEST(Words, ReservesWhatMayFollowAnExpressionOrStartOne) {
  for (const char* each : {"and", "not", "in", "is", "null", "begin", "notFollowedBy", "where",
                           "within", "on", "emit", "either", "allowCombinations"}) {
    EXPECT_TRUE(is_reserved(each)) << each;
  }
  for (const char* each : {"time", "from", "to", "at", "severity", "first", "any", "timeout",
                           "list", "And", "followedby", "by", "gap", "window", "select", "union"}) {
    EXPECT_FALSE(is_reserved(each)) << each;
  }
}

TEST(WriteName, QuotesWhatWouldReadAsSomethingElse) {
  EXPECT_EQ(write_name("user"), "user");
  EXPECT_EQ(write_name("_9"), "_9");
  EXPECT_EQ(write_name("AND"), "AND");
  EXPECT_EQ(write_name("where"), "`where`");
  EXPECT_EQ(write_name("NOT"), "`NOT`");
  EXPECT_EQ(write_name("event id"), "`event id`");
  EXPECT_EQ(write_name("9a"), "`9a`");
  EXPECT_EQ(write_name("gr\xC3\xB6\xC3\x9F"
                       "e"),
            "`gr\xC3\xB6\xC3\x9F"
            "e`");
}

TEST(WriteName, QuotesTheWordsOfQueriesInQueries) {
  EXPECT_EQ(write_query_name("user"), "user");
  for (const std::string each :
       {"from", "join", "union", "as", "by", "window", "interval", "late", "matches", "where"}) {
    EXPECT_EQ(write_query_name(each), "`" + each + "`");
  }
}

TEST(Words, KnowsTheWordsOfQueriesInTheOrderOfTheirEnums) {
  EXPECT_EQ(to_string(WindowWord::kTumbling), "tumbling");
  EXPECT_EQ(to_string(WindowWord::kGlobal), "global");
  EXPECT_EQ(to_string(JoinWord::kInner), "inner");
  EXPECT_EQ(to_string(JoinWord::kCoGroup), "cogroup");
  EXPECT_EQ(to_string(ResultWord::kMatches), "matches");
  EXPECT_EQ(to_string(ResultWord::kLate), "late");
  EXPECT_TRUE(holds(window_options(), "lateness"));
}

TEST(Words, KnowsStagesBothWays) {
  for (const std::string& each : stage_words()) {
    const auto stage = stage_of(each);
    ASSERT_TRUE(stage.has_value());
    EXPECT_EQ(to_string(*stage), each);
  }
  EXPECT_EQ(stage_words().size(), 6U);
  EXPECT_FALSE(stage_of("followedby"));
}

TEST(OperatorMeantBy, KnowsOtherLanguages) {
  EXPECT_EQ(operator_meant_by("&&"), "and");
  EXPECT_EQ(operator_meant_by("||"), "or");
  EXPECT_EQ(operator_meant_by("!"), "not");
  EXPECT_EQ(operator_meant_by("<>"), "!=");
  EXPECT_EQ(operator_meant_by("AND"), "and");
  EXPECT_EQ(operator_meant_by("Like"), "like");
  EXPECT_EQ(operator_meant_by("startsWith"), "starts_with");
  EXPECT_EQ(operator_meant_by("endswith"), "ends_with");
  EXPECT_EQ(operator_meant_by("equals"), "==");
  EXPECT_EQ(operator_meant_by("and"), "") << "is right already";
  EXPECT_EQ(operator_meant_by("no_t"), "");
  EXPECT_EQ(operator_meant_by("user"), "");
}

TEST(ClauseMeantBy, KnowsMistakesAndOtherLanguages) {
  EXPECT_EQ(clause_meant_by("wher", stage_clauses()), "where");
  EXPECT_EQ(clause_meant_by("WHERE", stage_clauses()), "where");
  EXPECT_EQ(clause_meant_by("followed_by", stage_words()), "followedBy");
  EXPECT_EQ(clause_meant_by("filter", stage_clauses()), "where");
  EXPECT_EQ(clause_meant_by("select", tail_clauses()), "emit");
  EXPECT_EQ(clause_meant_by("select", stream_clauses()), "") << "not a clause there";
  EXPECT_EQ(clause_meant_by("return", tail_clauses()), "emit");
  EXPECT_EQ(clause_meant_by("return", from_clauses()), "select");
  EXPECT_EQ(clause_meant_by("emit", join_clauses()), "select");
  EXPECT_EQ(clause_meant_by("zebra", stage_clauses()), "");
}

TEST(Words, ListsEveryClauseOnce) {
  EXPECT_TRUE(holds(declaration_words(), "macro"));
  EXPECT_TRUE(holds(header_clauses(), "tags"));
  EXPECT_TRUE(holds(unfinished_clauses(), "either"));
  EXPECT_TRUE(is_future_stage("either"));
  EXPECT_TRUE(is_word_comparison("ilike"));
  EXPECT_FALSE(is_word_comparison("and"));
}

}  // namespace
}  // namespace lymer::rules
