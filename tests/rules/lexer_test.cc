// Tests of tokens: kinds, values, places, and what is left of unreadable text.
// Not here: the values' own forms (literal_test.cc).
#include "rules/lexer.h"

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/token.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

struct Lexed {
  explicit Lexed(std::string text) : file("l.cep", std::move(text)), list(lex(file, diagnostics)) {}

  // The kinds of all tokens but the end, each as its number of the enumeration's text.
  [[nodiscard]] std::string pieces() const {
    std::string out;
    for (const Token& each : list.tokens) {
      if (each.kind == TokenKind::kEnd) break;
      if (!out.empty()) out += ' ';
      out += each.kind == TokenKind::kError ? "<error>" : std::string(file.text(each.span));
    }
    return out;
  }
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const Diagnostic& each : diagnostics.sorted()) {
      append_text(out, "{}{}", out.empty() ? "" : " ", to_string(each.code));
    }
    return out;
  }

  SourceFile file;
  Diagnostics diagnostics;
  TokenList list;
};

template <typename T>
T value_of(const std::string& text) {
  const Lexed lexed(text);
  EXPECT_EQ(lexed.codes(), "") << text;
  EXPECT_EQ(lexed.list.tokens.size(), 2U) << text;
  if (lexed.list.literals.size() != 1 || !std::holds_alternative<T>(lexed.list.literals[0])) {
    ADD_FAILURE() << text << " has no value of this type";
    return T{};
  }
  return std::get<T>(lexed.list.literals[0]);
}

std::string codes_of(const std::string& text) { return Lexed(text).codes(); }
std::string pieces_of(const std::string& text) { return Lexed(text).pieces(); }

TEST(Lexer, SplitsWordsSignsAndLiterals) {
  EXPECT_EQ(pieces_of("a.b(c, 5)==x_1??[y]"), "a . b ( c , 5 ) == x_1 ?? [ y ]");
  EXPECT_EQ(pieces_of("a<=b>=c!=d<e>f=g+h-i*j/k%l:m?"),
            "a <= b >= c != d < e > f = g + h - i * j / k % l : m ?");
}

TEST(Lexer, TakesARangeForThreeTokens) {
  EXPECT_EQ(pieces_of("5..20"), "5 .. 20");
  EXPECT_EQ(pieces_of("a<..b"), "a <.. b");
  EXPECT_EQ(pieces_of("a..<b"), "a ..< b");
  EXPECT_EQ(pieces_of("a<..<b"), "a <..< b");
  EXPECT_EQ(pieces_of("1.5..2.5"), "1.5 .. 2.5");
  EXPECT_EQ(pieces_of("10.0.0.1..10.0.0.9"), "10.0.0.1 .. 10.0.0.9");
  EXPECT_EQ(pieces_of("1m..5m"), "1m .. 5m");
  EXPECT_EQ(pieces_of("@2026-01-31T00:00:00Z..x"), "@2026-01-31T00:00:00Z .. x");
}

TEST(Lexer, SkipsSpaceAndComments) {
  EXPECT_EQ(pieces_of("a // b\n/* c\n d */ e /**/f//"), "a e f");
  EXPECT_EQ(pieces_of("\xEF\xBB\xBF"
                      "a"),
            "a");
  EXPECT_EQ(pieces_of(""), "");
}

TEST(Lexer, TreatsCrlfLikeLf) {
  const Lexed lexed("a // x\r\nb\r\n\"c\"\r\n");
  EXPECT_EQ(lexed.pieces(), "a b \"c\"");
  EXPECT_EQ(lexed.codes(), "");
  EXPECT_TRUE(lexed.list.tokens[1].starts_line);
}

TEST(Lexer, KnowsTheFirstTokenOfALine) {
  const Lexed lexed("a b\n c /* \n */ d");
  EXPECT_TRUE(lexed.list.tokens[0].starts_line);
  EXPECT_FALSE(lexed.list.tokens[1].starts_line);
  EXPECT_TRUE(lexed.list.tokens[2].starts_line);
  EXPECT_TRUE(lexed.list.tokens[3].starts_line);
}

