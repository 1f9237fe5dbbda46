// The spaces of a line, by its tokens.
// Not here: whole files (formatter_test.cc).
#include "rules/token_spacing.h"

#include <gtest/gtest.h>

namespace lymer::rules {
namespace {

using Kind = TokenKind;

SpacedToken sign_of(Kind kind) { return {.kind = kind}; }
SpacedToken word(std::string_view text) { return {.kind = Kind::kWord, .text = text}; }

TEST(TokenSpacing, ACallStandsCloseAndAListOfNamesApart) {
  EXPECT_FALSE(has_space_between(word("count"), sign_of(Kind::kLeftParen)));
  EXPECT_TRUE(has_space_between(word("by"), sign_of(Kind::kLeftParen)));
  EXPECT_TRUE(has_space_between(word("not"), sign_of(Kind::kLeftParen)));
  EXPECT_TRUE(has_space_between(sign_of(Kind::kPlus), sign_of(Kind::kLeftParen)));
}

TEST(TokenSpacing, ASignStandsAtItsOperandAndAMinusApart) {
  SpacedToken minus = sign_of(Kind::kMinus);
  EXPECT_TRUE(has_space_between(minus, sign_of(Kind::kInt)));
  minus.is_sign = true;
  EXPECT_FALSE(has_space_between(minus, sign_of(Kind::kInt)));
}

TEST(TokenSpacing, RangesStandCloseButForIntervals) {
  SpacedToken range = sign_of(Kind::kRangeOpenHigh);
  EXPECT_FALSE(has_space_between(sign_of(Kind::kInt), range));
  EXPECT_FALSE(has_space_between(range, sign_of(Kind::kInt)));
  range.is_in_interval = true;
  const SpacedToken bound{.kind = Kind::kDuration, .is_in_interval = true};
  EXPECT_TRUE(has_space_between(bound, range));
  EXPECT_TRUE(has_space_between(range, bound));
}

TEST(TokenSpacing, AnOperandEndsWithAValueOrACloser) {
  EXPECT_TRUE(ends_operand(word("amount")));
  EXPECT_TRUE(ends_operand(word("null")));
  EXPECT_TRUE(ends_operand(sign_of(Kind::kRightParen)));
  EXPECT_TRUE(ends_operand({.kind = Kind::kWord, .text = "where", .is_free_name = true}));
  EXPECT_FALSE(ends_operand(word("where")));
  EXPECT_FALSE(ends_operand({.kind = Kind::kWord, .text = "interval", .starts_clause = true}));
  EXPECT_FALSE(ends_operand(sign_of(Kind::kComma)));
}

}  // namespace
}  // namespace lymer::rules
