// Answers to classes, classes to steps.
// Not here: classes themselves (nfa/event_classes.h).
#include "cep/event_plan.h"

#include <algorithm>

#include "nfa/first_event.h"
#include "runtime/base/sorted.h"
#include "runtime/expression/expression.h"

namespace lymer::cep {
namespace {

// Steps and conditions in plans that are kept for events to come.
constexpr std::size_t kMaxEntries = std::size_t{1} << 20U;
// A plan lists so many rules that the event begins nothing of; beyond, keys look for themselves.
constexpr std::size_t kMaxOthers = 64;
// Conditions of rules that came later have an index of their own until there are more than so many,
// and more than this part of the others: each is then indexed anew a few times in all.
constexpr std::size_t kMostLater = 512;
constexpr std::size_t kLaterShare = 8;

// The same for conditions that mean the same.
std::string fingerprint_of(const Condition& condition) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    const std::string left = fingerprint_of(*parts.left);
    return "&" + std::to_string(left.size()) + ":" + left + fingerprint_of(*parts.right);
  }
  if (parts.expression != nullptr) return "e" + runtime::fingerprint(*parts.expression);
  if (parts.schema) return "s" + std::to_string(parts.schema->value());
  if (parts.key) return "k" + std::to_string(*parts.key);
  return "p" + std::to_string(reinterpret_cast<std::uintptr_t>(&condition));
}

// Made of expressions alone. What a user wrote in C++ may throw, which engine E must see at the
// event's turn: the rule may have to fail for it.
bool is_plain(const Condition& condition) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) return is_plain(*parts.left) && is_plain(*parts.right);
  return parts.expression != nullptr || parts.schema || parts.key;
}

}  // namespace

std::uint32_t EventPlanner::number_of(const ConditionRef& condition) {
  const auto [found, is_new] = condition_numbers_.try_emplace(
      fingerprint_of(*condition), static_cast<std::uint32_t>(conditions_.size()));
  if (is_new) {
    conditions_.push_back(condition);
    uses_.emplace_back();
  }
  return found->second;
}

void EventPlanner::add_rule(nfa::RuleEngine& engine, const std::vector<ConditionRef>& atoms) {
  put(RuleIndex(static_cast<std::uint32_t>(rules_.size())), engine, atoms);
}

void EventPlanner::put(RuleIndex index, nfa::RuleEngine& engine,
                       const std::vector<ConditionRef>& atoms) {
  if (index.value() == rules_.size()) rules_.emplace_back();
  Rule& rule = rules_[index.value()];
  rule.engine = &engine;
  if (atoms.size() > nfa::EventClasses::kMaxAtoms) return;
  const bool is_explicit = engine.choice().engine == nfa::Engine::kExplicit;
  const std::uint64_t begins = nfa::beginning_atoms(engine.program());
  for (std::uint32_t bit = 0; bit < atoms.size(); ++bit) {
    if (atoms[bit]->reads_histories() || (is_explicit && !is_plain(*atoms[bit]))) continue;
    const std::uint32_t condition = number_of(atoms[bit]);
    rule.atoms.push_back({condition, bit});
    rule.known |= std::uint64_t{1} << bit;
    ConditionUse& use = uses_[condition];
    (((begins >> bit) & 1U) != 0 ? use.begins : use.others).push_back(index.value());
  }
}

// What no condition decides. A rule that has several atoms alike uses a condition twice.
void EventPlanner::look_at(RuleIndex index) {
  Rule& rule = rules_[index.value()];
  rule.unmentioned = step_of(index, 0, rule.is_restless);
  add_brief(rule.unmentioned);
  if (rule.unmentioned.begins_runs) always_.push_back(index.value());
}

void EventPlanner::open(const std::vector<runtime::SchemaRef>& schemas) {
  schemas_ = &schemas;
  build_predicates();
  by_answers_.resize(schemas.size());
  for (std::uint32_t i = 0; i < rules_.size(); ++i) look_at(RuleIndex(i));
  has_restless_ = std::ranges::any_of(rules_, &Rule::is_restless);
}

void EventPlanner::build_predicates() {
  std::vector<const Condition*> all;
  for (const ConditionRef& each : conditions_) all.push_back(each.get());
  firsts_ = indexed_ = all.size();
  predicates_.clear();
  by_place_.clear();
  for (std::size_t i = 0; i < schemas_->size(); ++i) {
    const runtime::SchemaId id(static_cast<std::uint16_t>(i));
    predicates_.emplace_back(all, id, *(*schemas_)[i]);
    if (clock_ != nullptr) predicates_.back().set_clock(*clock_);
    by_place_.emplace_back(predicates_.back().places(), kNoPlan);
  }
}

