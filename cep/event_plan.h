// What an event means to the rules of an operator, worked out once for each combination of answers.
//
// The conditions of all rules that engine M runs are tested together when an event arrives
// (cep/predicate_set.h). Their answers say which rules can be touched by it: those for which it
// begins a run, or may move or end one. An event that touches no rule need not be kept at all, and
// one that begins nothing needs no key that is not there. Rules of engine E take every event.
// Not here: doing it (cep/pattern_operator.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cep/condition.h"
#include "cep/key_table.h"
#include "cep/predicate_set.h"
#include "nfa/event_classes.h"
#include "nfa/rule_engine.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// What one rule does with the event.
struct PlannedStep {
  RuleIndex rule;
  bool is_merged = false;
  bool begins_runs = true;           // Else only a key with partial matches of the rule is touched.
  nfa::ClassIndex event_class = {};  // Of engine M.
};

struct EventPlan {
  std::vector<PlannedStep> steps;  // In the order of rules; none: no rule needs the event.
  bool begins_runs = false;
  bool takes_event = false;  // Some rule may take it; else it can only end or move runs.
};

using PlanIndex = StrongId<struct PlanIndexTag, std::uint32_t>;

class EventPlanner {
 public:
  // Adds a rule; its conditions by atom. All must outlive the planner. Rules beyond the room for
  // conditions are treated as if engine E ran them.
  void add_rule(nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms);
  // Call once, when all rules are there. `schemas` by SchemaId must outlive the planner.
  void open(const std::vector<runtime::SchemaRef>& schemas);

  [[nodiscard]] PlanIndex plan_for(runtime::SchemaId schema, const runtime::RowView& row,
                                   EventTime time, std::uint16_t key_mask);
  [[nodiscard]] const EventPlan& plan(PlanIndex index) const { return plans_[index.value()]; }

  // Counts errors in the conditions of a rule.
  [[nodiscard]] std::uint64_t errors(RuleIndex rule) const;

 private:
  struct Rule {
    nfa::RuleEngine* engine = nullptr;  // Null: it takes every event.
    std::size_t first = 0;              // Its conditions among all.
    std::size_t count = 0;
  };
  [[nodiscard]] EventPlan make_plan(std::uint64_t answers);

  std::vector<Rule> rules_;
  std::vector<const Condition*> conditions_;
  std::vector<PredicateSet> predicates_;  // By SchemaId.
  std::vector<EventPlan> plans_;
  boost::unordered_flat_map<std::uint64_t, PlanIndex> by_answers_;
  // The one found last: neighbours often are alike.
  std::uint64_t last_answers_ = 0;
  PlanIndex last_plan_;
};

}  // namespace lymer::cep
