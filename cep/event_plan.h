// What an event means to the rules of an operator, worked out once for each combination of answers.
//
// The distinct conditions of all rules are tested together when an event arrives
// (cep/predicate_index.h). The answers say for which rules it may begin a run, and of which it may
// move or end those that are there. An event that touches no rule under any key need not be kept at
// all; one that begins nothing needs no key that is not there. Two kinds of steps stand in no plan
// and are asked for by the key that has partial matches of the rule: those of rules that every
// event may touch, however it answers (a strict `next` ends at any event), and those of rules that
// share a condition with too many others to list them.
// Not here: doing it (cep/pattern_operator.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cep/condition.h"
#include "cep/key_table.h"
#include "cep/layered_predicates.h"
#include "cep/predicate_index.h"
#include "nfa/brief_effect.h"
#include "nfa/event_classes.h"
#include "nfa/rule_engine.h"
#include "runtime/base/clock.h"
#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// What one rule does with the event.
struct PlannedStep {
  RuleIndex rule;
  bool is_merged = false;
  bool begins_runs = true;  // Else only a key with partial matches of the rule is touched.
  bool takes_event = true;
  nfa::ClassIndex event_class = {};  // Of engine M.
  nfa::BriefEffect brief = {};       // Of engine M, where it was worked out.
  std::uint64_t answers = 0;         // Of engine E; see EventPlanner::known_answers().
};

struct EventPlan {
  std::vector<PlannedStep> steps = {};   // In the order of rules.
  std::vector<std::uint32_t> held = {};  // The distinct conditions that hold, in order.
  bool begins_runs = false;
  bool is_crowded = false;  // Steps that begin nothing are not listed.
};

using PlanIndex = StrongId<struct PlanIndexTag, std::uint32_t>;
// The event is one of too many kinds: its plan is made when it is needed.
inline constexpr PlanIndex kNoPlan{0xffffffffU};

class EventPlanner {
 public:
  // Adds a rule behind the others, its conditions by atom. The engine must stay until the rule is
  // taken out.
  void add_rule(nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms);
  // Call once, when all rules are there. `schemas` by SchemaId must outlive the planner.
  void open(const std::vector<runtime::SchemaRef>& schemas);

  // Rules that come and go later. A rule may be put where there is none, or behind the last. Then
  // update(): all plans that were given before mean nothing any more.
  void put_rule(RuleIndex rule, nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms);
  void take_rule(RuleIndex rule);
  void update();

  // The clock that conditions in C++ may read; it must outlive the planner.
  void set_clock(const Clock& clock);

  [[nodiscard]] PlanIndex plan_for(runtime::SchemaId schema, const runtime::RowView& row,
                                   EventTime time, std::uint16_t key_mask) {
    const std::size_t place = predicates_[schema.value()].look_up(row, key_mask);
    const std::vector<PlanIndex>& known = by_place_[schema.value()];
    if (place < known.size() && known[place] != kNoPlan) return known[place];
    return find_plan(schema, place, row, time, key_mask);
  }
  // Gives the plan, valid until the next call.
  [[nodiscard]] const EventPlan& plan(PlanIndex index) const { return plans_[index.value()]; }
  [[nodiscard]] const EventPlan& make_plan(runtime::SchemaId schema, const runtime::RowView& row,
                                           EventTime time, std::uint16_t key_mask);

  // Tells whether no rule can be touched by the event, whatever its key.
  [[nodiscard]] bool is_needless(PlanIndex index) const {
    return index != kNoPlan && !has_restless_ && traits_[index.value()].is_empty;
  }
  // Tells whether the event begins a partial match of some rule.
  [[nodiscard]] bool begins_runs(PlanIndex index) const {
    return traits_[index.value()].begins_runs;
  }
  // Tells whether keys must be asked for steps that stand in no plan.
  [[nodiscard]] bool is_whole(const EventPlan& plan) const {
    return !has_restless_ && !plan.is_crowded;
  }
  // What a rule with partial matches does that is not among the plan's steps; nothing if the event
  // does not touch it.
  [[nodiscard]] std::optional<PlannedStep> unlisted_step(const EventPlan& plan, RuleIndex rule);
  // The conditions of a rule of engine E that PlannedStep::answers speaks of, a bit for each atom.
  [[nodiscard]] std::uint64_t known_answers(RuleIndex rule) const {
    return rules_[rule.value()].known;
  }

