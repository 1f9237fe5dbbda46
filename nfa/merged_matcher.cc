// One event over all bags, ends of windows, and which finished runs leave.
// Not here: reading runs out of bags (nfa/merged_paths.cc).
#include "nfa/merged_matcher.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "nfa/distance.h"
#include "nfa/engine_choice.h"
#include "nfa/first_event.h"

namespace lymer::nfa {
namespace {

// The dead are looked for once this many cells more than twice the kept ones were made.
constexpr std::uint32_t kCellsBetweenCuts = 32;
// Room for the starts whose windows end together, of which there are few as a rule.
constexpr std::size_t kExpiredAtOnce = 32;

}  // namespace

MergedMatcher::MergedMatcher(const Program& program, MergedBuffer& buffer, bool reports_timeouts,
                             Limits limits, RunValues* values)
    : program_(program),
      buffer_(buffer),
      reports_timeouts_(reports_timeouts),
      completes_at_deadline_(completes_at_deadline(program)),
      skips_(program.after_match.kind != SkipKind::kNone),
      limits_(limits),
      values_(values),
      classes_(program),
      reader_(buffer),
      slots_(program, values) {
  moving_.reserve(program.states.size());
  expired_.reserve(kExpiredAtOnce);
  if (values == nullptr) return;
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const StateIndex state(static_cast<std::uint16_t>(i));
    open_.push_back(asked_atoms(program, state) & values->atoms());
  }
}

ClassIndex MergedMatcher::classify(Conditions& conditions) {
  const std::uint64_t skipped = values_ == nullptr ? 0 : values_->atoms();
  std::uint64_t answers = 0;
  for (std::uint32_t atom = 0; atom < program_.atoms.size(); ++atom) {
    const std::uint64_t bit = std::uint64_t{1} << atom;
    if ((skipped & bit) == 0 && conditions.holds(AtomId(atom), kNoNode)) answers |= bit;
  }
  return classes_.class_of(answers);
}

// The class of the event for runs that stand in `state` with these values.
ClassIndex MergedMatcher::class_for(ClassIndex event_class, StateIndex state, ValuesId values) {
  if (values_ == nullptr) return event_class;
  std::uint64_t open = open_[state.value()];
  if (open == 0 || classes_.is_decided(event_class, state, open)) return event_class;
  std::uint64_t answers = classes_.answers_of(event_class) & ~open;
  for (; open != 0; open &= open - 1) {
    const AtomId atom(static_cast<std::uint32_t>(std::countr_zero(open)));
    if (values_->holds(atom, values)) answers |= open & -open;
  }
  return classes_.class_of(answers);
}

void MergedMatcher::give_up(const MergedState::Slot& slot) {
  buffer_.release(slot.bag);
  if (values_ != nullptr) values_->release(slot.values);
}

void MergedMatcher::apply(MergedState& state, const Operation& operation,
                          const MergedState::Slot& from, const StepEvent& event) {
  if (operation.kind == OperationKind::kFinish) {
    finished_ = buffer_.extend(from.bag, event.event, event.ordinal, operation.stage, finished_);
    return;
  }
  if (operation.kind == OperationKind::kSettle) {
    buffer_.retain(from.bag);
    finished_ = buffer_.unite(from.bag, finished_);
    return;
  }
  ValuesId values = kNoValues;
  if (operation.kind == OperationKind::kTake) {
    if (values_ != nullptr) {
      values = values_->take(from.values, operation.stage, event.event, operation.target);
    }
    ++cells_made_;
    BagId& target = slots_.bag_of(state.slots, operation.target, values);
    target = buffer_.extend(from.bag, event.event, event.ordinal, operation.stage, target);
  } else {
    if (values_ != nullptr) values = values_->move(from.values, operation.target);
    BagId& target = slots_.bag_of(state.slots, operation.target, values);
    if (target != kEmptyBag) ++cells_made_;
    buffer_.retain(from.bag);
    target = buffer_.unite(from.bag, target);
  }
}

