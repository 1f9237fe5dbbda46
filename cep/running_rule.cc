// The bridge between the matcher's nodes and result rows.
// Not here: which key and which event (cep/pattern_operator.cc).
#include "cep/running_rule.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "cep/kept_values.h"
#include "cep/result.h"

namespace lymer::cep {
namespace {

// So many wide states are kept for later when none is in use; more would keep memory of a peak.
constexpr std::size_t kKeptStates = 1024;

nfa::FoldedState folded_of(const RuleState& state) {
  return {.bag = nfa::BagId(state.place),
          .state = state.state,
          .start = state.time,
          .cells = state.cells};
}

runtime::SchemaRef schema_of(const MatchFunction* function) {
  return function == nullptr ? result_schema() : function->schema();
}

// Conditions with a life cycle are the rule's own.
PatternRule with_own_conditions(PatternRule rule) {
  for (ConditionRef& atom : rule.pattern.atoms) {
    if (ConditionRef own = atom->make_own()) atom = std::move(own);
  }
  return rule;
}

}  // namespace

PatternOperator::RunningRule::RunningRule(PatternRule rule, PatternOperator& owner)
    : rule_(with_own_conditions(std::move(rule))),
      window_(rule_.pattern.program.has_window() ? rule_.pattern.program.window : Duration{}),
      tells_timeouts_(rule_.counts_timeouts || rule_.on_timeout != nullptr),
      has_limits_(rule_.limits.partial_matches > 0 || rule_.limits.results_per_event > 0),
      owner_(owner),
      conditions_(rule_.pattern.atoms, owner.history_, rule_.pattern.program.stages),
      values_(make_values()),
      engine_(rule_.pattern.program, engine_choice(rule_.pattern), owner.buffers_, tells_timeouts_,
              rule_.limits, values_.get()),
      unfolded_(engine_.idle_state()),
      match_context_(schema_of(rule_.on_match.get()), owner.matches_, owner.sides_,
                     owner.watermark_),
      timeout_context_(schema_of(rule_.on_timeout.get()), owner.timeouts_, owner.sides_,
                       owner.watermark_) {}

std::unique_ptr<ValueGroups> PatternOperator::RunningRule::make_values() {
  const bool is_merged = engine_choice(rule_.pattern).engine == nfa::Engine::kMerged;
  if (!is_merged || std::ranges::none_of(atoms(), &Condition::reads_histories)) return nullptr;
  return std::make_unique<ValueGroups>(rule_.pattern, conditions_, owner_.events_, owner_.schemas_);
}

Result<void> PatternOperator::RunningRule::open(const runtime::OperatorContext& context) {
  conditions_.set_clock(context.clock);
  match_context_.set_clock(context.clock);
  timeout_context_.set_clock(context.clock);
  const RuleRuntime runtime{rule_.id, context.uid, context.clock};
  Result<void> opened;
  const auto open_one = [&](auto& one) {
    if (!opened) return;
    opened = call_guarded([&] { return one.open(runtime); });
    if (opened) to_close_.emplace_back([&one] { return one.close(); });
  };
  for (const ConditionRef& atom : rule_.pattern.atoms) open_one(*atom);
  if (rule_.on_match != nullptr) open_one(*rule_.on_match);
  if (rule_.on_timeout != nullptr) open_one(*rule_.on_timeout);
  if (!opened) (void)close();
  return opened;
}

Result<void> PatternOperator::RunningRule::close() {
  Result<void> first;
  for (const auto& close_one : std::exchange(to_close_, {})) {
    if (auto closed = call_guarded(close_one); !closed && first) first = std::move(closed);
  }
  return first;
}

Error PatternOperator::RunningRule::trouble() const {
  if (error_) return error_->within("what is made of its matches");
  return Error{ErrorCode::kRuleFailed, "a condition: " + conditions_.exception()};
}

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
  if (values_ != nullptr) {
    const runtime::RowView row = owner_.history_.row_of(event.event);
    conditions_.set_event(row, owner_.events_.get(event.event));
    values_->set_event(row);
  }
  return engine_.step(runs, event, event_class, *this);
}

nfa::EngineState& PatternOperator::RunningRule::unfold(const RuleState& state) {
  if (state.kind == RuleState::Kind::kWide) {
    at_work_ = &wide_[state.place];
  } else {
    at_work_ = &unfolded_;
    if (!state.is_idle()) engine_.unfold(folded_of(state), *at_work_);
  }
  return *at_work_;
}

