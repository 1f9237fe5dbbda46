// Parses expressions by precedence climbing (Pratt): one loop for all binary operators, and how
// tightly each binds.
//
//   or < and < not < comparisons, in, like, is null < ?? < + - < * / % < unary - < member and call
//
// Comparisons do not chain. An expression ends at the first token that cannot go on with it.
// Not here: which names, types and functions there are (the binder).
#pragma once

#include <cstddef>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_operator.h"

namespace lymer::rules {

// Deeper brackets, `not`s and `-`s are refused, because parsing them takes stack.
inline constexpr std::size_t kNestingMax = 100;
// A higher tree is refused, because every later step walks it recursively. A chain `a or b or c`
// grows by one with each operator.
inline constexpr std::size_t kHeightMax = 400;

class ExpressionParser {
 public:
  // `cursor` must outlive the parser.
  explicit ExpressionParser(TokenCursor& cursor) : cursor_(cursor) {}

  // Parses one expression. Where that fails the result holds a kError and the cursor is in panic.
  [[nodiscard]] Expr parse();

  // Parses `[ a, b, ... ]`, whose bracket must be the current token, into its elements.
  [[nodiscard]] std::vector<Expr> parse_list();

 private:
  Expr parse_from(Precedence lowest);
  Expr parse_operation(Expr left, const Operator& op, bool is_chained);
  Expr parse_is(Expr left, const Operator& op);
  Expr parse_between(const Expr& left, Span op_span);
  Expr parse_right_of_in();
  Expr refuse_chain(const Expr& left, const Operator& op);

  Expr parse_prefix(Precedence lowest);
  Expr parse_not(Precedence lowest);
  Expr parse_minus();
  Expr parse_postfix();
  Expr parse_member(Expr object);
  Expr parse_primary();
  Expr parse_literal();
  Expr parse_word();
  Expr parse_call(Name function);
  Expr parse_quantified();
  Expr parse_parenthesised();
  std::vector<Expr> parse_elements(TokenKind closer, Span opener);

  // Builds an inner node; its height is one more than `below`.
  Expr finish(Expr made, std::size_t below);
  Expr leaf(ExprKind kind, Span span);

  TokenCursor& cursor_;
  std::size_t nesting_ = 0;
  // Height of the tree that the last parse_* call returned.
  std::size_t height_ = 0;
  bool height_reported_ = false;
};

}  // namespace lymer::rules
