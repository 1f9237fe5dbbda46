// Parses `stream NAME { ... }`: where events come from, how they are read, and their fields.
//
// Clauses stand in any order, each once but for `field`.
// Not here: derived streams, `stream NAME = ...` (rules/parser_query.h); whether the clauses fit
// each other and the fields their types (the binder).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"

namespace lymer::rules {

// Parses `string`, `int?` or `[string]`; nothing, and panic, where no type stands.
[[nodiscard]] std::optional<TypeName> parse_type(TokenCursor& cursor);

class StreamParser {
 public:
  // Both must outlive the parser.
  StreamParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor), expressions_(expressions) {}

  // Parses a declaration whose first word is the current token.
  [[nodiscard]] StreamDecl parse();

 private:
  // These return whether the clause was understood whole.
  bool parse_clause(StreamDecl& stream, std::string_view word);
  bool parse_from(StreamDecl& stream);
  bool parse_file(StreamDecl& stream);
  bool parse_topics(StreamDecl& stream);
  bool parse_start(TopicSource& source);
  bool parse_from_log(StreamDecl& stream);
  bool parse_format(StreamDecl& stream);
  bool parse_csv(FormatDecl& format);
  bool parse_unmatched(StreamDecl& stream);
  bool parse_field(StreamDecl& stream);
  bool parse_field_after_word(StreamDecl& stream, Span begin);
  bool parse_time(StreamDecl& stream);
  bool parse_time_format(TimeDecl& time);
  bool parse_duration(std::optional<Duration>& target);
  std::optional<std::vector<Name>> parse_columns();

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
};

}  // namespace lymer::rules
