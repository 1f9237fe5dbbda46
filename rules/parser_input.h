// Parses what a rule reads: `on STREAM by KEY, ...`, the keys of stages and `order by`.
//
// Not here: whether there are such streams and fields (rules/rule_inputs.h).
#pragma once

#include <optional>

#include "rules/ast.h"
#include "rules/parser_cursor.h"

namespace lymer::rules {

class InputParser {
 public:
  // `cursor` must outlive the parser.
  explicit InputParser(TokenCursor& cursor) : cursor_(cursor) {}

  // Each parses a clause whose first word is the current token, and returns whether it was
  // understood whole.
  bool parse_on(RuleDecl& rule);
  bool parse_order(RuleDecl& rule);
  bool parse_by(std::optional<KeyDecl>& target);

 private:
  std::optional<InputDecl> parse_input();
  [[nodiscard]] bool is_missing() const;
  std::optional<KeyDecl> parse_key();
  std::optional<Name> parse_key_field();

  TokenCursor& cursor_;
};

}  // namespace lymer::rules
