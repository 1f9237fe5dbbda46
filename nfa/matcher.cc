// One event over all runs, and the end of windows. The order in which runs are visited, results are
// kept and matches are let go is observable; each loop below keeps Flink's.
// Not here: pruning after a match (nfa/after_match.cc).
#include "nfa/matcher.h"

#include <algorithm>
#include <utility>

#include "nfa/distance.h"
#include "nfa/priority_array.h"
#include "nfa/tie_order.h"
#include "runtime/base/check.h"

namespace lymer::nfa {

Matcher::Matcher(const Program& program, SharedBuffer& buffer, Limits limits, StateMemory* memory)
    : program_(program),
      buffer_(buffer),
      limits_(limits),
      has_gap_windows_(std::ranges::any_of(
          program.states, [](const State& state) { return state.gap_window > Duration{}; })),
      results_(StateAllocator<Run>(memory)),
      next_(StateAllocator<Run>(memory)),
      potential_(StateAllocator<Run>(memory)),
      matches_(StateAllocator<NodeId>(memory)),
      timed_out_(StateAllocator<Run>(memory)) {}

void Matcher::trim() {
  for (Runs* runs : {&results_, &next_, &potential_, &timed_out_}) {
    Runs(runs->get_allocator()).swap(*runs);
  }
  StateVector<NodeId>(matches_.get_allocator()).swap(matches_);
}

bool Matcher::holds(GuardId guard, const Run& run, Conditions& conditions) const {
  const Guard& node = program_.guards[guard.value()];
  switch (node.kind) {
    case GuardKind::kTrue:
      return true;
    case GuardKind::kAtom:
      return conditions.holds(AtomId(node.left), run.node);
    case GuardKind::kNot:
      return !holds(GuardId(node.left), run, conditions);
    case GuardKind::kAnd:
      return holds(GuardId(node.left), run, conditions) &&
             holds(GuardId(node.right), run, conditions);
    case GuardKind::kOr:
      return holds(GuardId(node.left), run, conditions) ||
             holds(GuardId(node.right), run, conditions);
    case GuardKind::kGap:
      return run.is_start() || distance(run.last_time, step_time_) < node.gap();
  }
  return false;
}

// Counts a state walked through; true once a run goes round in a circle. Without a cycle a walk
// ends, however many ways there are.
bool Matcher::is_endless_walk() {
  constexpr std::size_t kMost = 100'000;
  return program_.has_cycle && ++walked_ > kMost;
}

// Follows PROCEED edges from the run's state, depth first, and collects the TAKE and IGNORE edges
// whose guards hold: own edges first, then those of the state pushed last.
void Matcher::choose_edges(const Run& run, Conditions& conditions) {
  choices_.clear();
  to_visit_.assign(1, run.state);
  while (!to_visit_.empty()) {
    const StateIndex current = to_visit_.back();
    to_visit_.pop_back();
    if (is_endless_walk()) return;
    for (const Edge& edge : program_.edges_of(current)) {
      if (!holds(edge.guard, run, conditions)) continue;
      if (edge.action == EdgeAction::kProceed) {
        to_visit_.push_back(edge.target);
      } else {
        choices_.push_back({&edge, current});
      }
    }
  }
}

bool Matcher::proceeds_to_final(StateIndex from, const Run& run, Conditions& conditions) {
  to_visit_for_final_.assign(1, from);
  while (!to_visit_for_final_.empty()) {
    const StateIndex current = to_visit_for_final_.back();
    to_visit_for_final_.pop_back();
    if (is_endless_walk()) return false;
    for (const Edge& edge : program_.edges_of(current)) {
      if (edge.action != EdgeAction::kProceed || !holds(edge.guard, run, conditions)) continue;
      if (program_.state(edge.target).kind == StateKind::kFinal) return true;
      to_visit_for_final_.push_back(edge.target);
    }
  }
  return false;
}

// Adds the run that took the event, and a finished one where nothing more is needed.
void Matcher::take(const Run& run, const Choice& choice, const StepEvent& event,
                   Conditions& conditions) {
  Run taken = run;
  taken.node =
      buffer_.extend(run.node, program_.state(choice.source).stage, event.event, event.ordinal);
  taken.state = choice.edge->target;
  taken.last_time = event.time;
  if (run.is_start()) {
    taken.start = event.ordinal;
    taken.start_time = event.time;
  }
  results_.push_back(taken);
  if (program_.state(taken.state).kind == StateKind::kFinal) return;
  // Conditions see the run before this event, here as everywhere.
  if (!proceeds_to_final(taken.state, run, conditions)) return;
  buffer_.retain(taken.node);
  taken.state = program_.final;
  results_.push_back(taken);
}

// Sorts what one run became into finished, dropped and kept. Reaching a stop state drops what is
// kept of this run, but not what it has just finished.
void Matcher::settle(const Run& run) {
  bool stopped = false;
  for (const Run& result : results_) {
    stopped = stopped || program_.state(result.state).kind == StateKind::kStop;
  }
  for (const Run& result : results_) {
    const StateKind kind = program_.state(result.state).kind;
    if (kind == StateKind::kFinal) {
      priority_offer(potential_, result, EarlierStart{});
    } else if (stopped && !result.is_start()) {
      buffer_.release(result.node);
    } else if (kind != StateKind::kStop) {
      priority_offer(next_, result, EarlierStart{});
    }
  }
  if (!run.is_start()) buffer_.release(run.node);
}

void Matcher::step_run(const Run& run, const StepEvent& event, Conditions& conditions) {
  choose_edges(run, conditions);
  // By far the most common outcome: the event is passed over where the run stands. The run is kept
  // as it is, without touching what it holds.
  if (choices_.size() == 1 && choices_.front().edge->action == EdgeAction::kIgnore &&
      choices_.front().edge->target == run.state && !run.is_start()) {
    priority_offer(next_, run, EarlierStart{});
    return;
  }
  results_.clear();
  for (const Choice& choice : choices_) {
    if (choice.edge->action == EdgeAction::kTake) {
      take(run, choice, event, conditions);
    } else if (!run.is_start()) {  // A run never begins by passing an event over.
      buffer_.retain(run.node);
      results_.push_back(run);
      results_.back().state = choice.edge->target;
    }
  }
  if (run.is_start()) results_.push_back(run);
  settle(run);
}

Result<void> Matcher::step(RunState& state, const StepEvent& event, Conditions& conditions,
                           MatchSink& sink) {
  if (state.partial.empty()) {
    state.partial.emplace_back();
    state.partial.back().state = program_.start;
  }
  next_.clear();
  step_time_ = event.time;
  walked_ = 0;
  const bool is_full =
      !event.may_begin || (limits_.act == LimitAct::kRefuse && limits_.partial_matches > 0 &&
                           state.live_runs() >= limits_.partial_matches);
  for (const Run& run : state.partial) {
    if (is_full && run.is_start() && refuses(run, conditions, sink)) continue;
    step_run(run, event, conditions);
  }
  state.partial.swap(next_);
  if (is_endless_walk()) {
    for (const Run& run : potential_) buffer_.release(run.node);
    potential_.clear();
    return Error{ErrorCode::kRuleFailed,
                 "a group whose stages can all be left out repeats for ever"};
  }
  LYMER_RETURN_IF_ERROR(emit(state, sink));
  if (limits_.partial_matches == 0 || state.live_runs() <= limits_.partial_matches) return {};
  return keep_to_limit(state, sink);
}

Matcher::Deadline Matcher::deadline_of(const Run& run, EventTime now) const {
  const State& at = program_.state(run.state);
  if (run.is_start() || at.kind == StateKind::kStart) return {};
  if (at.gap_window > Duration{} && distance(run.last_time, now) >= at.gap_window) {
    return {true, run.last_time + at.gap_window};
  }
  if (program_.has_window() && distance(run.start_time, now) >= program_.window) {
    return {true, run.start_time + program_.window};
  }
  return {};
}

Result<void> Matcher::advance(RunState& state, EventTime now, MatchSink& sink) {
  if (state.is_idle()) return {};
  next_.clear();
  for (const Run& run : state.partial) {
    const Deadline deadline = deadline_of(run, now);
    if (!deadline.passed) {
      priority_offer(next_, run, EarlierStart{});
      continue;
    }
    const State& at = program_.state(run.state);
    if (at.kind == StateKind::kPending || at.accepts_at_deadline) {
      priority_offer(potential_, run, EarlierStart{});
    } else {
      timed_out_.push_back(run);
    }
  }
  state.partial.swap(next_);
  Result<void> emitted = emit(state, sink);
  if (program_.ties == TieOrder::kCanonical) sort_timed_out(now);
  std::size_t reported = 0;
  for (const Run& ended : timed_out_) {
    const auto deliver = emitted ? may_deliver(reported++, sink) : false;
    if (!deliver) emitted = deliver.error();
    if (deliver && *deliver) {
      buffer_.read_path(ended.node, path_);
      sink.on_timeout(path_, deadline_of(ended, now).at);
    }
    buffer_.release(ended.node);
  }
  timed_out_.clear();
  return emitted;
}

// By deadline, as if time had been advanced to each of them.
void Matcher::sort_timed_out(EventTime now) {
  sort_canonically(timed_out_, buffer_);
  if (!has_gap_windows_) return;  // Then deadlines come in the order of starts.
  std::ranges::stable_sort(timed_out_, {},
                           [&](const Run& run) { return deadline_of(run, now).at; });
}

void Matcher::clear(RunState& state) {
  for (Runs* runs : {&state.partial, &state.completed}) {
    for (const Run& run : *runs) {
      if (!run.is_start()) buffer_.release(run.node);
    }
    runs->clear();
  }
}

EventTime Matcher::next_deadline(const RunState& state) const {
  if (state.partial.empty() || state.partial.front().is_start()) return EventTime::max();
  // Runs begin in the order of time, so the heap's top has the earliest end of the whole window.
  EventTime earliest = EventTime::max();
  if (program_.has_window()) earliest = state.partial.front().start_time + program_.window;
  if (!has_gap_windows_) return earliest;
  for (const Run& run : state.partial) {
    const Duration gap = program_.state(run.state).gap_window;
    if (!run.is_start() && gap > Duration{}) earliest = std::min(earliest, run.last_time + gap);
  }
  return earliest;
}

}  // namespace lymer::nfa
