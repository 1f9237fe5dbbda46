// Time and keys: which event or deadline comes next, and what a key holds in the end.
// Not here: what an event does to the rules of its key (cep/pattern_step.cc), snapshots
// (cep/pattern_snapshot.cc), results (cep/running_rule.cc).
#include "cep/pattern_operator.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cep/pattern_metrics.h"
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
// So many events' memory is kept for the next keys when there is none any more.
constexpr std::size_t kKeptEvents = 4096;
// Room for the timers of one time, of which there are few as a rule.
constexpr std::size_t kDueAtOnce = 64;

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
  due_.reserve(kDueAtOnce);
}

PatternOperator::~PatternOperator() = default;

std::size_t PatternOperator::rule_count() const noexcept { return rules_.size(); }

const RuleId& PatternOperator::rule_id(RuleIndex rule) const { return rules_[rule.value()]->id(); }

RuleCounters PatternOperator::counters(RuleIndex rule) const {
  RuleCounters counters = rules_[rule.value()]->counters();
  counters.condition_errors += planner_.errors(rule);
  return counters;
}

void PatternOperator::update_metrics() {
  if (metrics_ == nullptr) return;
  metrics_->update(*this);
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i]->is_gone()) continue;
    metrics_->update(RuleIndex(i), rules_[i]->id(), counters(RuleIndex(i)));
  }
}

Result<void> PatternOperator::open(const runtime::OperatorContext& context) {
  clock_ = &context.clock;
  if (changes_ != nullptr) opened_.emplace(context);
  share_ = context.share;
  metrics_ = std::make_unique<PatternMetrics>(context.metrics, rules_.size());
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
  // As in KeyedOperator::on_batch(): what comes behind an end begins anew.
  if (watermark_ == EventTime::max()) watermark_ = EventTime::min();
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
    if (changes_ != nullptr) newest_ = std::max(newest_, header.time);
  }
  pending_.end();
}

Result<Progress> PatternOperator::on_watermark(EventTime watermark, runtime::Collector& out) {
  if (time_mode_ == TimeMode::kProcessingTime) return Operator::on_watermark(watermark, out);
  LYMER_CHECK(watermark_ <= watermark || watermark_ == EventTime::max(), "time went back");
  watermark_ = watermark;
  draining_ = true;
  return run(out);
}

Result<Progress> PatternOperator::resume(runtime::Collector& out) {
  LYMER_ASSIGN_OR_RETURN(const Progress kept, Operator::resume(out));
  // What was refused comes first and as it was, before anything is added to what waits.
  if (kept == Progress::kBlocked || !flush(out)) return Progress::kBlocked;
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
    const bool is_ending = timers_.size() > 0 && timers_.next_time() <= watermark_;
    if (due_.empty() && is_ending && timers_.next_time() <= pending_.next_time()) collect_due();
    if (!due_.empty()) {
      const Timer timer = due_.back();
      due_.pop_back();
      fire(timer);
      continue;
    }
    const EventTime until = is_ending ? timers_.next_time() - kInstant : watermark_;
    if (const auto entry = next_event(until)) {
      deliver(*entry);
    } else if (!is_ending) {
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

// The next event up to then that a rule may have a use for.
std::optional<PendingEvents::Entry> PatternOperator::next_event(EventTime until) {
  while (const auto entry = pending_.pop(until)) {
    const PlanIndex plan(entry->plan);
    if (plan == kNoPlan) return entry;
    // One branch: neither is foreseen by the one before.
    const bool is_of_use = planner_.begins_runs(plan) | keys_.may_hold(entry->key_tag);
    if (is_of_use) return entry;
  }
  return std::nullopt;
}

// Lets go of what a key no longer needs, and of what is too much.
void PatternOperator::settle(KeyIndex key, std::size_t bytes_before) {
  events_.collect();
  if (key_limit_.state_bytes > 0) keep_to_limit(key, bytes_before);
  if (keys_.at(key).rules.empty()) erase(key);
  sweep();
}

// A key that holds nothing. With the last one goes what memory a peak has left.
void PatternOperator::erase(KeyIndex key) {
  if (key_limit_.state_bytes > 0) bytes_of(key) = 0;
  keys_.erase(key);
  if (keys_.size() > 0) return;
  timers_.clear();  // They are all stale.
  due_.clear();
  if (events_.slots() <= kKeptEvents) return;
  timers_.trim();
  decltype(key_bytes_)().swap(key_bytes_);
  events_.collect();
  events_.trim();
  for (const auto& rule : rules_) rule->trim();
  buffers_.trim();
}

std::uint64_t& PatternOperator::bytes_of(KeyIndex key) {
  if (key.value() >= key_bytes_.size()) key_bytes_.resize(key.value() + 1, 0);
  return key_bytes_[key.value()];
}

// Counts what the key holds, and lets go of what is too much.
void PatternOperator::keep_to_limit(KeyIndex key, std::size_t bytes_before) {
  std::uint64_t& bytes = bytes_of(key);
  bytes += held_bytes() - bytes_before;  // May wrap twice, which is a difference.
  if (key_limit_.act == nfa::LimitAct::kRefuse) return;
  RuleStates& states = keys_.at(key).rules;
  while (bytes > key_limit_.state_bytes && !states.empty()) {
    const std::size_t before = held_bytes();
    states.list(active_);
    for (std::size_t i = active_.size(); i-- > 0;) {
      RuleState& state = *states.find(active_[i]);
      RunningRule& rule = *rules_[state.rule.value()];
      Result<void> outcome;
      const EventTime armed = rule.armed(state);
      nfa::EngineState& runs = rule.unfold(state);
      if (key_limit_.act == nfa::LimitAct::kFail) {
        outcome = Error{ErrorCode::kRuleFailed,
                        text("a key holds more than {} bytes", key_limit_.state_bytes)};
      } else {
        rule.drop_oldest(runs);
      }
      keep(key, state, armed, outcome);
    }
    events_.collect();
    bytes += held_bytes() - before;
  }
}

void PatternOperator::fail(RuleIndex rule, const Error& error) {
  rules_[rule.value()]->stop(error.to_string());
  let_go(rule);
}

// A rule that stops itself lets go of everything under every key.
void PatternOperator::let_go(RuleIndex rule) {
  RunningRule& running = *rules_[rule.value()];
  for (const KeyIndex key : keys_.sorted()) {
    RuleState* const state = keys_.at(key).rules.find(rule);
    if (state == nullptr) continue;
    (void)running.unfold(*state);
    running.clear_at_work();
    (void)running.fold(*state, EventTime::max());
  }
  must_sweep_ = true;  // Not now: the caller is at work on one of the keys.
}

void PatternOperator::sweep() {
  if (!must_sweep_) return;
  must_sweep_ = false;
  for (const KeyIndex key : keys_.sorted()) sweep(key);
}

// Takes out the states that hold nothing, and the key if it holds nothing then.
void PatternOperator::sweep(KeyIndex key) {
  RuleStates& states = keys_.at(key).rules;
  states.list(active_);
  for (const RuleIndex rule : active_) {
    const RuleState& state = *states.find(rule);
    if (state.is_idle()) erase_state(key, state);
  }
  if (states.empty()) erase(key);
}

}  // namespace lymer::cep
