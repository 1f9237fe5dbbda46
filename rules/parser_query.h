// Parses a derived stream: `stream NAME = from ... | a union b | join a, b on ... | matches of r`.
//
// The clauses of `from` and `join` stand in any order, each once. A query has no brackets around
// it: it ends where the next declaration starts.
// Not here: what a query must have and what its parts mean (the binder).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"
#include "rules/parser_input.h"
#include "rules/parser_window.h"

namespace lymer::rules {

// Tells whether the `stream` at the cursor is a derived one: an `=` follows its name.
[[nodiscard]] bool at_query(const TokenCursor& cursor);

class QueryParser {
 public:
  // Both must outlive the parser.
  QueryParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor), expressions_(expressions), inputs_(cursor), windows_(cursor) {}

  // Parses a declaration whose first word is the current token. Where not even the kind of query
  // was understood, it is an empty FromQuery with errors.
  [[nodiscard]] DerivedDecl parse();

 private:
  enum class Head : std::uint8_t { kFrom, kUnion, kJoin, kResult, kNone };
  using Words = std::vector<std::string>;

  // Tells what kind of query stands at the cursor; complains where it is misspelt or none.
  Head peek_head();
  void refuse_head();

  // These return whether what they parsed was understood whole.
  bool parse_query(DerivedDecl& derived);
  bool parse_from(FromQuery& query);
  bool parse_union(UnionQuery& query);
  bool parse_union_word(const Name& first);
  bool parse_join(JoinQuery& query);
  bool parse_sides(JoinQuery& query);
  bool parse_side(JoinSideDecl& side);
  bool parse_alias(JoinSideDecl& side);
  bool parse_result(ResultQuery& query);

  // Parses clauses up to the end of the query, each by `parse_clause(word)`.
  template <typename ParseClause>
  bool parse_clauses(std::string_view place, const Words& words, const ParseClause& parse_clause);
  bool next_clause(Body& body, const Words& words);
  bool at_end(const Words& words) const;
  bool parse_condition(std::optional<Expr>& target, const Words& words);
  bool parse_window(std::optional<WindowDecl>& target);
  bool parse_select(std::optional<SelectDecl>& target);
  bool parse_interval(JoinQuery& query);
  std::optional<Duration> parse_bound();
  bool parse_join_window(JoinQuery& query);
  void parse_join_word(JoinQuery& query, bool is_dropped);
  void report_two_limits(Span second, std::string_view first);
  // Complains of a word that stands in the wrong place or is too much, and takes it.
  bool refuse_stray_word(const Words& words);
  // A union and the results of a rule have no clauses.
  bool refuse_clauses(std::string_view place);

  // Tells whether a clause starts here, so that the name or expression before it is missing.
  bool is_missing(const Words& words) const;
  std::optional<Name> expect_stream(const Words& words);

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
  InputParser inputs_;
  WindowParser windows_;
};

}  // namespace lymer::rules
