// Tests of whole files: declarations, all errors in one go, and input that means harm.
// Not here: single clauses (parser_stream_test.cc, parser_rule_test.cc, parser_stage_test.cc).

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/printer.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

constexpr std::string_view kGood = R"cep(// Comment
stream logins {
  from file "auth.log" follow
  format text r"^(?P<ts>\w+) (?P<user>\S+)"
  unmatched skip
  field user: string  field ip: ip  field note: string?
  field args: [string]  field parent: string = process.parent.name
  field ok: bool = what == "Accepted"
  time ts format "%b %e %H:%M:%S" zone "UTC" year infer
  out_of_order 10s  idle 30s
}
list trusted: ip = [10.0.0.0/8, 192.168.0.0/16, ip"2001:db8::/32"]
macro failed(x) = not ok and ip not in trusted or any(a in args: a like "http*")

rule guessing {
  doc "Guessing burst, then a login"   severity high   tags ["attack.t1110"]
  on logins by (user, ip)
  begin fails: logins where failed(1) and n in 5..<20 times 5 or more greedy
    until x == @2026-01-31T00:00:00Z
  notFollowedBy reset where ok is not null
  followedByAny entry where `where`.within - -1.5e3 > (avg(big.amount) ?? 0)
    oneOrMore allowCombinations
  within 1h30m
  skip to first(fails) or fail
  emit { user: key.user, n: count(fails), at: last(fails).ip }
  on timeout emit { n: count(fails) }
}

stream busy = from logins where not ok by (ip, user) window sliding 10m every 1m lateness 5s
  select { ip: key.ip, n: count(), at: window.end }
stream both = logins union busy
stream pairs = join logins l, busy b on l.ip == b.ip interval -5m ..< 10m select { n: b.n }
stream seen = matches of guessing
)cep";

TEST(Parser, ReadsAWholeFile) {
  const Parsed parsed{std::string(kGood)};
  EXPECT_EQ(to_text(parsed.diagnostics, parsed.file), "0 errors, 0 warnings\n");
  ASSERT_EQ(parsed.ast.declarations.size(), 8U);
  EXPECT_TRUE(std::holds_alternative<StreamDecl>(parsed.ast.declarations[0]));
  EXPECT_TRUE(std::holds_alternative<RuleDecl>(parsed.ast.declarations[3]));
  const auto& rule = parsed.at<RuleDecl>(3);
  EXPECT_TRUE(parsed.file.text(rule.span).starts_with("rule guessing {"));
  EXPECT_TRUE(parsed.file.text(rule.span).ends_with("}"));
}

TEST(Parser, ReadsAnEmptyFile) {
  EXPECT_EQ(codes_of(""), "");
  EXPECT_EQ(codes_of("// nothing\n"), "");
  EXPECT_TRUE(Parsed("").ast.declarations.empty());
}

TEST(Parser, ReadsTheSameWithCrlf) {
  std::string crlf;
  for (const char each : kGood) crlf += each == '\n' ? std::string("\r\n") : std::string(1, each);
  EXPECT_EQ(shape(Parsed(crlf).ast), shape(Parsed(std::string(kGood)).ast));
}

TEST(Parser, GivesNoTreeOfAFileThatIsNotUtf8) {
  const Parsed parsed(std::string(kGood) + "\xFF");
  EXPECT_EQ(codes_of(std::string(kGood) + "\xFF"), "R0001");
  EXPECT_TRUE(parsed.ast.declarations.empty());
}

TEST(Parser, ReadsLists) {
  const Parsed parsed("list a: string = [\"x\", \"y\",]\nlist b: int = []");
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  EXPECT_EQ(parsed.at<ListDecl>(0).elements.size(), 2U);
  EXPECT_TRUE(parsed.at<ListDecl>(1).elements.empty());
  EXPECT_EQ(codes_of("list a = [1]"), "R0101");
  EXPECT_EQ(codes_of("list a: int [1]"), "R0101");
  EXPECT_EQ(codes_of("list a: int = 1, 2"), "R0101");
  EXPECT_EQ(codes_of("list a: int = [1, 2"), "R0103");
  EXPECT_EQ(codes_of("list a: int = [1, , 2]\nlist b: int = [x = 1]"), "R0105 R0109");
  EXPECT_EQ(codes_of("list : int = [1]"), "R0106");
}

TEST(Parser, ReadsMacros) {
  const Parsed parsed("macro a() = x\nmacro b(p, q) = p + q");
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  EXPECT_EQ(parsed.at<MacroDecl>(1).parameters.size(), 2U);
  EXPECT_EQ(codes_of("macro a = x"), "R0101");
  EXPECT_EQ(codes_of("macro a(1) = x"), "R0106");
  EXPECT_EQ(codes_of("macro a(p x"), "R0101");
  EXPECT_EQ(codes_of("macro a() x"), "R0101");
  EXPECT_EQ(codes_of("macro a() =\nmacro b() = x"), "R0105") << "`macro` is no reserved word";
}

TEST(Parser, RefusesWhatIsNoDeclaration) {
  EXPECT_EQ(codes_of("5"), "R0104");
  EXPECT_EQ(codes_of("pattern x { a b c }\nlist a: int = 1"), "R0104 R0101");
  EXPECT_EQ(codes_of("ruel x { }"), "R0104");
  EXPECT_NE(advice_of("Rule x { }").find("did you mean `rule`?"), std::string::npos);
  EXPECT_EQ(codes_of("rule x { } }\nrule y { on }"), "R0104 R0106");
  EXPECT_EQ(codes_of("list a: int = [1] foo"), "R0104");
}

