// Time and keys: which event or deadline comes next, and whose partial matches it concerns.
// Not here: snapshots (cep/pattern_snapshot.cc), results (cep/running_rule.cc).
#include "cep/pattern_operator.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cep/running_rule.h"
#include "nfa/matcher.h"
#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

using runtime::Progress;

// Results are handed on in batches of this many rows.
constexpr std::size_t kOutputRows = 256;

// The earliest deadline on top of the heap; key and rule make the order independent of the past.
constexpr auto kLaterTimer = [](const auto& left, const auto& right) {
  return std::tie(left.deadline, left.key_hash, left.rule) >
         std::tie(right.deadline, right.key_hash, right.rule);
};

// In processing time events come one after the other, as they arrive.
EventOrder in_mode(EventOrder order, TimeMode mode) {
  if (mode == TimeMode::kProcessingTime) order.by_arrival = true;
  return order;
}

}  // namespace

PatternOperator::PatternOperator(std::vector<PatternRule> rules,
                                 std::vector<runtime::SchemaRef> schemas,
                                 const KeyExpressions& keys, EventOrder order, TimeMode time_mode,
                                 KeyLimit key_limit)
    : schemas_(std::move(schemas)),
      event_keys_(schemas_, keys),
      key_limit_(key_limit),
      pending_(in_mode(std::move(order), time_mode), schemas_),
      time_mode_(time_mode) {
  for (PatternRule& rule : rules) {
    rules_.push_back(std::make_unique<RunningRule>(std::move(rule), *this));
    planner_.add_rule(rules_.back()->engine(), rules_.back()->atoms());
  }
  planner_.open(schemas_);
}

PatternOperator::~PatternOperator() = default;

std::size_t PatternOperator::rule_count() const noexcept { return rules_.size(); }

const RuleId& PatternOperator::rule_id(RuleIndex rule) const { return rules_[rule.value()]->id(); }

RuleCounters PatternOperator::counters(RuleIndex rule) const {
  RuleCounters counters = rules_[rule.value()]->counters();
  counters.condition_errors += planner_.errors(rule);
  return counters;
}

Result<void> PatternOperator::open(const runtime::OperatorContext& context) {
  clock_ = &context.clock;
  planner_.set_clock(context.clock);
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (const auto opened = rules_[i]->open(context); !opened) fail(RuleIndex(i), opened.error());
  }
  return {};
}

Result<void> PatternOperator::close() {
  Result<void> first;
  for (const auto& rule : rules_) {
    if (auto closed = rule->close(); !closed && first) first = std::move(closed);
  }
  return first;
}

Result<Progress> PatternOperator::on_batch(runtime::EventBatch batch, runtime::Collector& out) {
  if (time_mode_ == TimeMode::kProcessingTime) set_arrival(batch);
  add_pending(std::move(batch));
  return run(out);
}

const EventPlan& PatternOperator::plan_now(const runtime::EventBatch& batch,
                                           const runtime::EventHeader& header) {
  const runtime::RowView row(batch.bytes(header.row), schemas_[header.schema.value()]->size());
  return planner_.make_plan(header.schema, row, header.time, header.key_mask);
}

// Sorts events in, but for those that are late and those that no rule needs.
void PatternOperator::add_pending(runtime::EventBatch given) {
  const runtime::EventBatch& batch = pending_.begin(std::move(given));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const runtime::EventHeader& header = batch.headers()[i];
    if (header.time <= watermark_ && time_mode_ == TimeMode::kEventTime) {
      if (header.is_copy) continue;  // It is late once, under however many keys it comes.
      ++late_events_;
      late_.append(header, batch.bytes(header.row), batch.raw(i));
      continue;
    }
    const runtime::RowView row(batch.bytes(header.row), schemas_[header.schema.value()]->size());
    const PlanIndex plan = planner_.plan_for(header.schema, row, header.time, header.key_mask);
    if (!planner_.is_needless(plan)) pending_.add(i, plan.value());
  }
  pending_.end();
}

Result<Progress> PatternOperator::on_watermark(EventTime watermark, runtime::Collector& out) {
  if (time_mode_ == TimeMode::kProcessingTime) return Operator::on_watermark(watermark, out);
  LYMER_CHECK_LE(watermark_, watermark);
  watermark_ = watermark;
  draining_ = true;
  return run(out);
}

Result<Progress> PatternOperator::resume(runtime::Collector& out) {
  LYMER_ASSIGN_OR_RETURN(const Progress kept, Operator::resume(out));
  if (kept == Progress::kBlocked) return kept;
  return run(out);
}

bool PatternOperator::output_is_full() const {
  return matches_.size() >= kOutputRows || timeouts_.size() >= kOutputRows ||
         late_.size() >= kOutputRows || sides_.waiting >= kOutputRows;
}

