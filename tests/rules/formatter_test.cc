// The canonical layout: where lines end, where comments stay, and that the meaning stays, for all
// rule files of the repository.
// Not here: spaces within lines (token_spacing_test.cc), the command (tests/server/cli/).
#include "rules/formatter.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "rules/lexer.h"
#include "rules/parser.h"
#include "rules/printer.h"

namespace lymer::rules {
namespace {

namespace fs = std::filesystem;

std::string formatted(const std::string& text) {
  Diagnostics diagnostics;
  const SourceFile file("rules.cep", text);
  const auto made = format(file, diagnostics);
  EXPECT_TRUE(made.has_value()) << to_text(diagnostics, file);
  return made.value_or("");
}

std::string tree(const std::string& text) {
  Diagnostics diagnostics;
  return print(parse(SourceFile("rules.cep", text), diagnostics));
}

// All comments without blanks.
std::string comments(const std::string& text) {
  Diagnostics diagnostics;
  std::string all;
  for (const Span& each : lex(SourceFile("rules.cep", text), diagnostics).comments) {
    for (const char letter : text.substr(each.begin, each.end - each.begin)) {
      if (std::string_view(" \t\r").find(letter) == std::string_view::npos) all += letter;
    }
    all += '\n';
  }
  return all;
}

// What holds of every file.
void expect_sound(const std::string& text, const std::string& name) {
  Diagnostics diagnostics;
  const auto once = format(SourceFile("rules.cep", text), diagnostics);
  if (!once) return;
  EXPECT_EQ(formatted(*once), *once) << name;
  EXPECT_EQ(tree(*once), tree(text)) << name;
  EXPECT_EQ(comments(*once), comments(text)) << name;
}

TEST(Formatter, GivesEachClauseALine) {
  EXPECT_EQ(
      formatted("stream s{from file\"x\" format json field a:[string]?=b.c field n:int "
                "time n unit ms}rule r{on s by(a,n) begin x where n in 1 .. 5 and -n<- 3 times "
                "2..3 next y within 5s of previous within 1m emit{n:count( x )}}"),
      "stream s {\n"
      "  from file \"x\"\n"
      "  format json\n"
      "  field a: [string]? = b.c\n"
      "  field n: int\n"
      "  time n unit ms\n"
      "}\n"
      "\n"
      "rule r {\n"
      "  on s by (a, n)\n"
      "  begin x where n in 1..5 and -n < -3 times 2..3\n"
      "  next y within 5s of previous\n"
      "  within 1m\n"
      "  emit { n: count(x) }\n"
      "}\n");
}

TEST(Formatter, KeepsTheOrderOfClausesAndTheWayThingsAreWritten) {
  EXPECT_EQ(
      formatted("list l:int=[1,2,]\nmacro m(a)=((a))\nrule r {\n on s begin `x` within 60s }"),
      "list l: int = [1, 2,]\n"
      "\n"
      "macro m(a) = ((a))\n"
      "\n"
      "rule r {\n  on s\n  begin `x`\n  within 60s\n}\n");
}

TEST(Formatter, KeepsCommentsWhereTheyStand) {
  EXPECT_EQ(formatted("/* Top. */   // more  \n\n\nstream s { // all\n"
                      "// first\n\n\nfrom file \"x\"   // trailing\n  format /* odd */ json\n"
                      "// last\n}   // behind\n// about r\nrule r { on s begin x // one\n"
                      "// two\n followedBy y }\n// end"),
            "/* Top. */  // more\n"
            "\n"
            "stream s {  // all\n"
            "  // first\n"
            "\n"
            "  from file \"x\"  // trailing\n"
            "  format /* odd */ json\n"
            "  // last\n"
            "}  // behind\n"
            "\n"
            "// about r\n"
            "rule r {\n"
            "  on s\n"
            "  begin x  // one\n"
            "  // two\n"
            "  followedBy y\n"
            "}\n"
            "// end\n");
}

TEST(Formatter, KeepsTheLineEndsInsideAClause) {
  EXPECT_EQ(formatted("rule r {\n on s\n begin x where a\nand b\nor (c\nand d)\ntimes 3\n"
                      "emit {\na: 1, b: [\n1,\n2], // two\nc: a\n+ b }\n}"),
            "rule r {\n"
            "  on s\n"
            "  begin x where a\n"
            "      and b\n"
            "      or (c\n"
            "      and d)\n"
            "      times 3\n"
            "  emit {\n"
            "    a: 1, b: [\n"
            "      1,\n"
            "      2\n"
            "    ],  // two\n"
            "    c: a\n"
            "        + b\n"
            "  }\n"
            "}\n");
}

TEST(Formatter, JoinsWhatBelongsOnOneLine) {
  EXPECT_EQ(formatted("rule\nr\n{ on\ns by\nk begin\nx emit\n{ a\n:\nfirst(x)\n.\na } }"),
            "rule r {\n"
            "  on s by\n      k\n"
            "  begin x\n"
            "  emit { a: first(x).a }\n"
            "}\n");
}

TEST(Formatter, IndentsGroups) {
  EXPECT_EQ(formatted("rule r { on s begin a followedBy ( begin b next ( begin c ) optional ) "
                      "times 2 }"),
            "rule r {\n"
            "  on s\n"
            "  begin a\n"
            "  followedBy (\n"
            "    begin b\n"
            "    next (\n"
            "      begin c\n"
            "    ) optional\n"
            "  ) times 2\n"
            "}\n");
}

TEST(Formatter, LeavesAQueryOnOneLineOrGivesItsClausesTheirOwn) {
  EXPECT_EQ(formatted("stream f=from s where not ok\nstream g=from s where ok\n\n\n"
                      "stream j=join a,b on a.x==b.x\ninterval -5m  ..  10m select{x:a.x}"),
            "stream f = from s where not ok\n"
            "stream g = from s where ok\n"
            "\n"
            "stream j = join a, b\n"
            "  on a.x == b.x\n"
            "  interval -5m .. 10m\n"
            "  select { x: a.x }\n");
}

TEST(Formatter, WritesLineEndsAndBlanksInOneWay) {
  EXPECT_EQ(formatted("\xEF\xBB\xBFlist l: int = [1] // a \r\n/* b \r\n\tc */\r\n\r\n"),
            "list l: int = [1]  // a\n/* b\n\tc */\n");
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted("\n// only a comment\n"), "// only a comment\n");
}

TEST(Formatter, RefusesWhatItCannotRead) {
  Diagnostics diagnostics;
  EXPECT_FALSE(format(SourceFile("rules.cep", "rule r { on }"), diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

// Each gap of a file in turn gets a comment of each kind.
TEST(Formatter, IsAFixedPointWhereverACommentStands) {
  const std::string text =
      "stream s { from file \"x\" format json field a: [int]? time a unit ms } "
      "stream q = from s where a < 1 by (a, b) window tumbling 5s select { n: count(), m: -1 } "
      "rule r { on s by k, t by k begin a: s where not (a in [1, 2]) times 2 or more until b "
      "next ( begin c ) times 1..2 within 5s skip past last emit { n: first(a).x } }";
  Diagnostics diagnostics;
  const TokenList list = lex(SourceFile("rules.cep", text), diagnostics);
  for (const Token& each : list.tokens) {
    for (const char* comment : {" // c\n", "\n// c\n", " /* c */ ", "\n/* c */ ", "\n\n", "\n"}) {
      const std::string with =
          text.substr(0, each.span.begin) + comment + text.substr(each.span.begin);
      expect_sound(with, with);
    }
  }
}

TEST(Formatter, KeepsTheMeaningOfEveryRuleFile) {
  int found = 0;
  for (const fs::path folder : {"examples", "tests", "../shared"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".cep") continue;
      std::ifstream file(entry.path());
      expect_sound(std::string(std::istreambuf_iterator<char>(file), {}), entry.path());
      ++found;
    }
  }
  EXPECT_GT(found, 200);
}

}  // namespace
}  // namespace lymer::rules
