// From a derived stream's query to its schema and what it is made of.
//
// Not here: in which order streams and rules are bound (rules/binder.cc), streams that are read
// (rules/stream_binder.h).
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "rules/scope.h"

namespace lymer::rules {

class QueryBinder {
 public:
  // All must outlive the binder. What the query names is in `so_far` if it is sound; `rules` are
  // the names of all rules.
  QueryBinder(const DerivedDecl& decl, const RuleSet& so_far, const std::set<std::string>& rules,
              Declarations& declarations)
      : decl_(decl),
        so_far_(so_far),
        rules_(rules),
        declarations_(declarations),
        is_lost_(decl.has_errors || declarations.has_parse_error(decl.span)) {}

  // Gives a plan also after an error, so that what reads the stream can be checked.
  [[nodiscard]] StreamPlan bind();
  // The streams that the query reads.
  [[nodiscard]] const std::vector<std::size_t>& used_streams() const { return used_; }

 private:
  struct Side {
    std::string name;  // As the query calls it.
    InputPlan input;
  };

  void bind_query(const FromQuery& query);
  void bind_query(const UnionQuery& query);
  void bind_query(const JoinQuery& query);
  void bind_query(const ResultQuery& query);
  void bind_filter(const FromQuery& query, std::size_t stream);
  void bind_windowed(const FromQuery& query, std::size_t stream);
  void bind_late(const Name& of);
  void bind_results(const Name& of, ResultPlan::Kind kind);
  void add_union_fields(const Name& member, std::size_t stream);
  [[nodiscard]] UnionPlan::Member union_member(std::size_t stream) const;
  [[nodiscard]] std::optional<Side> bind_side(const JoinSideDecl& side);
  void bind_join_key(const Expr& on, Side& left, Side& right);
  [[nodiscard]] bool bind_join_equality(const Expr& equality, Side& left, Side& right);
  [[nodiscard]] std::optional<runtime::Slot> side_field(const Expr& expr, const Side& side);
  void bind_join_limits(const JoinQuery& query, JoinPlan& plan);
  [[nodiscard]] std::optional<WindowPlan> bind_window(const WindowDecl& window);
  [[nodiscard]] bool check_counts(const WindowDecl& window);
  [[nodiscard]] bool check_lengths(const WindowDecl& window);
  [[nodiscard]] Scope join_scope(const Side& left, const Side& right, bool is_co_group) const;
  [[nodiscard]] SelectPlan bind_select(const SelectDecl& select, Scope& scope);
  [[nodiscard]] bool is_field_type(runtime::Type type) const;

  [[nodiscard]] const StreamPlan& stream(std::size_t index) const { return so_far_.streams[index]; }
  [[nodiscard]] std::vector<std::string> stream_names() const;
  [[nodiscard]] std::optional<std::size_t> find_stream(const Name& name);
  [[nodiscard]] std::optional<std::size_t> stream_named(const Name& name);
  void take_fields(std::size_t index);
  void report_unknown(const Name& of);
  // Reports what is missing, unless it may have been lost.
  void report_missing(std::string message, std::string label);
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});

  const DerivedDecl& decl_;
  const RuleSet& so_far_;
  const std::set<std::string>& rules_;
  Declarations& declarations_;
  bool is_lost_;  // The parser lost a part of the declaration.
  bool is_incomplete_ = false;
  StreamPlan plan_;
  std::vector<runtime::Field> fields_;
  std::vector<std::size_t> used_;
};

// The field of a union that names the member whose event it is; hidden.
[[nodiscard]] std::optional<runtime::Slot> member_slot(const StreamPlan& stream);
// The members of a union, those of unions in it in their place; empty for other streams.
[[nodiscard]] std::vector<std::string> member_names(const StreamPlan& stream,
                                                    const std::vector<StreamPlan>& streams);

}  // namespace lymer::rules
