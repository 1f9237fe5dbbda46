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

std::uint64_t hash_of(const std::string& key) {
  return hash64(std::as_bytes(std::span(key.data(), key.size())));
}

}  // namespace

PatternOperator::PatternOperator(std::vector<PatternRule> rules,
                                 std::vector<runtime::SchemaRef> schemas, EventOrder order)
    : schemas_(std::move(schemas)), order_(std::move(order)) {
  for (PatternRule& rule : rules) {
    rules_.push_back(std::make_unique<RunningRule>(std::move(rule), *this));
  }
}

PatternOperator::~PatternOperator() = default;

std::size_t PatternOperator::rule_count() const noexcept { return rules_.size(); }

const RuleId& PatternOperator::rule_id(RuleIndex rule) const { return rules_[rule.value()]->id(); }

RuleCounters PatternOperator::counters(RuleIndex rule) const {
  return rules_[rule.value()]->counters();
}

Result<Progress> PatternOperator::on_batch(runtime::EventBatch batch, runtime::Collector& out) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const runtime::EventHeader& header = batch.headers()[i];
    if (header.time <= watermark_) {
      if (header.is_copy) continue;  // It is late once, under however many keys it comes.
      ++late_events_;
      late_.append(header, batch.bytes(header.row), batch.raw(i));
      continue;
    }
    sorter_.push(entry_of(events_.add(batch, i)));
  }
  return run(out);
}

runtime::EventSorter::Entry PatternOperator::entry_of(nfa::EventRef event) const {
  const StoredEvent& stored = events_.get(event);
  const std::size_t schema = stored.schema.value();
  const std::uint16_t rank = schema < order_.ranks.size() ? order_.ranks[schema] : 0;
  return {.time = stored.time, .id = stored.id, .handle = event.value(), .rank = rank};
}

// All events that have not been offered to the rules, in order.
std::vector<runtime::EventSorter::Entry> PatternOperator::waiting() const {
  std::vector<runtime::EventSorter::Entry> all(tied_.begin(), tied_.end());
  const std::vector<runtime::EventSorter::Entry> sorted = sorter_.sorted();
  all.insert(all.end(), sorted.begin(), sorted.end());
  return all;
}

EventTime PatternOperator::next_event_time() const {
  return tied_.empty() ? sorter_.next_time() : tied_.front().time;
}

// Takes out the next event up to the watermark. The comparator sees all events of a time together.
std::optional<runtime::EventSorter::Entry> PatternOperator::next_event() {
  if (order_.comparator == nullptr) return sorter_.pop(watermark_);
  if (tied_.empty() && sorter_.next_time() <= watermark_) {
    const EventTime time = sorter_.next_time();
    while (const auto entry = sorter_.pop(time)) tied_.push_back(*entry);
    std::ranges::stable_sort(tied_, [&](const auto& left, const auto& right) {
      const auto compared = [&](const runtime::EventSorter::Entry& entry) {
        const nfa::EventRef ref(entry.handle);
        return ComparedEvent{events_.get(ref).schema, history_.row_of(ref)};
      };
      return order_.comparator(compared(left), compared(right));
    });
  }
  if (tied_.empty()) return std::nullopt;
  const runtime::EventSorter::Entry first = tied_.front();
  tied_.pop_front();
  return first;
}

Result<Progress> PatternOperator::on_watermark(EventTime watermark, runtime::Collector& out) {
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
         late_.size() >= kOutputRows;
}

// Hands on what there is; false if the collector refused some of it.
bool PatternOperator::flush(runtime::Collector& out) {
  const std::pair<runtime::Port, runtime::EventBatch*> outputs[] = {
      {kLatePort, &late_}, {kTimeoutPort, &timeouts_}, {runtime::kMainPort, &matches_}};
  for (const auto& [port, batch] : outputs) {
    if (batch->empty()) continue;
    runtime::StreamElement element = std::exchange(*batch, {});
    if (out.try_emit(port, element)) continue;
    *batch = std::move(std::get<runtime::EventBatch>(element));
    return false;
  }
  return true;
}

