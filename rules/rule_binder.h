// From a rule's declaration to its pattern, its key and what it emits.
//
// Not here: streams (rules/stream_binder.h), expressions (rules/expression_binder.h), and what a
// pattern may be (cep/pattern.h): its problems are given places here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_inputs.h"
#include "rules/rule_set.h"
#include "rules/scope.h"

namespace lymer::rules {

class RuleBinder {
 public:
  // All must outlive the binder. `streams` are those of the file, broken ones included.
  RuleBinder(const RuleDecl& decl, const std::vector<StreamPlan>& streams,
             Declarations& declarations)
      : decl_(decl),
        declarations_(declarations),
        streams_(streams),
        incomplete_(decl.has_errors || declarations.has_parse_error(decl.span)),
        inputs_(decl, streams, declarations, incomplete_) {}

  // Gives nothing if the rule has an error.
  [[nodiscard]] std::optional<RulePlan> bind();

  // The streams that the rule reads, also if the rule has errors.
  [[nodiscard]] const std::vector<RuleInput>& inputs() const { return inputs_.inputs(); }

 private:
  void check_head();
  void bind_dialect();
  void fill_scope();
  void list_stages(const std::vector<StageDecl>& chain, std::optional<std::size_t> loop);
  [[nodiscard]] std::vector<cep::Stage> bind_chain(const std::vector<StageDecl>& chain);
  [[nodiscard]] cep::Stage bind_element(const StageDecl& decl);
  void bind_group_clauses(const StageDecl& decl, cep::Stage& group);
  [[nodiscard]] cep::ConditionRef guarded(cep::ConditionRef condition, const StageInput& input);
  [[nodiscard]] cep::ConditionRef member_condition(const StageInput& input) const;
  void check_stage_name(const Name& name);
  void bind_quantifier(const StageDecl& decl, cep::Stage& stage);
  [[nodiscard]] cep::ConditionRef bind_condition(const Expr& expr, std::string_view what);
  void bind_skip();
  void bind_emit(const EmitDecl& decl, EmitPlan& plan);
  void report_problem(const cep::PatternProblem& problem);
  [[nodiscard]] Span place_of(const cep::PatternProblem& problem) const;
  [[nodiscard]] Span place_of_window(const std::function<bool(Duration)>& is_wrong) const;
  void warn();
  void warn_of_dialects();
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});

  const RuleDecl& decl_;
  Declarations& declarations_;
  const std::vector<StreamPlan>& streams_;
  // The parser lost a part of the rule, so what is missing is not the user's fault.
  bool incomplete_;
  RuleInputs inputs_;
  // What all expressions of the rule share; made once, as a rule may have thousands of stages.
  Scope scope_;
  cep::PatternSpec spec_;
  // Stages and groups as the pattern numbers them: groups before their members.
  std::vector<const StageDecl*> elements_;
  // How many stages a condition may read, by the stage it belongs to: all before it and itself, and
  // of a repeated group around it all, as an iteration before may have taken them.
  std::vector<std::size_t> visible_;
  std::vector<StageInput> stage_inputs_;  // By stage.
  std::vector<ScopeKey> key_;             // Of the stage that is bound, or of `emit`.
  std::size_t bound_stages_ = 0;          // How many stages, groups not counted, have been bound.
  bool sound_ = true;
  bool starts_with_anything_ = false;
};

}  // namespace lymer::rules