// Hands on what there is; false if the collector refused some of it.
bool PatternOperator::flush(runtime::Collector& out) {
  const auto hand_on = [&](runtime::Port port, runtime::EventBatch& batch) {
    if (batch.empty()) return true;
    runtime::StreamElement element = std::exchange(batch, {});
    if (out.try_emit(port, element)) return true;
    batch = std::move(std::get<runtime::EventBatch>(element));
    return false;
  };
  if (!hand_on(kLatePort, late_) || !hand_on(kTimeoutPort, timeouts_)) return false;
  for (auto& [port, batch] : sides_.batches) {
    if (!hand_on(port, batch)) return false;
  }
  sides_.waiting = 0;
  return hand_on(runtime::kMainPort, matches_);
}

// Does everything up to the watermark in the order of time, ends of windows before events of the
// same time, and stops where the output is full.
Progress PatternOperator::run(runtime::Collector& out) {
  while (draining_) {
    if (output_is_full() && !flush(out)) return Progress::kBlocked;
    const EventTime next_time = pending_.next_time();
    if (!timers_.empty() && timers_.front().deadline <= std::min(next_time, watermark_)) {
      std::ranges::pop_heap(timers_, kLaterTimer);
      const Timer timer = timers_.back();
      timers_.pop_back();
      fire(timer);
    } else if (const auto entry = pending_.pop(watermark_)) {
      deliver(*entry);
    } else {
      draining_ = false;
      // Results go before the watermark that let them out.
      if (!flush(out)) {
        draining_ = true;
        return Progress::kBlocked;
      }
      return hand_on_time(out);
    }
  }
  return flush(out) ? Progress::kDone : Progress::kBlocked;
}

// Offers an event to every rule that it may touch. A key without partial matches gets a record only
// if a rule begins one, the event a place in the store only if a rule may take it.
void PatternOperator::deliver(const PendingEvents::Entry& entry) {
  const bool is_planned = PlanIndex(entry.plan) != kNoPlan;
  const bool may_be_known = keys_.may_hold(entry.key_tag);
  if (is_planned && !may_be_known && !planner_.begins_runs(PlanIndex(entry.plan))) return;
  const runtime::EventBatch& batch = pending_.batch_of(entry);
  const runtime::EventHeader& header = pending_.header_of(entry);
  const EventPlan& plan =
      is_planned ? planner_.plan(PlanIndex(entry.plan)) : plan_now(batch, header);
  const runtime::RowView row(batch.bytes(header.row), schemas_[header.schema.value()]->size());
  const runtime::KeyReader& reader = event_keys_.reader(header.schema, header.key_mask);
  const auto is_it = [&](std::span<const std::byte> known) {
    return reader.matches(row, known, key_);
  };
  std::optional<KeyIndex> key = keys_.find(header.key_hash, is_it);
  if (!key && !plan.begins_runs) return;
  const std::size_t bytes_before = held_bytes();
  if (!key) fresh_key_.next_ordinal = 0;
  KeyRecord& record = key ? keys_.at(*key) : fresh_key_;
  nfa::StepEvent event{.event = {}, .ordinal = record.next_ordinal++, .time = header.time};
  event.may_begin = key_limit_.act != nfa::LimitAct::kRefuse || key_limit_.state_bytes == 0 ||
                    record.state_bytes < key_limit_.state_bytes;
  const std::span<const PlannedStep> steps = steps_for(plan, record);
  const bool takes_event = std::ranges::any_of(steps, &PlannedStep::takes_event);
  if (takes_event) event.event = events_.add(batch, entry.index);
  for (const PlannedStep& each : steps) offer(each, record, event);
  if (!key && !fresh_key_.rules.empty()) {
    LYMER_CHECK(reader.read(row, key_), "an event without a key behind key_by");
    key = keys_.obtain(key_, header.key_hash);
    keys_.at(*key).rules.swap(fresh_key_.rules);
    keys_.at(*key).next_ordinal = fresh_key_.next_ordinal;
  }
  if (takes_event) events_.references().release(event.event);
  events_.collect();
  if (key) settle(*key, steps, bytes_before);
  sweep();
}

// Brings the rules that were touched under the key in line with what they hold.
void PatternOperator::settle(KeyIndex key, std::span<const PlannedStep> steps,
                             std::size_t bytes_before) {
  for (const PlannedStep& each : steps) tidy(key, each.rule);
  keep_to_limit(key, bytes_before);
  if (keys_.at(key).rules.empty()) keys_.erase(key);
}

// Counts what the key holds, and lets go of what is too much.
void PatternOperator::keep_to_limit(KeyIndex key, std::size_t bytes_before) {
  KeyRecord& record = keys_.at(key);
  record.state_bytes += held_bytes() - bytes_before;  // May wrap twice, which is a difference.
  if (key_limit_.state_bytes == 0 || key_limit_.act == nfa::LimitAct::kRefuse) return;
  while (record.state_bytes > key_limit_.state_bytes && !record.rules.empty()) {
    const std::size_t before = held_bytes();
    for (std::size_t i = record.rules.size(); i-- > 0;) {
      RuleState& state = record.rules[i];
      RunningRule& rule = *rules_[state.rule.value()];
      if (key_limit_.act == nfa::LimitAct::kFail) {
        fail(state.rule, {ErrorCode::kRuleFailed,
                          text("a key holds more than {} bytes", key_limit_.state_bytes)});
      } else {
        rule.drop_oldest(*state.runs);
      }
      tidy(key, state.rule);
    }
    events_.collect();
    record.state_bytes += held_bytes() - before;
  }
}

