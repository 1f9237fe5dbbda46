// What each engine does when a rule has more than it may.
// Not here: what counts as too much (nfa/limits.h).
#include "nfa/limits.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nfa/matcher.h"
#include "nfa/merged_matcher.h"
#include "nfa/priority_array.h"
#include "runtime/base/sorted.h"

namespace lymer::nfa {
namespace {

Error too_many_partial_matches(const Limits& limits) {
  return {ErrorCode::kRuleFailed,
          "more than " + std::to_string(limits.partial_matches) + " partial matches under one key"};
}

// The latest of the first eighth of distinct starts, which are put in order; at least one.
Ordinal bound_of_oldest(std::vector<Ordinal>& starts, std::uint64_t& count) {
  sort_and_unite(starts, ordinal_less);
  count = std::max<std::uint64_t>(1, starts.size() / 8);
  return starts[count - 1];
}

}  // namespace

Error too_many_results(const Limits& limits) {
  return {ErrorCode::kRuleFailed,
          "more than " + std::to_string(limits.results_per_event) + " results of one event"};
}

// ---- Engine E ----------------------------------------------------------------------------------

// Keeps the start run from taking the event; counts it if it would have.
bool Matcher::refuses(const Run& start, Conditions& conditions, MatchSink& sink) {
  choose_edges(start, conditions);
  const bool begins = std::ranges::any_of(
      choices_, [](const Choice& each) { return each.edge->action == EdgeAction::kTake; });
  if (begins) sink.on_limit(LimitLoss::kRefusedStart, 1);
  priority_offer(next_, start, EarlierStart{});
  return true;
}

Result<void> Matcher::keep_to_limit(RunState& state, MatchSink& sink) {
  if (limits_.act == LimitAct::kFail) return too_many_partial_matches(limits_);
  // Runs that are there may branch; what refuses to begin new ones lets them.
  if (limits_.act == LimitAct::kRefuse) return {};
  std::uint64_t dropped = 0;
  while (state.live_runs() > limits_.partial_matches) dropped += drop_oldest(state);
  sink.on_limit(LimitLoss::kDroppedStart, dropped);
  return emit(state, sink);  // What waited for them may leave.
}

std::uint64_t Matcher::drop_oldest(RunState& state) {
  starts_.clear();
  for (const Run& run : state.partial) {
    if (!run.is_start()) starts_.push_back(run.start);
  }
  if (starts_.empty()) return 0;
  std::uint64_t count = 0;
  drop_starts(state.partial, bound_of_oldest(starts_, count), true);
  return count;
}

Result<bool> Matcher::may_deliver(std::size_t results, MatchSink& sink) const {
  const std::size_t most = limits_.results_per_event;
  if (most == 0 || results < most) return true;
  if (results == most) sink.on_limit(LimitLoss::kCutResults, 1);
  if (limits_.act == LimitAct::kFail) return too_many_results(limits_);
  return false;
}

// ---- Engine M ----------------------------------------------------------------------------------

std::size_t MergedMatcher::most_paths() const {
  return limits_.results_per_event == 0 ? std::numeric_limits<std::size_t>::max()
                                        : limits_.results_per_event;
}

// Counts cells anew only once a good part of them was made since.
bool MergedMatcher::has_more_than(MergedState& state, std::uint32_t cells) {
  if (state.cells_made + state.cells_kept <= cells) return false;
  if (state.cells_made > cells / 8) cut_dead(state);
  return state.cells_made + state.cells_kept > cells;
}

Result<void> MergedMatcher::keep_to_limit(MergedState& state, MatchSink& sink) {
  const std::uint32_t limit = limits_.partial_matches;
  if (limits_.act == LimitAct::kRefuse || !has_more_than(state, limit)) return {};
  if (limits_.act == LimitAct::kFail) return too_many_partial_matches(limits_);
  std::uint64_t dropped = 0;
  while (has_bags(state) && has_more_than(state, limit)) dropped += drop_oldest(state);
  sink.on_limit(LimitLoss::kDroppedStart, dropped);
  if (!state.waiting.empty()) return drain(state, sink);
  return {};
}

std::uint64_t MergedMatcher::drop_oldest(MergedState& state) {
  starts_.clear();
  to_visit_.clear();
  marks_.begin(buffer_.capacity());
  for_each_bag(state, [&](BagId bag) { to_visit_.push_back(bag); });
  while (!to_visit_.empty()) {
    const BagId bag = to_visit_.back();
    to_visit_.pop_back();
    if (!buffer_.is_live(bag, state.floor) || marks_.has(bag)) continue;
    marks_.set(bag);
    const Cell& cell = buffer_.at(bag);
    if (cell.is_start() && ordinal_less(state.floor, buffer_.ordinal(cell.event))) {
      starts_.push_back(buffer_.ordinal(cell.event));
    }
    to_visit_.push_back(cell.previous);
    to_visit_.push_back(cell.next);
  }
  std::uint64_t count = 0;
  if (starts_.empty()) return count;
  state.floor = bound_of_oldest(starts_, count);
  drop_dead(state);
  cut_dead(state);
  settle(state);
  return count;
}

}  // namespace lymer::nfa