TEST(Lexer, PutsTheEndBehindTheLastToken) {
  const Lexed lexed("abc  // comment\n\n");
  EXPECT_EQ(lexed.list.tokens.back().span, (Span{3, 3}));
}

TEST(Lexer, ReadsNumbers) {
  EXPECT_EQ(value_of<std::int64_t>("0"), 0);
  EXPECT_EQ(value_of<std::int64_t>("9223372036854775807"), 9223372036854775807);
  EXPECT_DOUBLE_EQ(value_of<double>("1.5"), 1.5);
  EXPECT_DOUBLE_EQ(value_of<double>("1e3"), 1000);
  EXPECT_DOUBLE_EQ(value_of<double>("2.5E-1"), 0.25);
  EXPECT_DOUBLE_EQ(value_of<double>("1e+20"), 1e20);
}

TEST(Lexer, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(codes_of("9223372036854775809"), "R0005");
  EXPECT_EQ(codes_of("99999999999999999999"), "R0005");
  EXPECT_EQ(codes_of("1e999"), "R0005");
  EXPECT_EQ(codes_of("0x1F"), "R0005");
  EXPECT_EQ(codes_of("1_000"), "R0005");
}

TEST(Lexer, ReadsStrings) {
  EXPECT_EQ(value_of<std::string>(R"("")"), "");
  EXPECT_EQ(value_of<std::string>(R"("a\n\t\r\"\\b")"), "a\n\t\r\"\\b");
  EXPECT_EQ(value_of<std::string>(R"("\u{e4}\u{1F600}")"), "\xC3\xA4\xF0\x9F\x98\x80");
  EXPECT_EQ(value_of<std::string>(R"(r"\d+\")"), "\\d+\\");
  EXPECT_EQ(value_of<std::string>("\"a\tb // c\""), "a\tb // c");
}

TEST(Lexer, RefusesBadEscapesOneByOne) {
  EXPECT_EQ(codes_of(R"("\d \w")"), "R0004 R0004");
  EXPECT_EQ(codes_of(R"("\u{110000}")"), "R0004");
  EXPECT_EQ(codes_of(R"("\u{d800}")"), "R0004");
  EXPECT_EQ(codes_of(R"("\u{}")"), "R0004");
  EXPECT_EQ(codes_of(R"("\u{1234567}")"), "R0004");
  EXPECT_EQ(codes_of(R"("\u12")"), "R0004");
  EXPECT_EQ(codes_of(R"("\u")"), "R0004");
  EXPECT_EQ(codes_of("\"\\\xC3\xA4\""), "R0004");
  const Lexed kept(R"("a\qb" c)");
  ASSERT_EQ(kept.list.tokens[0].kind, TokenKind::kString);
  EXPECT_EQ(std::get<std::string>(kept.list.literals[0]), "a\\qb");
}

TEST(Lexer, EndsAnUnterminatedStringAtTheLine) {
  EXPECT_EQ(codes_of("\"abc\nd"), "R0003");
  EXPECT_EQ(pieces_of("\"abc\nd"), "<error> d");
  EXPECT_EQ(codes_of("r\"abc\nd"), "R0003");
  EXPECT_EQ(codes_of("ip\"::1\nd"), "R0003");
  EXPECT_EQ(codes_of("\"abc"), "R0003");
  EXPECT_EQ(codes_of("\"abc\\"), "R0003");
}

TEST(Lexer, ReadsDurationsAndInstants) {
  EXPECT_EQ(value_of<Duration>("1h30m"), Duration::minutes(90));
  EXPECT_EQ(value_of<Duration>("250ms"), Duration::millis(250));
  EXPECT_EQ(value_of<EventTime>("@1970-01-01T00:00:01Z"), EventTime::from_millis(1000));
  EXPECT_EQ(codes_of("10min"), "R0006");
  EXPECT_EQ(codes_of("1.5h"), "R0006");
  EXPECT_EQ(codes_of("5m1h"), "R0006");
  EXPECT_EQ(codes_of("@2026-01-31"), "R0007");
  EXPECT_EQ(codes_of("@yesterday"), "R0007");
  EXPECT_EQ(codes_of("@2026-01-31T00:00:00Zulu"), "R0007");
}

