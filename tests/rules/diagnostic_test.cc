// Tests of diagnostics as text and JSON, and of the guess at what was meant.
// Not here: which diagnostics there are (tests/golden/errors).
#include "rules/diagnostic.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rules/codes.h"
#include "rules/source_file.h"

namespace lymer::rules {
namespace {

Span span_of(const SourceFile& file, std::string_view piece) {
  const std::size_t begin = file.text().find(piece);
  return Span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + piece.size())};
}

std::string shown(const SourceFile& file, const Diagnostic& diagnostic) {
  Diagnostics diagnostics;
  diagnostics.add(diagnostic);
  return to_text(diagnostics, file);
}

TEST(DiagnosticText, ShowsCodePlaceExcerptLabelAndHelp) {
  const SourceFile file("rules.cep", "rule r {\n  begin a where contry != \"de\"\n}\n");
  EXPECT_EQ(shown(file, {Code::kUnknownField,
                         "stream `logins` has no field `contry`",
                         span_of(file, "contry"),
                         "did you mean `country`?",
                         {"fields of logins: user, country"}}),
            "error[R0207]: stream `logins` has no field `contry`\n"
            "  rules.cep:2:17\n"
            "   2 |   begin a where contry != \"de\"\n"
            "     |                 ^^^^^^ did you mean `country`?\n"
            "help: fields of logins: user, country\n"
            "\n"
            "1 error, 0 warnings\n");
}

TEST(DiagnosticText, AlignsTheGutterToTheWidestLineNumber) {
  const SourceFile file("r.cep", "\na\n\n\n\n\n\n\n\n\n\nb\n");
  Diagnostics diagnostics;
  diagnostics.add({Code::kUnexpectedToken, "second", span_of(file, "b"), "", {}});
  diagnostics.add({Code::kUnusedList, "first", span_of(file, "a"), "", {}});
  EXPECT_EQ(to_text(diagnostics, file),
            "warning[W0401]: first\n"
            "  r.cep:2:1\n"
            "    2 | a\n"
            "      | ^\n"
            "\n"
            "error[R0101]: second\n"
            "  r.cep:12:1\n"
            "   12 | b\n"
            "      | ^\n"
            "\n"
            "1 error, 1 warning\n");
}

TEST(DiagnosticText, PutsTheCaretRightBehindTabsAndCharactersOfManyBytes) {
  const SourceFile file("r.cep", "\t\"\xC3\xA4\xE2\x82\xAC\" x = 1\n");
  const std::string out = shown(file, {Code::kSingleEquals, "m", span_of(file, "="), "", {}});
  EXPECT_NE(out.find("   1 |  \"\xC3\xA4\xE2\x82\xAC\" x = 1\n     |         ^\n"),
            std::string::npos)
      << out;
}

TEST(DiagnosticText, UnderlinesToTheEndOfTheFirstLine) {
  const SourceFile file("r.cep", "abc def\nghi\n");
  const std::string out = shown(file, {Code::kTooDeep, "m", Span{4, 11}, "", {}});
  EXPECT_NE(out.find("     |     ^^^\n"), std::string::npos) << out;
}

TEST(DiagnosticText, ShowsOneCaretForAnEmptySpanAtTheEnd) {
  const SourceFile file("r.cep", "abc");
  const std::string out = shown(file, {Code::kUnexpectedEnd, "m", Span{3, 3}, "", {}});
  EXPECT_NE(out.find("   1 | abc\n     |    ^\n"), std::string::npos) << out;
}

TEST(DiagnosticText, CutsLongLinesAroundTheCaret) {
  const SourceFile file("r.cep", std::string(5000, 'x') + "!" + std::string(5000, 'y'));
  const std::string out = shown(file, {Code::kStrayCharacter, "m", span_of(file, "!"), "l", {}});
  EXPECT_LT(out.size(), 600U);
  const std::size_t line = out.find("   1 | ");
  const std::size_t mark = out.find('!');
  const std::size_t next = out.find("     | ", line);
  EXPECT_EQ(mark - line, out.find('^') - next) << out;
}

TEST(DiagnosticText, CutsTheUnderlineOfALongSpan) {
  const SourceFile file("r.cep", std::string(5000, 'x'));
  const std::string out = shown(file, {Code::kTooDeep, "m", Span{10, 4000}, "", {}});
  EXPECT_LT(out.size(), 600U);
}

TEST(DiagnosticText, SendsNoControlCharactersToTheTerminal) {
  const SourceFile file("r\x1B.cep", "a \x1B[2J \xFF b");
  const std::string out = shown(file, {Code::kNotUtf8, "m \x1B", Span{7, 8}, "\x07", {"\x1B"}});
  EXPECT_EQ(out.find('\x1B'), std::string::npos);
  EXPECT_EQ(out.find('\xFF'), std::string::npos);
  EXPECT_EQ(out.find('\x07'), std::string::npos);
}