EventTime PatternOperator::RunningRule::fold(RuleState& state, EventTime armed) {
  nfa::EngineState& runs = *at_work_;
  const bool was_wide = state.kind == RuleState::Kind::kWide;
  const bool is_held = !nfa::is_idle(runs);
  const auto folded = is_held ? engine_.fold(runs) : std::nullopt;
  if (is_held && !folded) {
    if (!was_wide) keep_apart(state);
    const EventTime deadline = engine_.next_deadline(wide_[state.place]);
    state.time = std::min(armed, deadline);
    return deadline < armed ? deadline : EventTime::max();
  }
  if (was_wide) let_go(state.place);
  state = RuleState::of(state.rule);
  if (!folded) return EventTime::max();
  state.kind = RuleState::Kind::kFolded;
  state.place = folded->bag.value();
  state.state = folded->state;
  state.time = folded->start;
  state.cells = folded->cells;
  const EventTime deadline = engine_.merged().next_deadline(*folded);
  return deadline == armed ? EventTime::max() : deadline;
}

// What was unfolded has become too much for the key's record.
void PatternOperator::RunningRule::keep_apart(RuleState& state) {
  if (free_.empty()) {
    state.place = static_cast<std::uint32_t>(wide_.size());
    wide_.push_back(engine_.idle_state());
    free_.reserve(wide_.capacity());
  } else {
    state.place = free_.back();
    free_.pop_back();
  }
  state.kind = RuleState::Kind::kWide;
  std::swap(wide_[state.place], unfolded_);
}

void PatternOperator::RunningRule::let_go(std::uint32_t place) {
  wide_[place] = engine_.idle_state();  // Its memory is for whoever needs some next.
  free_.push_back(place);
  if (free_.size() < wide_.size() || wide_.size() <= kKeptStates) return;
  decltype(wide_)().swap(wide_);
  decltype(free_)().swap(free_);
}

EventTime PatternOperator::RunningRule::restore(RuleState& state, nfa::EngineState runs) {
  unfold(state) = std::move(runs);
  return fold(state, EventTime::max());
}

void PatternOperator::RunningRule::write(ByteWriter& writer, const RuleState& state,
                                         const nfa::EventNumber& number_of) const {
  if (state.kind == RuleState::Kind::kWide) {
    engine_.write(writer, wide_[state.place], number_of);
    return;
  }
  nfa::EngineState runs = engine_.idle_state();
  if (!state.is_idle()) engine_.unfold(folded_of(state), runs);
  engine_.write(writer, runs, number_of);
}

Result<void> PatternOperator::RunningRule::advance(nfa::EngineState& runs, EventTime now) {
  begin_step(now);
  return engine_.advance(runs, now, *this);
}

RuleCounters PatternOperator::RunningRule::counters() const {
  RuleCounters counters = counters_;
  counters.condition_errors += conditions_.errors();
  if (values_ != nullptr) counters.condition_errors += values_->errors();
  for (const MatchFunction* each : {rule_.on_match.get(), rule_.on_timeout.get()}) {
    if (each != nullptr) counters.condition_errors += each->errors();
  }
  return counters;
}

Match PatternOperator::RunningRule::match_of(std::span<const nfa::PathEntry> path) {
  owner_.history_.set_events(path);
  return Match{.rule = rule_.id,
               .program = rule_.pattern.program,
               .history = owner_.history_,
               .store = owner_.events_,
               .keys = owner_.event_keys_,
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

// Once something has gone wrong the rule's further matches are of no use.
void PatternOperator::RunningRule::process(MatchFunction& function, const Match& match,
                                           MatchContext& context) {
  if (error_) return;
  context.begin(match);
  const Result<void> done = call_guarded([&] { return function.process(match, context); });
  if (!done) error_ = done.error();
}

void PatternOperator::RunningRule::on_match(std::span<const nfa::PathEntry> path) {
  ++counters_.matches;
  if (rule_.on_match == nullptr) return;
  Match match = match_of(path);
  match.ordinal = ordinal_of(match);
  process(*rule_.on_match, match, match_context_);
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
  process(*rule_.on_timeout, match, timeout_context_);
}

}  // namespace lymer::cep