TEST(Lexer, ReadsAddressesAndNetworks) {
  EXPECT_EQ(value_of<IpAddress>("192.0.2.1"), *IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(value_of<IpNetwork>("10.0.0.0/8"), *IpNetwork::parse("10.0.0.0/8"));
  EXPECT_EQ(value_of<IpAddress>(R"(ip"2001:db8::1")"), *IpAddress::parse("2001:db8::1"));
  EXPECT_EQ(value_of<IpNetwork>(R"(ip"2001:db8::/32")"), *IpNetwork::parse("2001:db8::/32"));
  EXPECT_EQ(pieces_of("10.0.0.1 / 8"), "10.0.0.1 / 8");
  EXPECT_EQ(pieces_of("10.0.0.1.x"), "10.0.0.1 . x");
}

TEST(Lexer, RefusesBadAddresses) {
  for (const char* each : {"1.2.3", "1.2.3.4.5", "256.0.0.1", "10.0.0.0/33", "10.0.0.0/8x",
                           R"(ip"fe80::1%eth0")", R"(ip"2001:db8::/129")", R"(ip"")"}) {
    EXPECT_EQ(codes_of(each), "R0008") << each;
    EXPECT_EQ(pieces_of(each), "<error>") << each;
  }
}

TEST(Lexer, ReadsNamesInBackQuotes) {
  const Lexed lexed("`where` `event id`");
  EXPECT_EQ(lexed.codes(), "");
  EXPECT_EQ(lexed.list.tokens[1].kind, TokenKind::kQuotedName);
  EXPECT_EQ(codes_of("`abc\nd"), "R0009");
  EXPECT_EQ(codes_of("`abc"), "R0009");
  EXPECT_EQ(codes_of("``"), "R0106");
}

TEST(Lexer, RefusesAnUnterminatedComment) {
  EXPECT_EQ(codes_of("a /* b"), "R0010");
  EXPECT_EQ(pieces_of("a /* b"), "a");
  EXPECT_EQ(codes_of("/*/"), "R0010");
}

TEST(Lexer, MakesOneDiagnosticOfOneStrayThing) {
  EXPECT_EQ(codes_of("$user"), "R0002");
  EXPECT_EQ(pieces_of("$user x"), "<error> x");
  EXPECT_EQ(codes_of("gr\xC3\xB6\xC3\x9F"
                     "e"),
            "R0002");
  EXPECT_EQ(codes_of("'abc def'"), "R0002");
  EXPECT_EQ(pieces_of("'abc def' x"), "<error> x");
  EXPECT_EQ(codes_of("'abc"), "R0002");
  EXPECT_EQ(codes_of("\xE2\x80\x9C"
                     "abc def\xE2\x80\x9D x"),
            "R0002");
  EXPECT_EQ(codes_of("a;"), "R0002");
  EXPECT_EQ(pieces_of("a;b"), "a b");
  EXPECT_EQ(codes_of("# comment of another language\na"), "R0002");
  EXPECT_EQ(codes_of(std::string("\0", 1)), "R0002");
}

TEST(Lexer, KnowsOperatorsOfOtherLanguages) {
  for (const char* each : {"&&", "||", "!", "<>", "===", "!==", "=~", "&", "|"}) {
    const Lexed lexed(each);
    ASSERT_EQ(lexed.list.tokens.size(), 2U) << each;
    EXPECT_EQ(lexed.list.tokens[0].kind, TokenKind::kForeign) << each;
    EXPECT_EQ(lexed.codes(), "") << "the parser knows better what was meant";
  }
}

TEST(Lexer, StopsAtBytesThatAreNotUtf8) {
  const Lexed lexed("rule a {\n  doc \"\xFF\" ;\n}");
  EXPECT_EQ(lexed.codes(), "R0001");
  EXPECT_EQ(lexed.list.tokens.size(), 1U);
  EXPECT_EQ(lexed.diagnostics.sorted()[0].span, (Span{16, 17}));
}

TEST(Lexer, RefusesAFileThatIsTooLarge) {
  EXPECT_EQ(codes_of(std::string(kRuleFileBytesMax + 1, ' ')), "R0116");
  EXPECT_EQ(codes_of(std::string(kRuleFileBytesMax, ' ')), "");
}

}  // namespace
}  // namespace lymer::rules
