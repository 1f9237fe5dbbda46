// Parses the stages of a rule: `followedBy entry: logins where ok times 2..4 optional`.
//
// The rule's parser sees one flat row of clauses; it asks for a stage at a stage word and hands on
// each clause that follows. A group is parsed whole, members and all; its clauses follow as well.
// Not here: the order of stages and what fits together (the binder).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"
#include "rules/parser_input.h"

namespace lymer::rules {

class StageParser {
 public:
  // All must outlive the parser.
  StageParser(TokenCursor& cursor, ExpressionParser& expressions, InputParser& inputs)
      : cursor_(cursor), expressions_(expressions), inputs_(inputs) {}

  // Forgets the stages of the rule before.
  void reset() { is_discarding_ = false; }

  // Parses the word, which stands at the cursor and means `word`, the name and the stream, or the
  // members of a group. Adds it to `stages`, unless it has no name: a diagnostic was given then,
  // and the clauses that follow are dropped. Returns whether it was understood whole.
  bool parse_stage(std::vector<StageDecl>& stages, StageWord word);

  // Parses the clause at the cursor, one of stage_clauses() or `within ... of previous`, into
  // the last of `stages`. Returns whether it was understood whole.
  bool parse_clause(std::vector<StageDecl>& stages, std::string_view clause);

  // Parses a clause that belongs to no stage, so that its inside is checked all the same.
  void discard_clause(std::string_view clause);

  // Tells whether the clauses that follow belong to a stage that could not be read.
  [[nodiscard]] bool is_discarding() const noexcept { return is_discarding_; }
  void discard() noexcept { is_discarding_ = true; }

  // Tells whether the `within` at the cursor is a stage's: `within 5s of previous`.
  [[nodiscard]] bool at_within_previous() const;

  // Refuses `either`, `anyOrder` or `atleast` at the cursor by name.
  void refuse_future_stage();

 private:
  bool parse_group(StageDecl& group);
  bool parse_member(std::vector<StageDecl>& members, std::string_view word);
  bool refuse_in_group(std::string_view word);
  bool parse_into(StageDecl& stage, std::string_view clause);
  bool is_name_missing() const;
  bool parse_expression(std::optional<Expr>& target);
  bool parse_mark(std::optional<Span>& target);
  bool parse_quantifier(StageDecl& stage);
  std::optional<QuantifierDecl> parse_times();
  bool parse_times_maximum(QuantifierDecl& quantifier);
  bool parse_gap(StageDecl& stage);
  bool parse_within_previous(StageDecl& stage);

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
  InputParser& inputs_;
  StageDecl discarded_;
  bool is_discarding_ = false;
  std::size_t depth_ = 0;  // Groups around.
};

}  // namespace lymer::rules
