// What an event, or the end of a window, does to the rules of its key.
// Not here: which comes next (cep/pattern_operator.cc), one rule (cep/running_rule.cc).
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <tuple>

#include "cep/pattern_operator.h"
#include "cep/running_rule.h"
#include "runtime/base/check.h"

namespace lymer::cep {
namespace {

// Stale timers are thrown out once they are more than the others and this many.
constexpr std::size_t kStaleTimers = 1024;

}  // namespace

// Offers an event to every rule that it may touch. It gets a place in the store only if a rule may
// take it.
void PatternOperator::deliver(const PendingEvents::Entry& entry) {
  const runtime::EventBatch& batch = pending_.batch_of(entry);
  const runtime::EventHeader& header = pending_.header_of(entry);
  const PlanIndex planned(entry.plan);
  const EventPlan& plan = planned != kNoPlan ? planner_.plan(planned) : plan_now(batch, header);
  const runtime::RowView row(batch.bytes(header.row), schemas_[header.schema.value()]->size());
  const runtime::KeyReader& reader = event_keys_.reader(header.schema, header.key_mask);
  std::optional<KeyIndex> key = keys_.find(header.key_hash, [&](std::span<const std::byte> known) {
    return reader.matches(row, known, key_);
  });
  if (!key) {
    if (!plan.begins_runs) return;
    LYMER_CHECK(reader.read(row, key_), "an event without a key behind key_by");
    key = keys_.obtain(key_, header.key_hash);
  }
  const std::size_t bytes_before = held_bytes();
  KeyRecord& record = keys_.at(*key);
  nfa::StepEvent event{.event = {}, .ordinal = record.next_ordinal++, .time = header.time};
  event.may_begin = key_limit_.act != nfa::LimitAct::kRefuse || key_limit_.state_bytes == 0 ||
                    bytes_of(*key) < key_limit_.state_bytes;
  const bool takes_event = choose_steps(steps_for(plan, record.rules), record.rules, header.time);
  if (takes_event) event.event = events_.add(batch, entry.index);
  for (const PlannedStep* each : live_) offer(*each, *key, event);
  if (takes_event) events_.references().release(event.event);
  settle(*key, bytes_before);
}

// The plan's steps, and those that stand in no plan for rules that have partial matches here. Valid
// until the next event.
std::span<const PlannedStep> PatternOperator::steps_for(const EventPlan& plan,
                                                        const RuleStates& states) {
  if (planner_.is_whole(plan)) return plan.steps;
  steps_.clear();
  states.list(active_);
  auto live = active_.begin();
  const auto add_unlisted = [&] {
    const auto step = planner_.unlisted_step(plan, *live);
    if (step) steps_.push_back(*step);
  };
  for (const PlannedStep& each : plan.steps) {
    for (; live != active_.end() && *live <= each.rule; ++live) {
      if (*live < each.rule) add_unlisted();
    }
    steps_.push_back(each);
  }
  for (; live != active_.end(); ++live) add_unlisted();
  return steps_;
}

// Leaves in live_ those of the steps that come to something: most concern rules that have nothing
// here. Tells whether one of them may take the event.
bool PatternOperator::choose_steps(std::span<const PlannedStep> steps, const RuleStates& states,
                                   EventTime time) {
  live_.clear();
  const bool has_beginners = time <= beginners_until_;
  bool takes_event = false;
  for (const PlannedStep& each : steps) {
    const RuleState* const known = states.find(each.rule);
    if (known == nullptr && !each.begins_runs) continue;
    if (has_beginners && time <= rules_[each.rule.value()]->behind()) continue;
    live_.push_back(&each);
    takes_event = takes_event || each.takes_event;
  }
  return takes_event;
}

// Offers the event to one rule. A rule without partial matches gets a state only if it begins one.
void PatternOperator::offer(const PlannedStep& step, KeyIndex key, const nfa::StepEvent& event) {
  RunningRule& rule = *rules_[step.rule.value()];
  if (rule.is_stopped()) return;
  RuleState* const known = keys_.at(key).rules.find(step.rule);
  if (known == nullptr && !step.begins_runs) return;
  if (step.is_merged && offer_briefly(step, key, known, event)) return;
  RuleState fresh = RuleState::of(step.rule);
  RuleState& state = known == nullptr ? fresh : *known;
  const EventTime armed = rule.armed(state);
  nfa::EngineState& runs = rule.unfold(state);
  const Result<void> outcome = step.is_merged
                                   ? rule.step(runs, event, step.event_class)
                                   : rule.step(runs, event, history_.row_of(event.event),
                                               planner_.known_answers(step.rule), step.answers);
  keep(key, state, armed, outcome);
}

// Does so where little happens; see RunningRule::step_briefly().
bool PatternOperator::offer_briefly(const PlannedStep& step, KeyIndex key, RuleState* known,
                                    const nfa::StepEvent& event) {
  if (known != nullptr && known->kind == RuleState::Kind::kWide) return false;
  RunningRule& rule = *rules_[step.rule.value()];
  RuleState fresh = RuleState::of(step.rule);
  RuleState& state = known == nullptr ? fresh : *known;
  if (!rule.step_briefly(state, event, step.brief)) return false;
  if (known == nullptr) {
    add_state(key, state);
    const EventTime deadline = rule.armed(state);
    if (deadline != EventTime::max()) arm(deadline, key, step.rule);
  } else if (state.is_idle()) {
    erase_state(key, state);
    if (rule.is_in_trouble()) fail(step.rule, rule.trouble());
  }
  return true;
}

void PatternOperator::add_state(KeyIndex key, const RuleState& state) {
  keys_.at(key).rules.add(state, buffers_.states);
  ++states_;
}

void PatternOperator::erase_state(KeyIndex key, const RuleState& state) {
  keys_.at(key).rules.erase(state);
  --states_;
}

// Puts back what a rule has left under a key, or that it has failed. `state` is the record's own,
// or one that is to stand there.
void PatternOperator::keep(KeyIndex key, RuleState& state, EventTime armed,
                           const Result<void>& outcome) {
  const RuleIndex index = state.rule;
  RunningRule& rule = *rules_[index.value()];
  const bool has_failed = !outcome || rule.is_in_trouble();
  if (has_failed) rule.clear_at_work();
  const bool was_there = keys_.at(key).rules.find(index) == &state;
  const EventTime deadline = rule.fold(state, armed);
  if (deadline != EventTime::max()) arm(deadline, key, index);
  if (state.is_idle() && was_there) {
    erase_state(key, state);
  } else if (!state.is_idle() && !was_there) {
    add_state(key, state);
  }
  if (has_failed) fail(index, outcome ? rule.trouble() : outcome.error());
}

// Its partial matches have gone, or another timer was set for them.
bool PatternOperator::is_stale(const Timer& timer) {
  const RuleState* state = keys_.at(timer.key).rules.find(timer.rule);
  return state == nullptr || rules_[timer.rule.value()]->armed(*state) != timer.time;
}

void PatternOperator::fire(const Timer& timer) {
  if (is_stale(timer)) return;
  RuleState& state = *keys_.at(timer.key).rules.find(timer.rule);
  RunningRule& rule = *rules_[timer.rule.value()];
  const std::size_t bytes_before = held_bytes();
  if (rule.expire_briefly(state, timer.time)) {
    erase_state(timer.key, state);
  } else {
    nfa::EngineState& runs = rule.unfold(state);
    const Result<void> outcome = rule.advance(runs, timer.time);
    keep(timer.key, state, EventTime::max(), outcome);
  }
  settle(timer.key, bytes_before);
}

void PatternOperator::arm(EventTime deadline, KeyIndex key, RuleIndex rule) {
  if (timers_.size() > 2 * states_ + kStaleTimers) {
    timers_.remove_if([this](const Timer& timer) { return is_stale(timer); });
  }
  timers_.push({deadline, keys_.at(key).tag, key, rule});
}

// All timers of the next time. Key and rule make their order independent of when they were set.
void PatternOperator::collect_due() {
  const EventTime time = timers_.next_time();
  while (const auto timer = timers_.pop(time)) due_.push_back(*timer);
  std::ranges::sort(due_, [](const Timer& left, const Timer& right) {
    return std::tie(left.key_tag, left.rule) > std::tie(right.key_tag, right.rule);
  });
}

}  // namespace lymer::cep