void MergedMatcher::begin_runs(MergedState& state, ClassIndex event_class, const StepEvent& event) {
  const StateOperations& operations = classes_.operations_of(event_class, program_.start);
  if (operations.count == 0) return;
  bool goes_on = false;
  for (const Operation& each : classes_.list(operations)) {
    const bool finishes = each.kind == OperationKind::kFinish;
    const ValuesId values = finishes || values_ == nullptr
                                ? kNoValues
                                : values_->take(kNoValues, each.stage, event.event, each.target);
    BagId& target = finishes ? finished_ : slots_.bag_of(state.slots, each.target, values);
    ++cells_made_;
    target = buffer_.start(event.event, event.ordinal, each.stage, target);
    goes_on = goes_on || !finishes;
  }
  if (goes_on && program_.has_window()) state.starts.push_back({event.ordinal, event.time});
}

Result<void> MergedMatcher::step(MergedState& state, const StepEvent& event, Conditions& conditions,
                                 MatchSink& sink) {
  return step(state, event, classify(conditions), sink);
}

Result<void> MergedMatcher::step(MergedState& state, const StepEvent& event, ClassIndex event_class,
                                 MatchSink& sink) {
  if (has_expired(state, event.time)) LYMER_RETURN_IF_ERROR(advance(state, event.time, sink));
  if (state.is_idle()) {
    state.floor = state.skip_floor = event.ordinal - 1;
    state.starts.clear();
    state.first_start = 0;
  }
  take_out_moving(state, event_class);
  const ClassIndex start_class = class_for(event_class, program_.start, kNoValues);
  bool begins = classes_.operations_of(start_class, program_.start).count > 0;
  const bool may_refuse = limits_.act == LimitAct::kRefuse && limits_.partial_matches > 0;
  if (begins &&
      (!event.may_begin || (may_refuse && has_more_than(state, limits_.partial_matches - 1)))) {
    begins = false;
    sink.on_limit(LimitLoss::kRefusedStart, 1);
  }
  if (moving_.empty() && !begins) return {};  // By far the most common.
  const Ordinal floor = state.floor;
  cells_made_ = 0;
  slots_.begin(state.slots);
  for (const auto& [slot, class_of_slot] : moving_) {
    const StateOperations& operations = classes_.operations_of(class_of_slot, slot.state);
    for (const Operation& each : classes_.list(operations)) apply(state, each, slot, event);
    give_up(slot);
  }
  if (begins) begin_runs(state, start_class, event);
  slots_.end(state.slots);
  state.cells_made += cells_made_;
  if (finished_ != kEmptyBag) LYMER_RETURN_IF_ERROR(finish(state, sink));
  if (!state.waiting.empty()) LYMER_RETURN_IF_ERROR(drain(state, sink));
  if (floor != state.floor) drop_dead(state);
  settle(state);
  if (limits_.partial_matches == 0) return {};
  return keep_to_limit(state, sink);
}

// Leaves in the state the bags that the class does not touch; the others go to moving_.
void MergedMatcher::take_out_moving(MergedState& state, ClassIndex event_class) {
  moving_.clear();
  std::size_t kept = 0;
  for (const MergedState::Slot& slot : state.slots) {
    const ClassIndex class_of_slot = class_for(event_class, slot.state, slot.values);
    if (classes_.operations_of(class_of_slot, slot.state).keeps_all) {
      state.slots[kept++] = slot;
    } else {
      moving_.push_back({slot, class_of_slot});
    }
  }
  state.slots.resize(kept);
}

bool MergedMatcher::has_expired(const MergedState& state, EventTime now) const {
  return state.first_start < state.starts.size() &&
         distance(state.starts[state.first_start].time, now) >= program_.window;
}

// What has just finished leaves at once, or waits for its turn.
Result<void> MergedMatcher::finish(MergedState& state, MatchSink& sink) {
  const BagId finished = std::exchange(finished_, kEmptyBag);
  if (skips_) {
    state.waiting.push_back({finished, state.floor});
    return {};
  }
  paths_.clear(most_paths());
  reader_.read_all(finished, state.floor, buffer_.at(finished).max_start, paths_);
  buffer_.release(finished);
  paths_.sort();
  return deliver_paths(paths_, sink, false);
}

// Tells whether a run is alive that began before `start` and so may give the match that comes
// first.
bool MergedMatcher::is_blocked(const MergedState& state, Ordinal start) {
  return std::ranges::any_of(state.slots, [&](const MergedState::Slot& slot) {
    const auto earliest = reader_.earliest_start(slot.bag, state.floor);
    return earliest && ordinal_less(*earliest, start);
  });
}

