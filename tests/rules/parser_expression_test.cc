// Tests of operands, ranges, calls and lists, of limits, and of errors inside expressions.
// Not here: operators (parser_operator_test.cc).
#include "rules/parser_expression.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

TEST(Expression, ReadsLiterals) {
  EXPECT_EQ(tree_of("[1, 1.5, \"x\", true, false, null]"),
            "(list 1 float 0x1.8p+0 \"x\" true false null)");
  EXPECT_EQ(tree_of("[1h30m, @1970-01-01T00:00:01Z]"), "(list 5400000ms @1000)");
  EXPECT_EQ(tree_of("[10.0.0.1, 10.0.0.0/8, ip\"::1\"]"), "(list 10.0.0.1 net 10.0.0.0 104 ::1)");
}

TEST(Expression, ReadsTheSmallestInt) {
  EXPECT_EQ(tree_of("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(tree_of("a - -9223372036854775808"), "(- a -9223372036854775808)");
  EXPECT_EQ(tree_of("9223372036854775808"), "R0005");
  EXPECT_EQ(tree_of("-(9223372036854775808)"), "R0005");
  EXPECT_EQ(tree_of("a - 9223372036854775808"), "R0005");
}

TEST(Expression, ReadsNamesMembersAndCalls) {
  EXPECT_EQ(tree_of("first(fails).ip.where.time"), "(.time (.where (.ip (call first fails))))");
  EXPECT_EQ(tree_of("f()"), "(call f)");
  EXPECT_EQ(tree_of("f(a, g(b), )"), "(call f a (call g b))");
  EXPECT_EQ(tree_of("`where`.`and`"), "(.and where)");
  EXPECT_EQ(tree_of("`any`(x)"), "(call any x)");
  EXPECT_EQ(tree_of("any + all"), "(+ any all)");
}

TEST(Expression, ReadsRangesBehindInOnly) {
  EXPECT_EQ(tree_of("x in 5..20"), "(in x (.. 5 20))");
  EXPECT_EQ(tree_of("x in a<..b"), "(in x (<.. a b))");
  EXPECT_EQ(tree_of("x not in 1.5..<2.5"), "(not in x (..< float 0x1.8p+0 float 0x1.4p+1))");
  EXPECT_EQ(tree_of("x in a<..<b and c"), "(and (in x (<..< a b)) c)");
  EXPECT_EQ(tree_of("x in -5..a + 1"), "(in x (.. (- 5) (+ a 1)))");
  EXPECT_EQ(tree_of("x in 10.0.0.1..10.0.0.9"), "(in x (.. 10.0.0.1 10.0.0.9))");
  EXPECT_EQ(codes_of("macro m() = x == 5..20"), "R0101");
  EXPECT_EQ(codes_of("macro m() = (5..20)"), "R0101");
}

TEST(Expression, ReadsListsAndNetworksBehindIn) {
  EXPECT_EQ(tree_of("ip in trusted"), "(in ip trusted)");
  EXPECT_EQ(tree_of("ip in 10.0.0.0/8"), "(in ip net 10.0.0.0 104)");
  EXPECT_EQ(tree_of("x in [\"a\", \"b\"]"), "(in x (list \"a\" \"b\"))");
  EXPECT_EQ(tree_of("x in []"), "(in x (list))");
}

TEST(Expression, ReadsAnyAndAll) {
  EXPECT_EQ(tree_of("any(a in args: a like \"x\" or b)"), "(any a args (or (like a \"x\") b))");
  EXPECT_EQ(tree_of("not all(a in s.args: any(b in a: b))"), "(not (all a (.args s) (any b a b)))");
  EXPECT_EQ(codes_of("macro m() = any(args)"), "R0101");
  EXPECT_EQ(codes_of("macro m() = any(a in args)"), "R0101");
  EXPECT_EQ(codes_of("macro m() = any(a in : x) and y"), "R0105");
}

TEST(Expression, EndsAtTheFirstTokenThatCannotGoOn) {
  const Parsed parsed(in_rule("on s by k begin a where x == 1 times 3 next b where y optional"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  const auto& rule = parsed.at<RuleDecl>(0);
  EXPECT_EQ(shape(*rule.stages[0].where), "(== x 1)");
  EXPECT_EQ(rule.stages[0].quantifier->minimum, 3);
  EXPECT_TRUE(rule.stages[1].optional_word);
}

TEST(Expression, SaysWhatIsMissing) {
  EXPECT_EQ(marks_of("macro m() = a == )"), (std::vector<std::string>{"R0105 `)`"}));
  EXPECT_EQ(codes_of("macro m() = a and"), "R0102");
  EXPECT_EQ(codes_of("macro m() = "), "R0102");
  EXPECT_EQ(codes_of("macro m() = a."), "R0102");
  EXPECT_EQ(codes_of("macro m() = a.5"), "R0106");
  EXPECT_EQ(codes_of("macro m() = a == not b"), "R0105");
  EXPECT_EQ(codes_of("macro m() = contains(a, b)"), "R0105");
  EXPECT_EQ(codes_of("macro m() = user.lower() == \"a\" and c"), "R0101");
  EXPECT_EQ(codes_of("macro m() = x in (1, 2, 3) and c"), "R0101");
}

TEST(Expression, SaysWhichBracketIsNotClosed) {
  EXPECT_EQ(marks_of("macro m() = f(a, (b"), (std::vector<std::string>{"R0103 `(`"}));
  EXPECT_EQ(marks_of(with_condition("(a and b\n next b where c")),
            (std::vector<std::string>{"R0103 `(`"}));
  EXPECT_EQ(marks_of("macro m() = [a, (b]"), (std::vector<std::string>{"R0103 `(`"}));
  EXPECT_EQ(marks_of("macro m() = (a]\nmacro n() = b"), (std::vector<std::string>{"R0103 `(`"}));
}

TEST(Expression, GoesOnBehindAnErrorInBrackets) {
  EXPECT_EQ(codes_of("macro m() = f(a ==, b ==, c) and d = e"), "R0105 R0105 R0109");
  EXPECT_EQ(codes_of("macro m() = f(a b, c d)"), "R0101 R0101");
  EXPECT_EQ(codes_of("macro m() = [1 2 3]"), "R0101 R0101");
  EXPECT_EQ(codes_of("macro m() = (a b) and (c ==)"), "R0101 R0105");
}

TEST(Expression, StaysSilentAboutUnreadableTokens) {
  EXPECT_EQ(codes_of("macro m() = f(\"abc, d)\nmacro n() = a"), "R0003");
  EXPECT_EQ(codes_of("macro m() = a == 10min and b"), "R0006");
  EXPECT_EQ(codes_of("macro m() = a == 'x' and b in 1.2.3"), "R0002 R0008");
  EXPECT_EQ(shape(Parsed("macro m() = a == 10min").at<MacroDecl>(0).body), "(== a error)");
}

TEST(Expression, MarksOperationsWithTheirBrackets) {
  const Parsed parsed("macro m() = (a) + (b)");
  EXPECT_EQ(parsed.file.text(parsed.at<MacroDecl>(0).body.span), "(a) + (b)");
}

TEST(ExpressionLimits, AllowOrdinaryNesting) {
  const std::string deep = repeated("(", 99) + "a" + repeated(")", 99);
  EXPECT_EQ(tree_of(deep), "a");
  EXPECT_EQ(codes_of("macro m() = " + repeated("not ", 99) + "a"), "");
}

TEST(ExpressionLimits, RefuseDeepNestingOnce) {
  for (const char* each : {"(", "[", "not ", "- ", "f(", "any(a in ", "a ?? (", "! "}) {
    const std::string codes = codes_of("macro m() = " + repeated(each, 10000) + "a");
    EXPECT_NE(codes.find("R0112"), std::string::npos) << each;
    if (std::string_view(each) != "! ") {
      EXPECT_EQ(codes.find("R0112"), codes.rfind("R0112")) << each;
    }
  }
  const std::string closed = repeated("(", 10000) + "a" + repeated(")", 10000);
  EXPECT_EQ(codes_of("macro m() = " + closed + " and b = c"), "R0112 R0109");
  EXPECT_EQ(codes_of("macro m() = a" + repeated(" ?? a", 10000)), "R0112");
}

TEST(ExpressionLimits, RefuseHighTreesOnce) {
  EXPECT_EQ(codes_of("macro m() = a" + repeated(" or a", kHeightMax - 1)), "");
  EXPECT_EQ(codes_of("macro m() = a" + repeated(" or a", 100000)), "R0112");
  EXPECT_EQ(codes_of("macro m() = a" + repeated(".a", 100000)), "R0112");
  EXPECT_EQ(codes_of("macro m() = a" + repeated(" + 1", 100000) + " = b"), "R0112 R0109");
}

}  // namespace
}  // namespace lymer::rules
