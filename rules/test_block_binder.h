// What a test means: rows for streams that are read, and results that are waited for.
//
// Not here: running it (server/trial/).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "runtime/expression/expression.h"
#include "runtime/value.h"

namespace lymer::rules {

class TestBlockBinder {
 public:
  // So many events at most are given by one test.
  static constexpr std::int64_t kMostEvents = 1'000'000;

  // All must outlive the binder; `set` holds all streams and rules that are sound, `rules` are the
  // names of all.
  TestBlockBinder(const TestDecl& decl, const RuleSet& set, const std::set<std::string>& rules,
                  Declarations& declarations)
      : decl_(decl), set_(set), rule_names_(rules), declarations_(declarations) {}

  // Gives nothing after an error.
  [[nodiscard]] std::optional<TestPlan> bind();

 private:
  [[nodiscard]] std::optional<TestRowPlan> bind_row(const TestRowDecl& row);
  [[nodiscard]] std::optional<ExpectationPlan> bind_expectation(const ExpectationDecl& expected);
  [[nodiscard]] bool is_known_rule(const Name& name);
  [[nodiscard]] const StreamPlan* find_stream(const Name& name);
  // The rules whose results the expectation may be.
  [[nodiscard]] std::vector<const RulePlan*> rules_of(const ExpectationDecl& expected) const;
  // The type of a field of a result; nothing, and a report, where there is none.
  [[nodiscard]] std::optional<runtime::Type> type_of(const ExpectationDecl& expected,
                                                     const Name& field);
  [[nodiscard]] std::optional<runtime::Type> late_type_of(const ExpectationDecl& expected,
                                                          const Name& field);
  // Binds a constant.
  [[nodiscard]] std::optional<runtime::Expression> bind_value(const EmitField& field,
                                                              runtime::Type type);

  const TestDecl& decl_;
  const RuleSet& set_;
  const std::set<std::string>& rule_names_;
  Declarations& declarations_;
};

}  // namespace lymer::rules
