// Which operator stands at the cursor and how tightly it binds: the table of the expression parser.
//
// Operators of other languages (`&&`, `AND`, `=`) are recognised too: they are complained of once
// and then taken for ours, so that the rest of the expression is still checked.
// Not here: operands and the tree (rules/parser_expression.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/parser_cursor.h"

namespace lymer::rules {

// How tightly operators bind; a higher one binds tighter. The printer uses the same numbers.
enum class Precedence : std::uint8_t {
  kLowest,
  kOr,
  kAnd,
  kNot,
  kComparison,
  kCoalesce,
  kSum,
  kProduct,
  kUnary,
  kPostfix,
};

// Gives the precedence of a binary operator in its canonical spelling.
[[nodiscard]] Precedence precedence_of(std::string_view op);

// Gives the next higher precedence; not for kPostfix.
[[nodiscard]] Precedence one_tighter(Precedence precedence);

enum class OperatorKind : std::uint8_t {
  kBinary,
  kIs,          // `is null`, `is not null`
  kRange,       // `..` where no `in` stands before it
  kBetween,     // SQL's `between a and b`
  kUnreadable,  // a token the lexer has refused, between two operands
};

struct Operator {
  OperatorKind kind = OperatorKind::kBinary;
  std::string_view text = {};  // canonical; empty for what has no canonical form
  Precedence precedence = Precedence::kLowest;
  bool negated = false;     // `not in`: two tokens
  bool is_foreign = false;  // written in the way of another language
};

// Gives the operator at the cursor, behind an operand, or nothing where the expression ends.
[[nodiscard]] std::optional<Operator> peek_operator(const TokenCursor& cursor);

// Takes the tokens of the operator peek_operator() gave, complains where it is not ours, and gives
// its place.
Span take_operator(TokenCursor& cursor, const Operator& op);

// Tells whether a `not` in any spelling stands before an operand at the cursor.
[[nodiscard]] bool at_not(const TokenCursor& cursor);
[[nodiscard]] bool at_range(const TokenCursor& cursor);
// Tells whether an operand can start `ahead` tokens from the cursor.
[[nodiscard]] bool at_operand(const TokenCursor& cursor, std::size_t ahead = 0);

}  // namespace lymer::rules
