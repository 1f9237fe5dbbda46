// Answers to classes, classes to steps.
// Not here: classes themselves (nfa/event_classes.h).
#include "cep/event_plan.h"

namespace lymer::cep {

void EventPlanner::add_rule(nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms) {
  Rule rule{.engine = nullptr, .first = conditions_.size(), .count = atoms.size()};
  const bool has_room = conditions_.size() + atoms.size() <= PredicateSet::kMaxConditions;
  if (engine.choice().engine == nfa::Engine::kMerged && has_room) {
    rule.engine = &engine;
    for (const ConditionRef& each : atoms) conditions_.push_back(each.get());
  }
  rules_.push_back(rule);
}

void EventPlanner::open(const std::vector<runtime::SchemaRef>& schemas) {
  for (std::size_t i = 0; i < schemas.size(); ++i) {
    const runtime::SchemaId id(static_cast<std::uint16_t>(i));
    predicates_.emplace_back(conditions_, id, *schemas[i]);
  }
  plans_.push_back(make_plan(0));
  by_answers_.emplace(0, PlanIndex(0));
}

PlanIndex EventPlanner::plan_for(runtime::SchemaId schema, const runtime::RowView& row,
                                 EventTime time, std::uint16_t key_mask) {
  const std::uint64_t answers = predicates_[schema.value()].test(row, time, key_mask);
  if (answers == last_answers_) return last_plan_;
  const auto [found, is_new] =
      by_answers_.emplace(answers, PlanIndex(static_cast<std::uint32_t>(plans_.size())));
  if (is_new) plans_.push_back(make_plan(answers));
  last_answers_ = answers;
  last_plan_ = found->second;
  return last_plan_;
}

EventPlan EventPlanner::make_plan(std::uint64_t answers) {
  EventPlan plan;
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (rule.engine == nullptr) {
      plan.steps.push_back({.rule = RuleIndex(i), .is_merged = false, .begins_runs = true});
      plan.begins_runs = plan.takes_event = true;
      continue;
    }
    const std::uint64_t mask =
        rule.count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rule.count) - 1;
    nfa::MergedMatcher& matcher = rule.engine->merged();
    const nfa::ClassIndex event_class =
        matcher.class_of(rule.count == 0 ? 0 : (answers >> rule.first) & mask);
    const nfa::ClassEffect effect = matcher.effect_of(event_class);
    if (effect.keeps_all && !effect.begins_runs) continue;
    plan.steps.push_back({.rule = RuleIndex(i),
                          .is_merged = true,
                          .begins_runs = effect.begins_runs,
                          .event_class = event_class});
    plan.begins_runs = plan.begins_runs || effect.begins_runs;
    plan.takes_event = plan.takes_event || effect.takes_event;
  }
  return plan;
}

std::uint64_t EventPlanner::errors(RuleIndex rule) const {
  const Rule& found = rules_[rule.value()];
  if (found.engine == nullptr) return 0;
  std::uint64_t errors = 0;
  for (const PredicateSet& each : predicates_) {
    for (std::size_t i = 0; i < found.count; ++i) errors += each.errors(found.first + i);
  }
  return errors;
}

}  // namespace lymer::cep
