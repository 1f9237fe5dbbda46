// From a rule's declaration to its pattern, its key and what it emits.
//
// Not here: streams (rules/stream_binder.h), expressions (rules/expression_binder.h), and what a
// pattern may be (cep/pattern.h): its problems are given places here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "rules/scope.h"

namespace lymer::rules {

class RuleBinder {
 public:
  // All must outlive the binder. `streams` are those of the file, broken ones included.
  RuleBinder(const RuleDecl& decl, const std::vector<StreamPlan>& streams,
             Declarations& declarations)
      : decl_(decl),
        streams_(streams),
        declarations_(declarations),
        incomplete_(decl.has_errors || declarations.has_parse_error(decl.span)) {}

  // Gives nothing if the rule has an error.
  [[nodiscard]] std::optional<RulePlan> bind();

  // The stream that the rule reads, also if the rule has errors.
  [[nodiscard]] std::optional<std::size_t> stream() const { return stream_; }

 private:
  bool bind_input();
  void bind_keys(const InputDecl& input);
  void check_head();
  void fill_scope();
  void bind_stage(std::size_t index);
  void check_stage_name(const Name& name);
  void bind_quantifier(const StageDecl& decl, cep::Stage& stage);
  [[nodiscard]] cep::ConditionRef bind_stage_condition(std::size_t index, const Expr& expr,
                                                       std::string_view what);
  void bind_skip();
  void bind_emit(const EmitDecl& decl, EmitPlan& plan);
  void report_problem(const cep::PatternProblem& problem);
  [[nodiscard]] Span place_of(const cep::PatternProblem& problem) const;
  void warn();
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});

  const RuleDecl& decl_;
  const std::vector<StreamPlan>& streams_;
  Declarations& declarations_;
  std::optional<std::size_t> stream_;
  std::vector<runtime::Slot> key_;
  // What all expressions of the rule share; made once, as a rule may have thousands of stages.
  Scope scope_;
  cep::PatternSpec spec_;
  bool sound_ = true;
  // The parser lost a part of the rule, so what is missing is not the user's fault.
  bool incomplete_;
  bool starts_with_anything_ = false;
};

}  // namespace lymer::rules