TEST(DiagnosticText, CountsNothing) {
  EXPECT_EQ(to_text(Diagnostics{}, SourceFile("r.cep", "")), "0 errors, 0 warnings\n");
}

TEST(Diagnostics, KeepsSomeAndCountsAll) {
  const SourceFile file("r.cep", "x");
  Diagnostics diagnostics;
  for (int i = 0; i < 250; ++i) diagnostics.add({Code::kTooDeep, "m", Span{0, 1}, "", {}});
  EXPECT_EQ(diagnostics.error_count(), 250U);
  EXPECT_EQ(diagnostics.sorted().size(), Diagnostics::kMaxKept);
  EXPECT_TRUE(
      to_text(diagnostics, file).ends_with("\n250 errors, 0 warnings; 50 of them not shown\n"));
}

TEST(Diagnostics, TellsErrorsFromWarnings) {
  Diagnostics diagnostics;
  diagnostics.add({Code::kUnusedMacro, "m", Span{}, "", {}});
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.warning_count(), 1U);
  diagnostics.add({Code::kTooDeep, "m", Span{}, "", {}});
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(DiagnosticJson, HoldsTheSameParts) {
  const SourceFile file("r.cep", "ab\ncd ef\n");
  Diagnostics diagnostics;
  diagnostics.add({Code::kSingleEquals, "message", Span{6, 8}, "label", {"one", "two"}});
  diagnostics.add({Code::kUnusedList, "early", Span{0, 4}, "", {}});
  const auto json = nlohmann::json::parse(to_json(diagnostics, file));
  EXPECT_EQ(json["file"], "r.cep");
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["warnings"], 1);
  ASSERT_EQ(json["diagnostics"].size(), 2U);
  EXPECT_EQ(json["diagnostics"][0]["severity"], "warning");
  EXPECT_EQ(json["diagnostics"][0]["span"]["end_line"], 2);
  EXPECT_EQ(json["diagnostics"][0]["span"]["end_col"], 2);
  const auto& second = json["diagnostics"][1];
  EXPECT_EQ(second["code"], "R0109");
  EXPECT_EQ(second["severity"], "error");
  EXPECT_EQ(second["message"], "message");
  EXPECT_EQ(second["label"], "label");
  EXPECT_EQ(second["help"], (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(second["span"]["line"], 2);
  EXPECT_EQ(second["span"]["col"], 4);
  EXPECT_EQ(second["span"]["offset"], 6);
  EXPECT_EQ(second["span"]["length"], 2);
}

TEST(DiagnosticJson, IsUtf8WhateverTheFileIs) {
  Diagnostics diagnostics;
  diagnostics.add({Code::kNotUtf8, "bad \xFF", Span{0, 1}, "", {}});
  const std::string out = to_json(diagnostics, SourceFile("\xFE.cep", "\xFF"));
  EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST(ClosestTo, FindsWhatWasMeant) {
  const std::vector<std::string> words = {"country", "user", "followedBy", "where"};
  EXPECT_EQ(closest_to("contry", words), "country");
  EXPECT_EQ(closest_to("wehre", words), "where") << "two neighbours swapped are one mistake";
  EXPECT_EQ(closest_to("followedby", words), "followedBy");
  EXPECT_EQ(closest_to("FOLLOWED_BY", words), "followedBy");
  EXPECT_EQ(closest_to("usr", words), "user");
  EXPECT_EQ(closest_to("zebra", words), "");
  EXPECT_EQ(closest_to("", words), "");
}

TEST(ClosestTo, PrefersTheNearerAndThenTheEarlier) {
  const std::vector<std::string> words = {"cart", "card", "CARE"};
  EXPECT_EQ(closest_to("carx", words), "cart");
  EXPECT_EQ(closest_to("care", words), "CARE");
}

TEST(ClosestTo, MakesNoWordOfALetter) {
  const std::vector<std::string> words = {"b", "at"};
  EXPECT_EQ(closest_to("a", words), "");
  EXPECT_EQ(closest_to("B", words), "b");
}

TEST(ClosestTo, TakesNoTimeOverHugeWords) {
  const std::vector<std::string> words = {std::string(1000000, 'a')};
  EXPECT_EQ(closest_to(std::string(1000000, 'a') + "b", words), "");
}

TEST(Suggestion, IsAQuestionOrNothing) {
  const std::vector<std::string> known = {"user", "country"};
  EXPECT_EQ(suggestion("contry", known), "did you mean `country`?");
  EXPECT_EQ(suggestion("amount", known), "");
}

}  // namespace
}  // namespace lymer::rules