// Lets matches go, the first one first, until one has to wait; each ends the runs and the waiting
// matches that the skip strategy passes. All that began with the same event are among them.
Result<void> MergedMatcher::drain(MergedState& state, MatchSink& sink) {
  paths_.clear(most_paths());
  while (!state.waiting.empty()) {
    candidates_.clear();
    for (MergedState::Waiting& each : state.waiting) {
      if (ordinal_less(each.floor, state.skip_floor)) each.floor = state.skip_floor;
      if (const auto path = reader_.read_first(each.bag, each.floor)) candidates_.add(*path);
    }
    if (candidates_.empty()) {
      for (const MergedState::Waiting& each : state.waiting) buffer_.release(each.bag);
      state.waiting.clear();
      break;
    }
    candidates_.sort();
    const std::span<const PathEntry> match = candidates_[0];
    if (is_blocked(state, match.front().ordinal)) break;
    paths_.add(match);
    const bool past_last = program_.after_match.kind == SkipKind::kPastLast;
    const Ordinal bound = past_last ? match.back().ordinal : match.front().ordinal;
    if (ordinal_less(state.skip_floor, bound)) state.skip_floor = bound;
    if (ordinal_less(state.floor, bound)) state.floor = bound;
  }
  return deliver_paths(paths_, sink, false);
}

Result<void> MergedMatcher::advance(MergedState& state, EventTime now, MatchSink& sink) {
  if (state.is_idle() || !program_.has_window()) return {};
  Ordinal floor = state.floor;
  expired_.clear();
  while (state.first_start < state.starts.size()) {
    const MergedState::Start& oldest = state.starts[state.first_start];
    if (distance(oldest.time, now) < program_.window) break;
    if (ordinal_less(floor, oldest.ordinal)) floor = oldest.ordinal;
    expired_.push_back(oldest);
    ++state.first_start;
  }
  if (floor == state.floor) return {};
  LYMER_RETURN_IF_ERROR(expire(state, floor, sink));
  drop_dead(state);
  settle(state);
  return {};
}

// Ends the runs that began at or before `floor`: matches where they wait for nothing but that.
Result<void> MergedMatcher::expire(MergedState& state, Ordinal floor, MatchSink& sink) {
  paths_.clear(most_paths());
  timed_out_.clear(most_paths());
  for (const MergedState::Slot& slot : state.slots) {
    const State& at = program_.state(slot.state);
    const bool completes = at.kind == StateKind::kPending || at.accepts_at_deadline;
    if (completes) {
      reader_.read_all(slot.bag, state.floor, floor, paths_);
    } else if (reports_timeouts_) {
      reader_.read_all(slot.bag, state.floor, floor, timed_out_);
    }
  }
  state.floor = floor;
  paths_.sort();
  LYMER_RETURN_IF_ERROR(deliver_paths(paths_, sink, false));
  if (!state.waiting.empty()) LYMER_RETURN_IF_ERROR(drain(state, sink));
  timed_out_.sort();
  return deliver_paths(timed_out_, sink, true);
}

// Of a run that has just expired.
EventTime MergedMatcher::deadline_of(std::span<const PathEntry> path) const {
  const auto start = std::ranges::lower_bound(expired_, path.front().ordinal, ordinal_less,
                                              &MergedState::Start::ordinal);
  // Never missing, unless the bytes of a snapshot are not what was written.
  return (start == expired_.end() ? expired_.back() : *start).time + program_.window;
}

// Hands on what was read; more than the limit was not.
Result<void> MergedMatcher::deliver_paths(const PathList& paths, MatchSink& sink, bool timed_out) {
  if (paths.is_cut()) {
    sink.on_limit(LimitLoss::kCutResults, 1);
    if (limits_.act == LimitAct::kFail) return too_many_results(limits_);
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (timed_out) {
      sink.on_timeout(paths[i], deadline_of(paths[i]));
    } else {
      sink.on_match(paths[i]);
    }
  }
  return {};
}

void MergedMatcher::drop_dead(MergedState& state) {
  std::erase_if(state.slots, [&](const MergedState::Slot& slot) {
    if (buffer_.is_live(slot.bag, state.floor)) return false;
    give_up(slot);
    return true;
  });
}

void MergedMatcher::settle_idle(MergedState& state) {
  state.starts.clear();
  state.first_start = 0;
  state.cells_made = state.cells_kept = 0;
}

