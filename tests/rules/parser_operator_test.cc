// Tests of how tightly operators bind and of the operators of other languages.
// Not here: operands (parser_expression_test.cc).

#include <gtest/gtest.h>

#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

TEST(Precedence, GrowsFromOrToMember) {
  EXPECT_EQ(tree_of("a or b and c"), "(or a (and b c))");
  EXPECT_EQ(tree_of("a and b or c"), "(or (and a b) c)");
  EXPECT_EQ(tree_of("not a and b"), "(and (not a) b)");
  EXPECT_EQ(tree_of("not a == b"), "(not (== a b))");
  EXPECT_EQ(tree_of("a == b ?? c"), "(== a (?? b c))");
  EXPECT_EQ(tree_of("a ?? b + c"), "(?? a (+ b c))");
  EXPECT_EQ(tree_of("a + b * c"), "(+ a (* b c))");
  EXPECT_EQ(tree_of("a * -b.c"), "(* a (- (.c b)))");
  EXPECT_EQ(tree_of("-a + b"), "(+ (- a) b)");
  EXPECT_EQ(tree_of("a.b is null and c"), "(and (null? (.b a)) c)");
}

TEST(Precedence, GroupsToTheLeftButForCoalesce) {
  EXPECT_EQ(tree_of("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(tree_of("a / b * c % d"), "(% (* (/ a b) c) d)");
  EXPECT_EQ(tree_of("a or b or c"), "(or (or a b) c)");
  EXPECT_EQ(tree_of("a ?? b ?? c"), "(?? a (?? b c))");
}

TEST(Precedence, YieldsToBrackets) {
  EXPECT_EQ(tree_of("(a or b) and c"), "(and (or a b) c)");
  EXPECT_EQ(tree_of("a * (b + c)"), "(* a (+ b c))");
  EXPECT_EQ(tree_of("(a < b) == c"), "(== (< a b) c)");
}

TEST(Operators, AreAllKnown) {
  for (const char* each :
       {"==",    "!=",      "<",        "<=",       ">",           ">=",       "+",  "-",
        "*",     "/",       "%",        "??",       "and",         "or",       "in", "like",
        "ilike", "matches", "imatches", "contains", "starts_with", "ends_with"}) {
    EXPECT_EQ(tree_of("a " + std::string(each) + " b"), "(" + std::string(each) + " a b)");
  }
}

TEST(Operators, CanBeNegatedWhereTheyAreWords) {
  EXPECT_EQ(tree_of("a not in b"), "(not in a b)");
  EXPECT_EQ(tree_of("a not like b and c"), "(and (not like a b) c)");
  EXPECT_EQ(tree_of("a not ends_with b"), "(not ends_with a b)");
  EXPECT_EQ(tree_of("a is not null"), "(not null? a)");
}

TEST(Operators, OfOtherLanguagesAreNamedAndUnderstood) {
  EXPECT_EQ(codes_of("macro m() = a && b || ! c <> d"), "R0115 R0115 R0115 R0115");
  EXPECT_EQ(codes_of("macro m() = a AND NOT b Or c LIKE d"), "R0115 R0115 R0115 R0115");
  EXPECT_EQ(codes_of("macro m() = a startsWith b"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a NOT IN b"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a !in b"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a IS NULL"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a between 1 and 5 and b"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a =~ b"), "R0115");
  EXPECT_EQ(codes_of("macro m() = a & b | c"), "R0115 R0115");
  EXPECT_NE(advice_of("macro m() = a && b").find("did you mean `and`?"), std::string::npos);
  EXPECT_NE(advice_of("macro m() = a AND b").find("did you mean `and`?"), std::string::npos);
}

TEST(Operators, TakeSingleEqualsForEquality) {
  const Parsed parsed("macro m() = a = 5 and b");
  EXPECT_EQ(codes_of("macro m() = a = 5 and b"), "R0109");
  EXPECT_EQ(shape(parsed.at<MacroDecl>(0).body), "(and (== a 5) b)");
}

TEST(Operators, DoNotChainWhereTheyCompare) {
  EXPECT_EQ(codes_of("macro m() = a < b < c"), "R0111");
  EXPECT_EQ(codes_of("macro m() = a < b < c < d == e"), "R0111");
  EXPECT_EQ(codes_of("macro m() = a == b is null"), "R0111");
  EXPECT_EQ(codes_of("macro m() = a in b in 1..5"), "R0111");
  EXPECT_EQ(codes_of("macro m() = a < b and b < c"), "");
  EXPECT_EQ(codes_of("macro m() = a < b or b < c or c < d"), "");
}

TEST(Operators, AskWithIsForNullOnly) {
  EXPECT_EQ(codes_of("macro m() = a is 5"), "R0101");
  EXPECT_EQ(codes_of("macro m() = a is not true and b"), "R0101");
  EXPECT_EQ(codes_of("macro m() = a is"), "R0102");
}

TEST(Operators, TakeAnUnreadableTokenForOne) {
  EXPECT_EQ(codes_of("macro m() = a ~ b and c"), "R0002");
  EXPECT_EQ(codes_of("macro m() = a ^ 2"), "R0002");
}

}  // namespace
}  // namespace lymer::rules
