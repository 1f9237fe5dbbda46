// Parses the stages of a rule: `followedBy entry: logins where ok times 2..4 optional`.
//
// The rule's parser sees one flat row of clauses; it asks for a stage's head at a stage word and
// hands each clause that follows to the stage it belongs to.
// Not here: the order of stages and what fits together (the binder).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"

namespace lymer::rules {

class StageParser {
 public:
  // Both must outlive the parser.
  StageParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor), expressions_(expressions) {}

  // Parses the word, which stands at the cursor and means `word`, the name and the stream. Nothing
  // for a group or a stage without a name; a diagnostic was given, clauses of it may follow.
  [[nodiscard]] std::optional<StageDecl> parse_head(StageWord word);

  // Parses the clause at the cursor, one of stage_clauses() or `gap` or `by`, into `stage`. Returns
  // whether it was understood whole.
  bool parse_clause(StageDecl& stage, std::string_view clause);

  // Refuses `either`, `anyOrder` or `atleast` at the cursor by name.
  void refuse_future_stage();

 private:
  void refuse_group(Span word);
  bool is_name_missing() const;
  bool parse_expression(std::optional<Expr>& target);
  bool parse_mark(std::optional<Span>& target);
  bool parse_quantifier(StageDecl& stage);
  std::optional<QuantifierDecl> parse_times();
  bool parse_times_maximum(QuantifierDecl& quantifier);
  bool parse_gap();
  bool parse_by();

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
};

}  // namespace lymer::rules
