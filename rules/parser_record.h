// Parses `{ NAME: EXPR, ... }`, the fields of what a rule emits and of what a query selects.
//
// Before a colon any word is a name, and no word of the language acts inside the braces.
// Not here: where the fields go (rules/parser_rule.h, rules/parser_query.h).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"

namespace lymer::rules {

struct Record {
  std::vector<EmitField> fields;
  Span span;
};

// Parses the record at the cursor; `word` ("emit") is what it stands behind, for messages. Gives
// nothing, and panic, where no `{` stands.
[[nodiscard]] std::optional<Record> parse_record(TokenCursor& cursor, ExpressionParser& expressions,
                                                 std::string_view word);

}  // namespace lymer::rules