TEST(Parser, ReportsAllErrorsOfAFile) {
  EXPECT_EQ(marks_of("stream s {\n  formt json\n  field a: int\n}\n"
                     "rule r {\n  on s by a\n  begin x where a = 1\n  within 10\n}\n"),
            (std::vector<std::string>{"R0110 `formt`", "R0109 `=`", "R0101 `10`"}));
}

TEST(Parser, ReportsErrorsOfEachRuleThatLacksItsBrace) {
  EXPECT_EQ(codes_of("rule a {\n on s by k\n begin x where (\nrule b {\n on s by k\n begin\n"
                     "rule c {\n on s by k\n begin x where y ==\n}"),
            "R0103 R0105 R0103 R0106 R0105");
}

// Any prefix of a good file is either good too or wrong in one or two ways, never more: the token
// that was cut, and the end.
TEST(Parser, ComplainsLittleOfATruncatedFile) {
  for (std::size_t length = 0; length < kGood.size(); ++length) {
    const Parsed parsed{std::string(kGood.substr(0, length))};
    EXPECT_LE(parsed.diagnostics.error_count(), 2U) << length << ":\n"
                                                    << to_text(parsed.diagnostics, parsed.file);
  }
}

TEST(Parser, SurvivesAFileWithAnyByteMissingOrChanged) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "{}()[],:.=<>!\"`'@#;/*-+?\n ax0\\$|&";
  for (std::size_t i = 0; i < kGood.size(); ++i) {
    std::string missing(kGood);
    missing.erase(i, 1);
    std::string changed(kGood);
    changed[i] = kBytes[random() % kBytes.size()];
    for (const std::string& each : {missing, changed}) {
      const Parsed parsed(each);
      EXPECT_LE(parsed.diagnostics.error_count(), 12U) << to_text(parsed.diagnostics, parsed.file);
    }
  }
}

TEST(Parser, SurvivesRandomBytes) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const std::size_t size = random() % 200;
    const unsigned range = round % 2 == 0 ? 256 : 128;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(random() % range);
    const Parsed parsed(text);
    (void)to_text(parsed.diagnostics, parsed.file);
    (void)to_json(parsed.diagnostics, parsed.file);
  }
}

// Pieces of the language in a senseless order get much further than random bytes do. A tree
// without errors, if one comes of it, must print.
TEST(Parser, SurvivesRandomTokens) {
  std::vector<std::string> pieces = {
      "rule",     "r",        "{",      "}",          "stream",
      "list",     "macro",    "test",   "on",         "by",
      "begin",    "next",     "a",      "where",      "times",
      "5",        "..",       "or",     "more",       "within",
      "10m",      "skip",     "past",   "last",       "emit",
      ":",        ",",        "(",      ")",          "[",
      "]",        "and",      "not",    "in",         "like",
      "\"s\"",    "==",       "=",      "is",         "null",
      "any",      "-",        "??",     "field",      "string",
      "from",     "file",     "format", "json",       "time",
      "ts",       "unit",     "ms",     "timeout",    "to",
      "topic",    "optional", "until",  "gap",        "of",
      "previous", "\n",       "`x`",    "10.0.0.0/8", "@2026-01-31T00:00:00Z",
      "&&",       "$",        "'x'",    ".",          "\nrule r {",
      "\n}\n"};
  for (const char* each :
       {"join", "union", "window", "tumbling", "sliding", "every", "select", "{ x: 1 }", "interval",
        "matches", "late", "left", "lateness", "session", "count", "\nstream x =", "b"}) {
    pieces.emplace_back(each);
  }
  const std::vector<std::string> beginnings = {"", "rule r { on s by k begin a where ",
                                               "stream x = from a ", "stream x = join a, ",
                                               "stream x = "};
  std::mt19937 random(13);
  for (std::size_t round = 0; round < 10000; ++round) {
    std::string text = beginnings[round % beginnings.size()];
    const std::size_t count = random() % (round % 2 == 0 ? 60 : 8);
    for (std::size_t i = 0; i < count; ++i) text += pieces[random() % pieces.size()] + " ";
    const Parsed parsed(text);
    (void)to_text(parsed.diagnostics, parsed.file);
    if (!parsed.diagnostics.has_errors()) {
      EXPECT_EQ(shape(Parsed(print(parsed.ast)).ast), shape(parsed.ast)) << text;
    }
  }
}

TEST(Parser, SurvivesHugeTokensAndManyErrors) {
  EXPECT_EQ(codes_of(std::string(1000000, 'a')), "R0104");
  EXPECT_EQ(codes_of("rule " + std::string(1000000, 'a') + " {"), "R0103");
  EXPECT_EQ(codes_of("/*" + std::string(1000000, '*')), "R0010");
  std::string stray;
  for (int i = 0; i < 100000; ++i) stray += "$ ";
  const Parsed parsed(stray);
  EXPECT_EQ(parsed.diagnostics.sorted().size(), Diagnostics::kMaxKept);
  std::string clauses = "rule r {\n";
  for (int i = 0; i < 50000; ++i) clauses += "wher x\n";
  EXPECT_GT(Parsed(clauses).diagnostics.error_count(), 40000U);
}

}  // namespace
}  // namespace lymer::rules
