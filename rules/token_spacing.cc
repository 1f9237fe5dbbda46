// Brackets, commas and points stand close, signs at their operand, all else apart.
// Not here: reserved words (rules/words.h).
#include "rules/token_spacing.h"

#include "rules/words.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

bool is_range(Kind kind) {
  return kind == Kind::kRange || kind == Kind::kRangeOpenLow || kind == Kind::kRangeOpenHigh ||
         kind == Kind::kRangeOpenBoth;
}

bool is_name(const SpacedToken& token) {
  if (token.kind == Kind::kQuotedName || token.is_free_name) return true;
  return token.kind == Kind::kWord && !token.starts_clause && !is_reserved(token.text);
}

}  // namespace

bool ends_operand(const SpacedToken& token) {
  switch (token.kind) {
    case Kind::kWord:
      return is_name(token) || token.text == "null" || token.text == "true" ||
             token.text == "false";
    case Kind::kQuotedName:
    case Kind::kInt:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kDuration:
    case Kind::kInstant:
    case Kind::kIp:
    case Kind::kNetwork:
    case Kind::kRightParen:
    case Kind::kRightBracket:
    case Kind::kRightBrace:
      return true;
    default:
      return false;
  }
}

bool has_space_between(const SpacedToken& left, const SpacedToken& right) {
  if (left.kind == Kind::kDot || right.kind == Kind::kDot) return false;
  if (right.kind == Kind::kComma || right.kind == Kind::kColon || right.kind == Kind::kQuestion) {
    return false;
  }
  if (left.kind == Kind::kLeftParen || right.kind == Kind::kRightParen) return false;
  if (left.kind == Kind::kLeftBracket || right.kind == Kind::kRightBracket) return false;
  if (left.kind == Kind::kLeftBrace && right.kind == Kind::kRightBrace) return false;
  if (left.is_sign) return false;
  if (is_range(left.kind) || is_range(right.kind)) {
    return left.is_in_interval && right.is_in_interval;
  }
  // A call; `by (a, b)` is none.
  if (right.kind == Kind::kLeftParen) return !is_name(left) || left.text == "by";
  return true;
}

}  // namespace lymer::rules