// Does everything up to the watermark in the order of time, ends of windows before events of the
// same time, and stops where the output is full.
Progress PatternOperator::run(runtime::Collector& out) {
  while (draining_) {
    if (output_is_full() && !flush(out)) return Progress::kBlocked;
    const EventTime next_time = next_event_time();
    if (!timers_.empty() && timers_.front().deadline <= std::min(next_time, watermark_)) {
      std::ranges::pop_heap(timers_, kLaterTimer);
      const Timer timer = timers_.back();
      timers_.pop_back();
      fire(timer);
    } else if (const auto entry = next_event()) {
      deliver(*entry);
    } else {
      draining_ = false;
      // Results go before the watermark that let them out.
      if (!flush(out)) {
        draining_ = true;
        return Progress::kBlocked;
      }
      return emit_or_keep(runtime::Watermark{watermark_}, out);
    }
  }
  return flush(out) ? Progress::kDone : Progress::kBlocked;
}

// Offers an event to every rule under its key. A key without partial matches gets a record only if
// a rule begins one.
void PatternOperator::deliver(const runtime::EventSorter::Entry& entry) {
  const nfa::EventRef ref(entry.handle);
  const StoredEvent& event = events_.get(ref);
  std::optional<KeyIndex> key = keys_.find(event.key());
  if (!key) fresh_key_.next_ordinal = 0;
  KeyRecord& record = key ? keys_.at(*key) : fresh_key_;
  const nfa::StepEvent step{ref, record.next_ordinal++, event.time};
  const runtime::RowView row = history_.row_of(ref);
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    const RuleIndex rule(i);
    if (rules_[i]->is_stopped()) continue;
    RuleState* state = record.find(rule);
    RuleState fresh;
    fresh.rule = rule;
    if (state == nullptr) state = &fresh;
    if (const auto stepped = rules_[i]->step(state->runs, step, row); !stepped) {
      rules_[i]->clear(state->runs);
      fail(rule, stepped.error());
      continue;
    }
    if (state == &fresh && !fresh.runs.is_idle()) record.obtain(rule) = std::move(fresh);
  }
  if (!key && !fresh_key_.rules.empty()) {
    key = keys_.obtain(event.key(), event.key_group);
    keys_.at(*key).rules = std::exchange(fresh_key_.rules, {});
    keys_.at(*key).next_ordinal = fresh_key_.next_ordinal;
  }
  if (key) tidy(*key);
  sweep();
  events_.references().release(ref);
  events_.collect();
}

void PatternOperator::fire(const Timer& timer) {
  KeyRecord& record = keys_.at(timer.key);
  if (record.generation != timer.generation) return;
  RuleState* state = record.find(timer.rule);
  if (state == nullptr || state->armed != timer.deadline) return;
  state->armed = EventTime::max();
  RunningRule& rule = *rules_[timer.rule.value()];
  if (const auto advanced = rule.advance(state->runs, timer.deadline); !advanced) {
    rule.clear(state->runs);
    fail(timer.rule, advanced.error());
  }
  tidy(timer.key);
  sweep();
  events_.collect();
}

// Sets the timer for the rule's next deadline unless an earlier one is set.
void PatternOperator::arm(KeyIndex key, RuleState& state) {
  const EventTime deadline = rules_[state.rule.value()]->next_deadline(state.runs);
  if (deadline >= state.armed) return;
  state.armed = deadline;
  const KeyRecord& record = keys_.at(key);
  timers_.push_back({deadline, hash_of(record.key), key, record.generation, state.rule});
  std::ranges::push_heap(timers_, kLaterTimer);
}

// A rule that stops itself lets go of everything under every key.
void PatternOperator::fail(RuleIndex rule, const Error& error) {
  RunningRule& running = *rules_[rule.value()];
  running.stop(error.to_string());
  for (const KeyIndex key : keys_.sorted()) {
    if (RuleState* state = keys_.at(key).find(rule)) running.clear(state->runs);
  }
  must_sweep_ = true;  // Not now: the caller is at work on one of the keys.
}

void PatternOperator::sweep() {
  if (!must_sweep_) return;
  must_sweep_ = false;
  for (const KeyIndex key : keys_.sorted()) tidy(key);
}

// Brings timers and records in line with what the key holds now.
void PatternOperator::tidy(KeyIndex key) {
  KeyRecord& record = keys_.at(key);
  record.drop_idle();
  for (RuleState& state : record.rules) arm(key, state);
  if (record.rules.empty()) keys_.erase(key);
}

}  // namespace lymer::cep
