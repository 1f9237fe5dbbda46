// Parses `rule NAME { ... }`: first doc, severity, tags, on, order and dialect, then the stages,
// then within, skip, emit and on timeout. Within the first and the last group the order is free,
// each clause once.
//
// Stages that are designed but not yet done (either, anyOrder, atleast) are refused by name.
// Not here: the stages' own clauses (rules/parser_stage.h) and all meaning (the binder).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"
#include "rules/parser_input.h"
#include "rules/parser_stage.h"

namespace lymer::rules {

class RuleParser {
 public:
  // Both must outlive the parser.
  RuleParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor),
        expressions_(expressions),
        inputs_(cursor),
        stages_(cursor, expressions, inputs_) {}

  // Parses a declaration whose first word is the current token.
  [[nodiscard]] RuleDecl parse();

 private:
  // These return whether the clause was understood whole.
  bool parse_clause(RuleDecl& rule, std::string_view word);
  bool parse_header(RuleDecl& rule, std::string_view word);
  bool parse_header_clause(RuleDecl& rule, std::string_view word);
  bool parse_doc(RuleDecl& rule);
  bool parse_severity(RuleDecl& rule);
  bool parse_tags(RuleDecl& rule);
  bool parse_stage(RuleDecl& rule, StageWord word);
  bool parse_stage_clause(RuleDecl& rule, std::string_view word);
  bool parse_tail(RuleDecl& rule, std::string_view word);
  bool parse_within(RuleDecl& rule);
  bool parse_skip(RuleDecl& rule);
  bool parse_skip_to(SkipDecl& skip);
  bool parse_emit(std::optional<EmitDecl>& target);
  bool parse_on_timeout(RuleDecl& rule);
  void parse_sinks(EmitDecl& emit);
  bool parse_dialect(RuleDecl& rule);
  bool refuse_future_stage();

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
  InputParser inputs_;
  StageParser stages_;
  // The first of within, skip, emit and on timeout: no stage follows it.
  std::string tail_word_;
  bool late_stage_reported_ = false;
};

}  // namespace lymer::rules
