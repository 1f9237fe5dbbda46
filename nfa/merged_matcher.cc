// One event over all bags, ends of windows, and which finished runs leave.
// Not here: reading runs out of bags (nfa/merged_paths.cc).
#include "nfa/merged_matcher.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <ranges>
#include <utility>

#include "nfa/distance.h"
#include "nfa/engine_choice.h"
#include "nfa/first_event.h"

namespace lymer::nfa {
namespace {

constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();
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
      tells_ends_(program.has_window() && (reports_timeouts || completes_at_deadline_)),
      skips_(program.after_match.kind != SkipKind::kNone),
      limits_(limits),
      values_(values),
      classes_(program),
      reader_(buffer),
      places_(program.states.size(), kNowhere) {
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

// The bag that runs going on in a place are added to, of which the first began at `start`. Takes
// over the reference to its values.
BagId& MergedMatcher::bag_of(MergedState& state, const Place& place, Ordinal start) {
  if (values_ != nullptr) return group_of(state, place, start);
  std::uint32_t& at = places_[place.state.value()];
  if (at == kNowhere) {
    at = static_cast<std::uint32_t>(state.slots.size());
    state.slots.push_back({place.state, kEmptyBag});
  }
  return state.slots[at].bag;
}

void MergedMatcher::give_up(const Place& place, BagId bag) {
  buffer_.release(bag);
  if (values_ != nullptr) values_->release(place.values);
}

// Where runs go that take the event.
Place MergedMatcher::take(const Place& from, const Operation& operation, EventRef event) {
  if (values_ == nullptr) return {operation.target, kNoValues};
  return {operation.target, values_->take(from.values, operation.stage, event, operation.target)};
}

void MergedMatcher::apply(MergedState& state, const Operation& operation, const Moving& from,
                          const StepEvent& event) {
  if (operation.kind == OperationKind::kFinish) {
    finished_ = buffer_.extend(from.bag, event.event, event.ordinal, operation.stage, finished_);
    return;
  }
  if (operation.kind == OperationKind::kSettle) {
    buffer_.retain(from.bag);
    finished_ = buffer_.unite(from.bag, finished_);
    return;
  }
  if (operation.kind == OperationKind::kTake) {
    ++cells_made_;
    const Place place = take(from.place, operation, event.event);
    BagId& target = bag_of(state, place, earliest_start(from.bag));
    target = buffer_.extend(from.bag, event.event, event.ordinal, operation.stage, target);
    return;
  }
  Place place{operation.target, kNoValues};
  if (values_ != nullptr) place.values = values_->move(from.place.values, operation.target);
  BagId& target = bag_of(state, place, earliest_start(from.bag));
  if (target != kEmptyBag) ++cells_made_;
  buffer_.retain(from.bag);
  target = buffer_.unite(from.bag, target);
}

void MergedMatcher::begin_runs(MergedState& state, ClassIndex event_class, const StepEvent& event) {
  const StateOperations& operations = classes_.operations_of(event_class, program_.start);
  if (operations.count == 0) return;
  bool goes_on = false;
  for (const Operation& each : classes_.list(operations)) {
    ++cells_made_;
    if (each.kind == OperationKind::kFinish) {
      finished_ = buffer_.start(event.event, event.ordinal, each.stage, finished_);
      continue;
    }
    const Place place = take({program_.start, kNoValues}, each, event.event);
    BagId& target = bag_of(state, place, event.ordinal);
    target = buffer_.start(event.event, event.ordinal, each.stage, target);
    goes_on = true;
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
  for (std::uint32_t i = 0; i < state.slots.size(); ++i) places_[state.slots[i].state.value()] = i;
  for (const Moving& moving : moving_) {
    const StateOperations& operations =
        classes_.operations_of(moving.event_class, moving.place.state);
    for (const Operation& each : classes_.list(operations)) apply(state, each, moving, event);
    give_up(moving.place, moving.bag);
  }
  if (begins) begin_runs(state, start_class, event);
  for (const MergedState::Slot& slot : state.slots) places_[slot.state.value()] = kNowhere;
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
  if (values_ != nullptr) {
    take_out_moving_groups(state, event_class);
    return;
  }
  std::size_t kept = 0;
  for (const MergedState::Slot& slot : state.slots) {
    if (keeps_all(event_class, slot.state)) {
      state.slots[kept++] = slot;
    } else {
      moving_.push_back({{slot.state, kNoValues}, slot.bag, event_class});
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
  const auto is_earlier = [&](BagId bag) {
    const auto earliest = reader_.earliest_start(bag, state.floor);
    return earliest && ordinal_less(*earliest, start);
  };
  return std::ranges::any_of(state.slots, is_earlier, &MergedState::Slot::bag) ||
         std::ranges::any_of(state.groups | std::views::values, is_earlier,
                             &MergedState::Group::bag);
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
  state.ended += static_cast<std::uint32_t>(expired_.size());
  LYMER_RETURN_IF_ERROR(expire(state, floor, sink));
  drop_dead(state);
  settle(state);
  return {};
}

// Ends the runs that began at or before `floor`: matches where they wait for nothing but that.
Result<void> MergedMatcher::expire(MergedState& state, Ordinal floor, MatchSink& sink) {
  paths_.clear(most_paths());
  timed_out_.clear(most_paths());
  if (values_ != nullptr) {
    read_oldest(state, floor);
  } else {
    for (const MergedState::Slot& slot : state.slots) {
      read_ended(state, {slot.state, kNoValues}, slot.bag, floor);
    }
  }
  state.floor = floor;
  paths_.sort();
  LYMER_RETURN_IF_ERROR(deliver_paths(paths_, sink, false));
  if (!state.waiting.empty()) LYMER_RETURN_IF_ERROR(drain(state, sink));
  timed_out_.sort();
  return deliver_paths(timed_out_, sink, true);
}

// Reads the runs of a bag that end with the floor: matches, or timed out.
void MergedMatcher::read_ended(MergedState& state, const Place& place, BagId bag, Ordinal floor) {
  const State& at = program_.state(place.state);
  if (at.kind == StateKind::kPending || at.accepts_at_deadline) {
    reader_.read_all(bag, state.floor, floor, paths_);
  } else if (reports_timeouts_) {
    reader_.read_all(bag, state.floor, floor, timed_out_);
  }
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
  if (values_ != nullptr) {
    drop_dead_groups(state);
    return;
  }
  std::erase_if(state.slots, [&](const MergedState::Slot& slot) {
    if (buffer_.is_live(slot.bag, state.floor)) return false;
    buffer_.release(slot.bag);
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
  if (values_ != nullptr) sweep_groups(state);
  for_each_bag(state, [&](BagId bag) { to_visit_.push_back(bag); });
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
  for (const MergedState::Slot& slot : state.slots) buffer_.release(slot.bag);
  for (const MergedState::Waiting& each : state.waiting) buffer_.release(each.bag);
  if (values_ != nullptr) clear_groups(state);
  state = {};
  if (values_ != nullptr) order_groups(state);
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
  state.slots.push_back({folded.state, folded.bag});
  if (program_.has_window()) state.starts.push_back({start, folded.start});
  state.floor = state.skip_floor = start - 1;  // What began before is dead.
  state.cells_made = folded.cells;
}

}  // namespace lymer::nfa
