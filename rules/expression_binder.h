// Turns an expression as written into a typed one: names to slots and stages, types checked.
//
// Every function gives nothing after it has reported what is wrong; callers then stay silent, so
// one mistake is one diagnostic. Constant parts are computed here, once. Not here: what the nodes
// do at run time (runtime/expression/).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/scope.h"
#include "runtime/expression/expression.h"

namespace lymer::rules {

class ExpressionBinder {
 public:
  // Both must outlive the binder. The scope is changed while any(), all() and macros are bound, and
  // is afterwards as before.
  ExpressionBinder(Declarations& declarations, Scope& scope)
      : declarations_(declarations), scope_(scope) {}

  using Bound = std::optional<runtime::Expression>;

  [[nodiscard]] Bound bind(const Expr& expr);
  // Binds what must be a bool; `what` says so in the message ("`where`").
  [[nodiscard]] Bound bind_condition(const Expr& expr, std::string_view what);
  // Binds what must fit `type`; an int is widened to a float. `what` names the place.
  [[nodiscard]] Bound bind_as(const Expr& expr, runtime::Type type, std::string_view what);

 private:
  // expression_binder.cc: literals, names, members
  Bound bind_any(const Expr& expr);
  Bound bind_literal(const Expr& expr);
  Bound bind_list_literal(const Expr& expr);
  Bound bind_name(const Expr& expr);
  Bound bind_member(const Expr& expr);
  Bound unknown_name(const Name& name);
  Bound value_of(const MacroArgument& argument, const Expr& expr);
  Bound list_named(const Expr& expr, BoundList& list);
  Bound no_parts(const Expr& expr);
  [[nodiscard]] const ScopeStage* stage_with(std::string_view field);
  Bound unknown_field(const Name& name);
  Bound raw_field(const Expr& expr);
  Bound key_field(const Expr& expr);
  Bound window_bound(const Expr& expr);
  Bound stage_field(const Expr& expr, const Name& stage_name);
  [[nodiscard]] std::optional<std::size_t> visible_stage(const Name& name);
  [[nodiscard]] Bound field_of_row(const Name& field);
  Bound folded(Bound bound, const Expr& expr);

  // operator_binder.cc
  Bound bind_unary(const Expr& expr);
  Bound bind_binary(const Expr& expr);
  Bound bind_logical(const Expr& expr);
  Bound bind_comparison(const Expr& expr);
  Bound bind_arithmetic(const Expr& expr);
  Bound bind_coalesce(const Expr& expr);
  Bound bind_text_operator(const Expr& expr);
  Bound bind_regex(const Expr& expr, runtime::Expression left);
  Bound bind_in(const Expr& expr);
  Bound bind_in_range(const Expr& expr, runtime::Expression left);
  Bound bind_in_elements(const Expr& expr, runtime::Expression left);
  Bound in_list(const Expr& expr, runtime::Expression left, runtime::Expression list);
  Bound is_element(const Expr& expr, runtime::Expression left, runtime::Expression element);
  Bound bind_quantified(const Expr& expr);
  Bound mismatch(const Expr& expr, const runtime::Expression& left,
                 const runtime::Expression& right, std::string label = {});

  // function_binder.cc
  Bound bind_call(const Expr& expr);
  Bound bind_function(const Expr& expr);
  Bound bind_macro(const Expr& expr, BoundMacro& macro);
  Bound expand(const Expr& expr, const MacroDecl& decl);
  [[nodiscard]] bool spend(std::size_t parts, std::size_t height);
  Bound bind_aggregate(const Expr& expr, runtime::Op op);
  Bound bind_window_aggregate(const Expr& expr, runtime::Op op);
  Bound bind_on_events(const Expr& expr);
  Bound checked_aggregate(runtime::Expression aggregate, const Expr& argument,
                          std::string_view name);
  Bound bind_pick(const Expr& expr, const Expr& call, runtime::Op op);

  Declarations& declarations_;
  Scope& scope_;
  std::size_t depth_ = 0;
  std::size_t macro_parts_ = 0;  // What macros have added to the expression so far.
  bool too_large_ = false;       // Set where macros grow without end; ends all binding below them.
};

// Makes two operands meet: an int beside a float is widened. False if they are of different types.
[[nodiscard]] bool unify(runtime::Expression& left, runtime::Expression& right);

// Makes a node with operands.
[[nodiscard]] runtime::Expression make_node(runtime::Op op, runtime::Type type,
                                            std::vector<runtime::Expression> args);

// Reads a field of the current row.
[[nodiscard]] runtime::Expression make_field(runtime::Slot slot, runtime::Type type);

// Finds an aggregate by name.
[[nodiscard]] std::optional<runtime::Op> aggregate_named(std::string_view name);

}  // namespace lymer::rules
