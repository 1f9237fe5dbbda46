// Tests of recovery: where the parser finds its feet again, and that it does so in linear time.
// Not here: what each clause complains of (the tests of its parser).
#include "rules/parser_cursor.h"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/lexer.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

class CursorTest : public testing::Test {
 protected:
  TokenCursor& cursor_at(std::string text) {
    file_.emplace("c.cep", std::move(text));
    cursor_.emplace(*file_, lex(*file_, diagnostics_), diagnostics_);
    return *cursor_;
  }
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const Diagnostic& each : diagnostics_.sorted()) {
      out += (out.empty() ? "" : " ") + std::string(to_string(each.code));
    }
    return out;
  }

  std::optional<SourceFile> file_;
  Diagnostics diagnostics_;
  std::optional<TokenCursor> cursor_;
};

TEST_F(CursorTest, StaysAtTheEnd) {
  TokenCursor& cursor = cursor_at("a");
  cursor.take();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cursor.take().kind, TokenKind::kEnd);
  EXPECT_EQ(cursor.peek(100).kind, TokenKind::kEnd);
}

TEST_F(CursorTest, ComplainsOfAPlaceOnce) {
  TokenCursor& cursor = cursor_at(") )");
  cursor.refuse_expected("a name");
  cursor.refuse_expected("a number");
  EXPECT_EQ(codes(), "R0101");
  cursor.forgive();
  cursor.refuse_expected("a string");
  EXPECT_EQ(codes(), "R0101") << "still the same place";
  cursor.forgive();
  cursor.take();
  cursor.refuse_expected("a string");
  EXPECT_EQ(codes(), "R0101 R0101");
}

TEST_F(CursorTest, SaysNothingOfUnreadableTokensNorWhileQuiet) {
  TokenCursor& cursor = cursor_at("$ x");
  cursor.refuse_expected("a name");
  EXPECT_TRUE(cursor.in_panic());
  EXPECT_EQ(codes(), "R0002");
  cursor.forgive();
  cursor.take();
  cursor.begin_quiet();
  cursor.refuse_expected("a number");
  cursor.end_quiet();
  cursor.forgive();
  EXPECT_EQ(codes(), "R0002");
  cursor.refuse_expected("a number");
  EXPECT_EQ(codes(), "R0002 R0101") << "what was said quietly was not said";
}

TEST_F(CursorTest, RecoversAtAClauseBehindBrackets) {
  TokenCursor& cursor = cursor_at("x ( where [ until ] ) where y");
  cursor.set_clauses({&stage_clauses()});
  cursor.refuse(Code::kUnexpectedToken, "m");
  EXPECT_TRUE(cursor.recover());
  EXPECT_EQ(cursor.position(), 7U);
  EXPECT_FALSE(cursor.recover());
}

TEST_F(CursorTest, TakesAFreeWordForAClauseOnlyWhereItLooksLikeOne) {
  TokenCursor& cursor = cursor_at("x time == from . time ts");
  cursor.set_clauses({&stream_clauses()});
  cursor.abandon();
  cursor.recover();
  EXPECT_EQ(cursor.position(), 5U);
}

TEST_F(CursorTest, RecoversAtTheNextDeclaration) {
  TokenCursor& cursor = cursor_at("x { rule y (\nrule z {\n}");
  cursor.abandon();
  cursor.recover();
  EXPECT_TRUE(cursor.at_declaration());
  EXPECT_EQ(cursor.word(1), "z");
}

TEST_F(CursorTest, FindsThePartnerPastBracketsWithoutOne) {
  TokenCursor& cursor = cursor_at("{ ( [ } x");
  EXPECT_TRUE(cursor.skip_bracketed());
  EXPECT_EQ(cursor.word(), "x");
  TokenCursor& open = cursor_at("( [ x ]");
  EXPECT_FALSE(open.skip_bracketed());
  EXPECT_EQ(open.position(), 1U);
}

TEST_F(CursorTest, OffersTheWordsThatMayStand) {
  TokenCursor& cursor = cursor_at("rejct");
  EXPECT_FALSE(cursor.expect_one_of({"skip", "reject", "keep"}));
  const Diagnostic diagnostic = diagnostics_.sorted().at(0);
  EXPECT_EQ(diagnostic.message, "expected `skip`, `reject` or `keep`, found `rejct`");
  EXPECT_EQ(diagnostic.label, "did you mean `reject`?");
}

TEST_F(CursorTest, SaysThatTheFileEndsOnce) {
  TokenCursor& cursor = cursor_at("{");
  const Body body = cursor.open_body("a rule");
  cursor.refuse_expected("a name");
  cursor.forgive();
  cursor.report_unclosed(TokenKind::kRightBrace, body.opener);
  EXPECT_EQ(codes(), "R0102");
}

TEST(Recovery, IsLinearInTheSizeOfTheFile) {
  for (const char* each : {"(", "[", "{", "next (", "where (", "rule r {", "emit {", "f(", "a b ",
                           "rule r {\n", "when x ", "where x = ( ] ", "on a, "}) {
    std::string text = "rule r { on s by k begin a where ";
    while (text.size() < 300000) text += each;
    EXPECT_NE(codes_of(text), "") << each;
  }
}

}  // namespace
}  // namespace lymer::rules
