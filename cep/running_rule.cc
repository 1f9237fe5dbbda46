// The bridge between the matcher's nodes and result rows.
// Not here: which key and which event (cep/pattern_operator.cc).
#include "cep/running_rule.h"

#include <span>

#include "cep/result.h"
#include "runtime/base/hash.h"

namespace lymer::cep {
namespace {

// Enough for keys that come and go; more would keep memory of a peak.
constexpr std::size_t kSpareStates = 64;

// A result is an event of its own; its id must not depend on when or where it was made.
runtime::EventId derived_id(const Match& match) {
  const std::string id = match_id(match);
  return {runtime::SplitId(0), hash64(std::as_bytes(std::span(id.data(), id.size())))};
}

runtime::SchemaRef schema_of(const MatchSelector* selector) {
  return selector == nullptr ? result_schema() : selector->schema();
}

}  // namespace

PatternOperator::RunningRule::RunningRule(PatternRule rule, PatternOperator& owner)
    : rule_(std::move(rule)),
      owner_(owner),
      conditions_(rule_.pattern.atoms, owner.history_),
      engine_(rule_.pattern.program, engine_choice(rule_.pattern), owner.buffers_,
              rule_.counts_timeouts || rule_.on_timeout != nullptr, rule_.limits),
      match_row_(schema_of(rule_.on_match.get())),
      timeout_row_(schema_of(rule_.on_timeout.get())) {}

Result<void> PatternOperator::RunningRule::step(nfa::EngineState& runs, const nfa::StepEvent& event,
                                                const runtime::RowView& row, std::uint64_t known,
                                                std::uint64_t answers) {
  begin_step(event.time);
  conditions_.set_event(row, owner_.events_.get(event.event));
  conditions_.know(known, answers);
  return engine_.step(runs, event, conditions_, *this);
}

Result<void> PatternOperator::RunningRule::step(nfa::EngineState& runs, const nfa::StepEvent& event,
                                                nfa::ClassIndex event_class) {
  begin_step(event.time);
  return engine_.step(runs, event, event_class, *this);
}

void PatternOperator::RunningRule::take_state(nfa::EngineState& runs) {
  if (spare_states_.empty()) {
    runs = engine_.idle_state();
    return;
  }
  runs = std::move(spare_states_.back());
  spare_states_.pop_back();
}

void PatternOperator::RunningRule::give_back(nfa::EngineState& runs) {
  if (spare_states_.size() < kSpareStates) spare_states_.push_back(std::move(runs));
}

Result<void> PatternOperator::RunningRule::advance(nfa::EngineState& runs, EventTime now) {
  begin_step(now);
  return engine_.advance(runs, now, *this);
}

RuleCounters PatternOperator::RunningRule::counters() const {
  RuleCounters counters = counters_;
  counters.condition_errors = conditions_.errors();
  return counters;
}

Match PatternOperator::RunningRule::match_of(std::span<const nfa::PathEntry> path) {
  owner_.history_.set_events(path);
  return Match{.rule = rule_.id,
               .program = rule_.pattern.program,
               .history = owner_.history_,
               .events = owner_.events_,
               .time = now_,
               .deadline = {},
               .ordinal = 0};
}

// By id, not by comparison: one step may give very many matches.
std::uint32_t PatternOperator::RunningRule::ordinal_of(const Match& match) {
  return step_ids_[match_id(match)]++;
}

void PatternOperator::RunningRule::begin_step(EventTime now) {
  now_ = now;
  if (!step_ids_.empty()) step_ids_ = {};  // clear() would keep the room of the largest step.
}

void PatternOperator::RunningRule::select(MatchSelector& selector, const Match& match,
                                          runtime::RowBuilder& row, runtime::EventBatch& batch) {
  row.reset();
  selector.select(match, row);
  runtime::EventHeader header;
  header.time = match.time;
  header.id = derived_id(match);
  batch.append(header, row.bytes(), {});
}

void PatternOperator::RunningRule::on_match(std::span<const nfa::PathEntry> path) {
  ++counters_.matches;
  if (rule_.on_match == nullptr) return;
  Match match = match_of(path);
  match.ordinal = ordinal_of(match);
  select(*rule_.on_match, match, match_row_, owner_.matches_);
}

void PatternOperator::RunningRule::on_limit(nfa::LimitLoss loss, std::uint64_t count) {
  switch (loss) {
    case nfa::LimitLoss::kRefusedStart:
      counters_.refused_starts += count;
      return;
    case nfa::LimitLoss::kDroppedStart:
      counters_.dropped_starts += count;
      return;
    case nfa::LimitLoss::kCutResults:
      counters_.cut_results += count;
      return;
  }
}

void PatternOperator::RunningRule::on_timeout(std::span<const nfa::PathEntry> path,
                                              EventTime deadline) {
  ++counters_.timeouts;
  if (rule_.on_timeout == nullptr) return;
  Match match = match_of(path);
  match.time = deadline;
  match.deadline = deadline;
  // Two runs may wait for different things with equal events.
  match.ordinal = ordinal_of(match);
  select(*rule_.on_timeout, match, timeout_row_, owner_.timeouts_);
}

}  // namespace lymer::cep