  // Counts errors in the conditions of a rule that are tested here.
  [[nodiscard]] std::uint64_t errors(RuleIndex rule) const;
  // Counts the distinct conditions of all rules.
  [[nodiscard]] std::size_t conditions() const noexcept { return conditions_.size(); }

 private:
  struct Atom {
    std::uint32_t condition = 0;  // Among the distinct ones.
    std::uint32_t bit = 0;
  };
  struct Rule {
    nfa::RuleEngine* engine = nullptr;
    std::vector<Atom> atoms;          // Those that are tested here.
    std::uint64_t known = 0;          // The same as bits.
    std::uint64_t errors_before = 0;  // Of its conditions, which other rules had before it came.
    bool is_restless = false;
    PlannedStep unmentioned = {};  // None of its conditions holds.
  };
  struct ConditionUse {
    std::vector<std::uint32_t> begins;  // Rules of which it may begin runs.
    std::vector<std::uint32_t> others;
    std::uint64_t errors = 0;  // Counted by an index that is gone.
  };
  // What most events are asked for, apart so that they fit together into the cache.
  struct Traits {
    bool is_empty = false;
    bool begins_runs = false;
  };
  [[nodiscard]] PlanIndex find_plan(runtime::SchemaId schema, std::size_t place,
                                    const runtime::RowView& row, EventTime time,
                                    std::uint16_t key_mask);
  [[nodiscard]] std::uint32_t number_of(const ConditionRef& condition);
  void put(RuleIndex rule, nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms);
  void look_at(RuleIndex rule);
  void build_predicates();
  void build_anew();
  void forget_plans();
  [[nodiscard]] std::uint64_t errors_of(std::size_t condition) const;
  [[nodiscard]] PlannedStep step_of(RuleIndex rule, std::uint64_t answers, bool& touches_runs);
  [[nodiscard]] std::uint64_t answers_of(const EventPlan& plan, const Rule& rule) const;
  void add_brief(PlannedStep& step);
  void choose_rules(EventPlan& plan);
  void fill(EventPlan& plan);

  const std::vector<runtime::SchemaRef>* schemas_ = nullptr;  // Set by open().
  const Clock* clock_ = nullptr;
  std::vector<Rule> rules_;               // Some may be gone: those have no engine.
  std::vector<ConditionRef> conditions_;  // Distinct ones.
  std::size_t firsts_ = 0;                // Those of them that are not in an index for later ones.
  std::size_t indexed_ = 0;               // Those that are in either.
  std::vector<ConditionUse> uses_;        // By condition.
  std::map<std::string, std::uint32_t> condition_numbers_;
  std::vector<std::uint32_t> always_;  // Rules that any event begins.
  bool has_restless_ = false;
  std::vector<LayeredPredicates> predicates_;  // By SchemaId.
  std::vector<EventPlan> plans_;
  std::vector<Traits> traits_;  // By plan.
  // By SchemaId and place, where the place alone decides; kNoPlan for what is not known yet.
  std::vector<std::vector<PlanIndex>> by_place_;
  std::vector<std::vector<PlanIndex>> by_answers_;  // By SchemaId and AnswersIndex.
  std::size_t entries_ = 0;                         // In plans that are kept.
  EventPlan made_;                                  // The one that is not kept.
  std::vector<std::uint32_t> chosen_;               // Scratch.
};

}  // namespace lymer::cep