void MergedMatcher::settle(MergedState& state) {
  if (state.is_idle()) {
    settle_idle(state);
    return;
  }
  if (state.cells_made > 2 * state.cells_kept + kCellsBetweenCuts) cut_dead(state);
}

// Frees what only dead runs need: a bag that is live as a whole may hold many that are not. Costs
// as much as there are cells left, and comes once that many were made.
void MergedMatcher::cut_dead(MergedState& state) {
  marks_.begin(buffer_.capacity());
  to_visit_.clear();
  for (const MergedState::Slot& slot : state.slots) to_visit_.push_back(slot.bag);
  state.cells_kept = 0;
  while (!to_visit_.empty()) {
    const BagId bag = to_visit_.back();
    to_visit_.pop_back();
    if (marks_.has(bag)) continue;
    marks_.set(bag);
    const Cell& cell = buffer_.at(bag);
    if (cell.has_event) ++state.cells_kept;
    if (buffer_.is_live(cell.previous, state.floor)) to_visit_.push_back(cell.previous);
    if (buffer_.is_live(cell.next, state.floor)) {
      to_visit_.push_back(cell.next);
    } else if (cell.next != kEmptyBag && state.waiting.empty()) {
      buffer_.cut_next(bag);
    }
  }
  state.cells_made = 0;
  // The window's starts that have ended.
  const auto gone = static_cast<std::ptrdiff_t>(state.first_start);
  state.starts.erase(state.starts.begin(), state.starts.begin() + gone);
  state.first_start = 0;
}

void MergedMatcher::clear(MergedState& state) {
  for (const MergedState::Slot& slot : state.slots) give_up(slot);
  for (const MergedState::Waiting& each : state.waiting) buffer_.release(each.bag);
  state = {};
}

// All runs of a slot that are alive carry the same, so one of them tells.
void MergedMatcher::find_values(MergedState& state) {
  if (values_ == nullptr) return;
  for (MergedState::Slot& slot : state.slots) {
    slot.values = values_->move(kNoValues, slot.state);
    const auto path = reader_.read_first(slot.bag, state.floor);
    if (!path) continue;
    for (const PathEntry& each : *path) {
      const ValuesId before = slot.values;
      slot.values = values_->take(before, each.stage, each.event, slot.state);
      values_->release(before);
    }
  }
}

EventTime MergedMatcher::next_deadline(const MergedState& state) const {
  if (state.first_start == state.starts.size()) return EventTime::max();
  // A match that waits may be let go by the end of any run.
  const bool is_exact = reports_timeouts_ || completes_at_deadline_ || !state.waiting.empty();
  const MergedState::Start& start =
      is_exact ? state.starts[state.first_start] : state.starts.back();
  return start.time + program_.window;
}

std::optional<FoldedState> MergedMatcher::fold(MergedState& state) const {
  if (state.slots.size() != 1 || !state.waiting.empty()) return std::nullopt;
  if (values_ != nullptr) return std::nullopt;  // They would have to be found out each time.
  const MergedState::Slot slot = state.slots.front();
  const Cell& cell = buffer_.at(slot.bag);
  const std::uint32_t cells = state.cells_made + state.cells_kept;
  // More would be looked through at every event for those that can be cut off.
  if (cells > kCellsBetweenCuts / 2) return std::nullopt;
  FoldedState folded{.bag = slot.bag, .state = slot.state, .start = {}, .cells = cells};
  if (program_.has_window()) {
    const std::span starts = std::span(state.starts).subspan(state.first_start);
    if (starts.empty() || starts.back().ordinal != cell.max_start) return std::nullopt;
    if (starts.size() > 1 && ordinal_less(state.floor, starts[starts.size() - 2].ordinal)) {
      return std::nullopt;
    }
    folded.start = starts.back().time;
  } else if (!cell.is_start() || cell.next != kEmptyBag) {
    return std::nullopt;  // Where there is no window nobody knows how many events began runs.
  }
  state.slots.clear();
  settle_idle(state);
  return folded;
}

void MergedMatcher::unfold(const FoldedState& folded, MergedState& state) const {
  const Ordinal start = buffer_.at(folded.bag).max_start;
  state.slots.push_back({folded.state, folded.bag, kNoValues});
  if (program_.has_window()) state.starts.push_back({start, folded.start});
  state.floor = state.skip_floor = start - 1;  // What began before is dead.
  state.cells_made = folded.cells;
}

}  // namespace lymer::nfa