// ---- Rules that come and go later --------------------------------------------------------------

void EventPlanner::put_rule(RuleIndex rule, nfa::RuleEngine& engine,
                            const std::vector<ConditionRef>& atoms) {
  put(rule, engine, atoms);
  look_at(rule);
  rules_[rule.value()].errors_before = errors(rule);
}

void EventPlanner::take_rule(RuleIndex rule) {
  for (const Atom& atom : rules_[rule.value()].atoms) {
    std::erase(uses_[atom.condition].begins, rule.value());
    std::erase(uses_[atom.condition].others, rule.value());
  }
  std::erase(always_, rule.value());
  rules_[rule.value()] = {};
}

void EventPlanner::update() {
  // What the index for later ones has counted goes with it.
  for (std::size_t i = firsts_; i < indexed_; ++i) uses_[i].errors = errors_of(i);
  const std::size_t later = conditions_.size() - firsts_;
  if (later > kMostLater && later > firsts_ / kLaterShare) {
    build_anew();
  } else {
    std::vector<const Condition*> conditions;
    for (std::size_t i = firsts_; i < conditions_.size(); ++i) {
      conditions.push_back(conditions_[i].get());
    }
    for (LayeredPredicates& each : predicates_) each.set_later(conditions);
    indexed_ = conditions_.size();
  }
  std::ranges::sort(always_);
  has_restless_ = std::ranges::any_of(rules_, &Rule::is_restless);
  forget_plans();
}

// One index for all, without the conditions that no rule has any more.
void EventPlanner::build_anew() {
  for (std::size_t i = 0; i < firsts_; ++i) uses_[i].errors = errors_of(i);
  std::vector<std::uint32_t> new_number(conditions_.size());
  std::vector<ConditionRef> kept;
  std::vector<ConditionUse> uses;
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    if (uses_[i].begins.empty() && uses_[i].others.empty()) continue;
    new_number[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(std::move(conditions_[i]));
    uses.push_back(std::move(uses_[i]));
  }
  std::erase_if(condition_numbers_,
                [&](const auto& each) { return conditions_[each.second] != nullptr; });
  for (auto& [text, number] : condition_numbers_) number = new_number[number];
  conditions_ = std::move(kept);
  uses_ = std::move(uses);
  for (Rule& rule : rules_) {
    for (Atom& atom : rule.atoms) atom.condition = new_number[atom.condition];
  }
  build_predicates();
}

void EventPlanner::forget_plans() {
  plans_.clear();
  traits_.clear();
  entries_ = 0;
  for (std::size_t i = 0; i < predicates_.size(); ++i) {
    by_place_[i].assign(predicates_[i].places(), kNoPlan);
    by_answers_[i].clear();
  }
}

void EventPlanner::set_clock(const Clock& clock) {
  clock_ = &clock;
  for (LayeredPredicates& each : predicates_) each.set_clock(clock);
}

// `touches_runs`: it may move or end runs that are there.
PlannedStep EventPlanner::step_of(RuleIndex rule, std::uint64_t answers, bool& touches_runs) {
  const Rule& found = rules_[rule.value()];
  PlannedStep step{.rule = rule};
  if (found.engine->choice().engine == nfa::Engine::kMerged) {
    nfa::MergedMatcher& matcher = found.engine->merged();
    step.is_merged = true;
    step.event_class = matcher.class_of(answers);
    const nfa::ClassEffect effect = matcher.effect_of(step.event_class);
    step.begins_runs = effect.begins_runs;
    // Conditions that read earlier events look at the event where it is stored.
    step.takes_event = effect.takes_event || matcher.carries_values();
    touches_runs = !effect.keeps_all;
    return step;
  }
  const nfa::Program& program = found.engine->program();
  const bool knows_all = program.atoms.size() <= nfa::EventClasses::kMaxAtoms;
  step.begins_runs = !knows_all || nfa::may_begin(program, answers, ~found.known);
  step.answers = answers;
  touches_runs = true;
  return step;
}

// For a step that will serve many events.
void EventPlanner::add_brief(PlannedStep& step) {
  if (!step.is_merged) return;
  step.brief = rules_[step.rule.value()].engine->merged().brief_effect_of(step.event_class);
}

