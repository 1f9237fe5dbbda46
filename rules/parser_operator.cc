// Signs, words, and the habits of other languages, looked up at the cursor.
// Not here: the spelling of words (rules/words.h).
#include "rules/parser_operator.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/parser_cursor.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

// Gives the operator that a sign is, or nothing.
std::string_view sign_operator(Kind kind) {
  switch (kind) {
    case Kind::kEqual:
      return "==";
    case Kind::kNotEqual:
      return "!=";
    case Kind::kLess:
      return "<";
    case Kind::kLessEqual:
      return "<=";
    case Kind::kGreater:
      return ">";
    case Kind::kGreaterEqual:
      return ">=";
    case Kind::kCoalesce:
      return "??";
    case Kind::kPlus:
      return "+";
    case Kind::kMinus:
      return "-";
    case Kind::kStar:
      return "*";
    case Kind::kSlash:
      return "/";
    case Kind::kPercent:
      return "%";
    default:
      return {};
  }
}

bool is_exclamation(const TokenCursor& cursor) {
  return cursor.at(Kind::kForeign) && cursor.describe() == "`!`";
}

// Gives the canonical operator behind a `not` at the cursor, nothing if there is no such pair:
// `not in`, and `NOT IN` or `!in` of other languages.
std::string_view negated_comparison(const TokenCursor& cursor) {
  if (cursor.peek(1).kind != Kind::kWord) return {};
  const bool is_not =
      is_exclamation(cursor) || (cursor.at(Kind::kWord) && lower_case(cursor.word()) == "not");
  if (!is_not) return {};
  const std::string_view word = cursor.word(1);
  if (is_word_comparison(word)) return word;
  const std::string_view meant = operator_meant_by(word);
  return is_word_comparison(meant) ? meant : std::string_view();
}

std::optional<Operator> peek_word_operator(const TokenCursor& cursor) {
  const std::string_view word = cursor.word();
  if (word == "is") {
    return Operator{.kind = OperatorKind::kIs, .precedence = Precedence::kComparison};
  }
  if (word == "and" || word == "or" || is_word_comparison(word)) {
    return Operator{.text = word, .precedence = precedence_of(word)};
  }
  if (lower_case(word) == "between") {
    return Operator{.kind = OperatorKind::kBetween,
                    .text = "in",
                    .precedence = Precedence::kComparison,
                    .is_foreign = true};
  }
  const std::string_view meant = operator_meant_by(word);
  if (meant.empty() || meant == "not") return std::nullopt;
  return Operator{.kind = meant == "is" ? OperatorKind::kIs : OperatorKind::kBinary,
                  .text = meant,
                  .precedence = precedence_of(meant),
                  .is_foreign = true};
}

}  // namespace

Precedence precedence_of(std::string_view op) {
  if (op == "or") return Precedence::kOr;
  if (op == "and") return Precedence::kAnd;
  if (op == "??") return Precedence::kCoalesce;
  if (op == "+" || op == "-") return Precedence::kSum;
  if (op == "*" || op == "/" || op == "%") return Precedence::kProduct;
  return Precedence::kComparison;
}

Precedence one_tighter(Precedence precedence) {
  LYMER_CHECK(precedence < Precedence::kPostfix);
  return static_cast<Precedence>(static_cast<std::uint8_t>(precedence) + 1);
}

std::optional<Operator> peek_operator(const TokenCursor& cursor) {
  const Kind kind = cursor.peek().kind;
  if (const std::string_view negated = negated_comparison(cursor); !negated.empty()) {
    return Operator{.text = negated,
                    .precedence = Precedence::kComparison,
                    .negated = true,
                    .is_foreign = !cursor.at_word("not") || cursor.word(1) != negated};
  }
  if (kind == Kind::kWord) return peek_word_operator(cursor);
  if (at_range(cursor)) {
    return Operator{.kind = OperatorKind::kRange, .precedence = Precedence::kComparison};
  }
  if (kind == Kind::kError && at_operand(cursor, 1)) {
    return Operator{.kind = OperatorKind::kUnreadable, .precedence = Precedence::kProduct};
  }
  std::string_view sign = sign_operator(kind);
  const bool is_foreign = kind == Kind::kEquals || kind == Kind::kForeign;
  if (kind == Kind::kEquals) sign = "==";
  if (kind == Kind::kForeign) {
    const std::string written = cursor.describe();
    sign = operator_meant_by(std::string_view(written).substr(1, written.size() - 2));
    if (sign == "not") return std::nullopt;
  }
  if (sign.empty()) return std::nullopt;
  return Operator{.text = sign, .precedence = precedence_of(sign), .is_foreign = is_foreign};
}

// Takes the one or two tokens of the operator and complains where it is not ours.
Span take_operator(TokenCursor& cursor, const Operator& op) {
  const bool is_single_equals = cursor.at(Kind::kEquals);
  const std::string written = cursor.describe();
  Span span = cursor.take().span;
  if (is_single_equals) {
    cursor.report(Code::kSingleEquals, span, "`=` does not compare",
                  {.label = "did you mean `==`?"});
  } else if (op.kind == OperatorKind::kBetween) {
    cursor.report(Code::kForeignOperator, span, text("{} is no operator of this language", written),
                  {.label = "write `x in low..high`"});
  } else if (op.is_foreign) {
    cursor.report(Code::kForeignOperator, span, text("{} is no operator of this language", written),
                  {.label = text("did you mean `{}{}`?", op.negated ? "not " : "", op.text)});
  }
  if (op.negated) span = Span::join(span, cursor.take().span);
  return span;
}

bool at_not(const TokenCursor& cursor) {
  if (cursor.at_word("not") || is_exclamation(cursor)) return true;
  return cursor.at(Kind::kWord) && operator_meant_by(cursor.word()) == "not" &&
         at_operand(cursor, 1);
}

bool at_range(const TokenCursor& cursor) {
  return cursor.at(Kind::kRange) || cursor.at(Kind::kRangeOpenLow) ||
         cursor.at(Kind::kRangeOpenHigh) || cursor.at(Kind::kRangeOpenBoth);
}

bool at_operand(const TokenCursor& cursor, std::size_t ahead) {
  switch (cursor.peek(ahead).kind) {
    case Kind::kWord: {
      const std::string_view word = cursor.word(ahead);
      return cursor.at_name(ahead) || word == "not" || word == "null" || word == "true" ||
             word == "false";
    }
    case Kind::kQuotedName:
    case Kind::kInt:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kDuration:
    case Kind::kInstant:
    case Kind::kIp:
    case Kind::kNetwork:
    case Kind::kLeftParen:
    case Kind::kLeftBracket:
    case Kind::kMinus:
      return true;
    default:
      return false;
  }
}

}  // namespace lymer::rules
