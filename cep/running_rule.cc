// The bridge between the matcher's nodes and result rows.
// Not here: which key and which event (cep/pattern_operator.cc).
#include "cep/running_rule.h"

#include <span>

#include "cep/result.h"
#include "runtime/base/hash.h"

namespace lymer::cep {
namespace {

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
      matcher_(rule_.pattern.program, owner.buffer_),
      match_row_(schema_of(rule_.on_match.get())),
      timeout_row_(schema_of(rule_.on_timeout.get())) {}

Result<void> PatternOperator::RunningRule::step(nfa::RunState& runs, const nfa::StepEvent& event,
                                                const runtime::RowView& row) {
  begin_step(event.time);
  conditions_.set_event(row, owner_.events_.get(event.event));
  return matcher_.step(runs, event, conditions_, *this);
}

Result<void> PatternOperator::RunningRule::advance(nfa::RunState& runs, EventTime now) {
  begin_step(now);
  return matcher_.advance(runs, now, *this);
}

RuleCounters PatternOperator::RunningRule::counters() const {
  RuleCounters counters = counters_;
  counters.condition_errors = conditions_.errors();
  return counters;
}

Match PatternOperator::RunningRule::match_at(nfa::NodeId path) {
  // Node ids are used again, so what was read for an equal id may be another path's.
  owner_.history_.set_path(path);
  owner_.history_.invalidate();
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

void PatternOperator::RunningRule::on_match(nfa::NodeId path) {
  ++counters_.matches;
  if (rule_.on_match == nullptr) return;
  Match match = match_at(path);
  match.ordinal = ordinal_of(match);
  select(*rule_.on_match, match, match_row_, owner_.matches_);
}

void PatternOperator::RunningRule::on_timeout(nfa::NodeId path, EventTime deadline) {
  ++counters_.timeouts;
  if (rule_.on_timeout == nullptr) return;
  Match match = match_at(path);
  match.time = deadline;
  match.deadline = deadline;
  // Two runs may wait for different things with equal events.
  match.ordinal = ordinal_of(match);
  select(*rule_.on_timeout, match, timeout_row_, owner_.timeouts_);
}

}  // namespace lymer::cep
