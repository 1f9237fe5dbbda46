// Parses a test: `test "NAME" of RULE { at 0s STREAM { ... } expect match { ... } at 70s }`.
//
// Not here: what the rows and the expectations mean (rules/test_block_binder.h).
#pragma once

#include <optional>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"

namespace lymer::rules {

class TestBlockParser {
 public:
  // Both must outlive the parser.
  TestBlockParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor), expressions_(expressions) {}

  // Parses a declaration whose first word is the current token.
  [[nodiscard]] TestDecl parse();

 private:
  // These return whether what they parsed was understood whole.
  bool parse_head(TestDecl& test);
  bool parse_row(TestDecl& test);
  bool parse_repetition(TestRowDecl& row);
  bool parse_expectation(TestDecl& test);
  bool parse_nothing_else(TestDecl& test, Span word);
  // Tells whether the `at` at the cursor starts a row; else it is an expectation's.
  [[nodiscard]] bool at_row() const;

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
};

}  // namespace lymer::rules