std::uint64_t EventPlanner::answers_of(const EventPlan& plan, const Rule& rule) const {
  std::uint64_t answers = 0;
  for (const Atom& atom : rule.atoms) {
    if (std::ranges::binary_search(plan.held, atom.condition)) {
      answers |= std::uint64_t{1} << atom.bit;
    }
  }
  return answers;
}

// Leaves in chosen_ the rules that the plan may list.
void EventPlanner::choose_rules(EventPlan& plan) {
  chosen_ = always_;
  std::size_t others = 0;
  for (const std::uint32_t condition : plan.held) {
    const ConditionUse& use = uses_[condition];
    chosen_.insert(chosen_.end(), use.begins.begin(), use.begins.end());
    others += use.others.size();
  }
  plan.is_crowded = others > kMaxOthers;
  for (const std::uint32_t condition : plan.held) {
    if (plan.is_crowded) break;
    const std::vector<std::uint32_t>& rules = uses_[condition].others;
    chosen_.insert(chosen_.end(), rules.begin(), rules.end());
  }
  sort_and_unite(chosen_);
}

// From the conditions that hold.
void EventPlanner::fill(EventPlan& plan) {
  plan.steps.clear();
  plan.begins_runs = false;
  choose_rules(plan);
  for (const std::uint32_t number : chosen_) {
    const Rule& rule = rules_[number];
    bool touches_runs = false;
    PlannedStep step = step_of(RuleIndex(number), answers_of(plan, rule), touches_runs);
    // A restless rule must be listed even where these answers touch nothing.
    if (!step.begins_runs && !touches_runs && !rule.is_restless) continue;
    add_brief(step);
    plan.steps.push_back(step);
    plan.begins_runs = plan.begins_runs || step.begins_runs;
  }
}

std::optional<PlannedStep> EventPlanner::unlisted_step(const EventPlan& plan, RuleIndex rule) {
  const Rule& found = rules_[rule.value()];
  const std::uint64_t answers = plan.is_crowded ? answers_of(plan, found) : 0;
  if (answers == 0) return found.is_restless ? std::optional(found.unmentioned) : std::nullopt;
  bool touches_runs = false;
  const PlannedStep step = step_of(rule, answers, touches_runs);
  return touches_runs ? std::optional(step) : std::nullopt;
}

// For an event that was looked up.
PlanIndex EventPlanner::find_plan(runtime::SchemaId schema, std::size_t place,
                                  const runtime::RowView& row, EventTime time,
                                  std::uint16_t key_mask) {
  LayeredPredicates& predicates = predicates_[schema.value()];
  const AnswersIndex answers = predicates.test(row, time, key_mask);
  if (answers == kUnnamedAnswers) return kNoPlan;
  std::vector<PlanIndex>& known = by_answers_[schema.value()];
  if (answers.value() >= known.size()) known.resize(answers.value() + 1, kNoPlan);
  PlanIndex& plan = known[answers.value()];
  if (plan == kNoPlan) {
    if (entries_ > kMaxEntries) return plan;
    plan = PlanIndex(static_cast<std::uint32_t>(plans_.size()));
    EventPlan& made = plans_.emplace_back();
    made.held = predicates.held();
    fill(made);
    traits_.push_back({made.steps.empty() && !made.is_crowded, made.begins_runs});
    entries_ += made.steps.size() + made.held.size() + 1;
  }
  std::vector<PlanIndex>& by_place = by_place_[schema.value()];
  if (place < by_place.size() && !predicates.needs_event()) by_place[place] = plan;
  return plan;
}

const EventPlan& EventPlanner::make_plan(runtime::SchemaId schema, const runtime::RowView& row,
                                         EventTime time, std::uint16_t key_mask) {
  LayeredPredicates& predicates = predicates_[schema.value()];
  (void)predicates.look_up(row, key_mask);
  (void)predicates.test(row, time, key_mask);
  made_.held = predicates.held();
  fill(made_);
  return made_;
}

std::uint64_t EventPlanner::errors(RuleIndex rule) const {
  std::uint64_t errors = 0;
  for (const Atom& atom : rules_[rule.value()].atoms) errors += errors_of(atom.condition);
  return errors - rules_[rule.value()].errors_before;
}

std::uint64_t EventPlanner::errors_of(std::size_t condition) const {
  std::uint64_t errors = uses_[condition].errors;
  if (condition >= indexed_) return errors;
  for (const LayeredPredicates& each : predicates_) errors += each.errors(condition);
  return errors;
}

}  // namespace lymer::cep