// The plan's steps, and those that stand in no plan for rules that have partial matches here. Valid
// until the next event.
std::span<const PlannedStep> PatternOperator::steps_for(const EventPlan& plan,
                                                        const KeyRecord& record) {
  if (planner_.is_whole(plan)) return plan.steps;
  steps_.clear();
  auto live = record.rules.begin();
  const auto add_unlisted = [&] {
    const auto step = planner_.unlisted_step(plan, live->rule);
    if (step) steps_.push_back(*step);
  };
  for (const PlannedStep& each : plan.steps) {
    for (; live != record.rules.end() && live->rule <= each.rule; ++live) {
      if (live->rule < each.rule) add_unlisted();
    }
    steps_.push_back(each);
  }
  for (; live != record.rules.end(); ++live) add_unlisted();
  return steps_;
}

// Offers the event to one rule. A rule without partial matches gets a state only if it begins one.
void PatternOperator::offer(const PlannedStep& step, KeyRecord& record,
                            const nfa::StepEvent& event) {
  RunningRule& rule = *rules_[step.rule.value()];
  if (rule.is_stopped()) return;
  RuleState* state = record.find(step.rule);
  if (state == nullptr) {
    if (!step.begins_runs) return;
    fresh_state_.rule = step.rule;
    fresh_state_.runs = rule.take_state();
    state = &fresh_state_;
  }
  const auto stepped = step.is_merged ? rule.step(*state->runs, event, step.event_class)
                                      : rule.step(*state->runs, event, history_.row_of(event.event),
                                                  planner_.known_answers(step.rule), step.answers);
  if (!stepped || rule.is_in_trouble()) {
    rule.clear(*state->runs);
    fail(step.rule, stepped ? rule.trouble() : stepped.error());
  }
  if (state != &fresh_state_) return;
  if (nfa::is_idle(*fresh_state_.runs)) {
    rule.give_back(std::move(fresh_state_.runs));
  } else {
    record.obtain(step.rule).runs = std::move(fresh_state_.runs);
  }
}

void PatternOperator::fire(const Timer& timer) {
  KeyRecord& record = keys_.at(timer.key);
  if (record.generation != timer.generation) return;
  RuleState* state = record.find(timer.rule);
  if (state == nullptr || state->armed != timer.deadline) return;
  state->armed = EventTime::max();
  RunningRule& rule = *rules_[timer.rule.value()];
  const std::size_t bytes_before = held_bytes();
  const auto advanced = rule.advance(*state->runs, timer.deadline);
  if (!advanced || rule.is_in_trouble()) {
    rule.clear(*state->runs);
    fail(timer.rule, advanced ? rule.trouble() : advanced.error());
  }
  events_.collect();
  const PlannedStep step{.rule = timer.rule};
  settle(timer.key, std::span(&step, 1), bytes_before);
  sweep();
}

// Sets the timer for the rule's next deadline unless an earlier one is set.
void PatternOperator::arm(KeyIndex key, RuleState& state) {
  const EventTime deadline = rules_[state.rule.value()]->next_deadline(*state.runs);
  if (deadline >= state.armed) return;
  state.armed = deadline;
  const KeyRecord& record = keys_.at(key);
  timers_.push_back({deadline, record.hash, key, record.generation, state.rule});
  std::ranges::push_heap(timers_, kLaterTimer);
}

void PatternOperator::fail(RuleIndex rule, const Error& error) {
  rules_[rule.value()]->stop(error.to_string());
  let_go(rule);
}

// A rule that stops itself lets go of everything under every key.
void PatternOperator::let_go(RuleIndex rule) {
  RunningRule& running = *rules_[rule.value()];
  for (const KeyIndex key : keys_.sorted()) {
    if (RuleState* state = keys_.at(key).find(rule)) running.clear(*state->runs);
  }
  must_sweep_ = true;  // Not now: the caller is at work on one of the keys.
}

void PatternOperator::sweep() {
  if (!must_sweep_) return;
  must_sweep_ = false;
  for (const KeyIndex key : keys_.sorted()) tidy_all(key);
}

void PatternOperator::tidy_all(KeyIndex key) {
  std::vector<RuleState>& states = keys_.at(key).rules;
  for (std::size_t i = states.size(); i-- > 0;) tidy(key, states[i].rule);
  if (states.empty()) keys_.erase(key);
}

// Brings a rule's timer and record in line with what it holds now under the key.
void PatternOperator::tidy(KeyIndex key, RuleIndex rule) {
  KeyRecord& record = keys_.at(key);
  RuleState* state = record.find(rule);
  if (state == nullptr) return;
  if (!nfa::is_idle(*state->runs)) {
    arm(key, *state);
    return;
  }
  rules_[rule.value()]->give_back(std::move(state->runs));
  record.erase(*state);
}

}  // namespace lymer::cep
