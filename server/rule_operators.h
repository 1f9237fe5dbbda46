// The pattern operator of rules that read the same streams by the same keys and order.
//
// Not here: where its events come from (server/job_builder.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cep/match_context.h"
#include "cep/pattern_operator.h"
#include "rules/rule_set.h"

namespace lymer::server {

// An output of results as rows of their own, beside those that all rules share.
struct RowOutput {
  cep::SideOutput output;
  rules::SelectPlan fields;
};

struct RuleOperatorPart {
  const rules::RulePlan* plan = nullptr;
  std::uint32_t version = 1;
  nfa::Limits limits = {};
  bool tells_timeouts = false;  // On the port of timeouts.
  bool keeps_events = false;    // See cep::ResultSpec.
  std::optional<RowOutput> match_rows = {};
  std::optional<RowOutput> timeout_rows = {};
};

// `rules` are all of the file, for the schemas of their streams. `first` reads what all of the
// parts read.
[[nodiscard]] std::unique_ptr<cep::PatternOperator> make_rule_operator(
    const rules::RuleSet& rules, const rules::RulePlan& first,
    const std::vector<RuleOperatorPart>& parts, cep::KeyLimit key_limit);

// One of its rules, to be put into such an operator later.
[[nodiscard]] cep::PatternRule make_pattern_rule(const rules::RuleSet& rules,
                                                 const RuleOperatorPart& part);

}  // namespace lymer::server
