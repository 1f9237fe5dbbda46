// What happens once runs have finished: which matches leave now, which wait, which runs they end.
//
// With a skip strategy a match waits while a run that began earlier is alive, because that run may
// yet give the match that comes first; when it leaves, the strategy prunes the runs and the waiting
// matches that began too early. After Flink's NFA.processMatchesAccordingToSkipStrategy and
// AfterMatchSkipStrategy.prune.
// Not here: how runs finish (nfa/matcher.cc).
#include <vector>

#include "nfa/matcher.h"
#include "nfa/priority_array.h"
#include "nfa/tie_order.h"
#include "runtime/base/check.h"

namespace lymer::nfa {

Result<void> Matcher::emit(RunState& state, MatchSink& sink) {
  add_completed(state.completed);
  const bool skips = program_.after_match.kind != SkipKind::kNone;
  Result<void> outcome;
  while (skips && !state.completed.empty() && outcome) {
    const bool blocked =
        !state.partial.empty() && EarlierStart{}(state.partial.front(), state.completed.front());
    if (blocked) break;
    const Run match = poll_completed(state.completed);
    matches_.push_back(match.node);
    buffer_.read_path(match.node, path_);
    outcome = prune(state, path_);
  }
  while (!skips && !state.completed.empty()) {
    if (program_.ties == TieOrder::kHeap) {
      matches_.push_back(priority_poll(state.completed, EarlierStart{}).node);
    } else {
      for (const Run& match : state.completed) matches_.push_back(match.node);
      state.completed.clear();
    }
  }
  std::size_t delivered = 0;
  for (const NodeId match : matches_) {
    const auto deliver = outcome ? may_deliver(delivered++, sink) : false;
    if (!deliver) outcome = deliver.error();
    if (deliver && *deliver) {
      buffer_.read_path(match, path_);
      sink.on_match(path_);
    }
    buffer_.release(match);
  }
  matches_.clear();
  // Only the start run is left: the key is idle again.
  if (state.completed.empty() && state.partial.size() == 1 && state.partial.front().is_start()) {
    state.partial.clear();
  }
  return outcome;
}

// Puts the runs that have just finished to those that wait.
void Matcher::add_completed(Runs& completed) {
  if (program_.ties == TieOrder::kHeap) {
    for (const Run& run : potential_) priority_offer(completed, run, EarlierStart{});
  } else if (!potential_.empty()) {
    // Sorted runs are a heap as well.
    completed.insert(completed.end(), potential_.begin(), potential_.end());
    if (completed.size() > 1) sort_canonically(completed, buffer_);
  }
  potential_.clear();
}

Run Matcher::poll_completed(Runs& completed) const {
  if (program_.ties == TieOrder::kHeap) return priority_poll(completed, EarlierStart{});
  const Run first = completed.front();
  completed.erase(completed.begin());
  return first;
}

Result<void> Matcher::prune(RunState& state, const std::vector<PathEntry>& match) {
  LYMER_CHECK(!match.empty(), "a match without events");
  const AfterMatch& strategy = program_.after_match;
  Ordinal bound = match.front().ordinal;
  bool inclusive = true;
  if (strategy.kind == SkipKind::kPastLast) bound = match.back().ordinal;
  if (strategy.kind == SkipKind::kToFirst || strategy.kind == SkipKind::kToLast) {
    bool found = false;
    for (const PathEntry& entry : match) {
      if (entry.stage != strategy.target) continue;
      if (found && strategy.kind == SkipKind::kToFirst) continue;
      bound = entry.ordinal;
      found = true;
    }
    const bool useless = !found || bound == match.front().ordinal;
    if (strategy.fail_if_missing && useless) {
      return Error{ErrorCode::kRuleFailed, "cannot skip to stage `" + strategy.target_name +
                                               (found ? "`: it is the first event of the match"
                                                      : "`: the match has no such event")};
    }
    if (!found) return {};
    inclusive = false;
  }
  drop_starts(state.partial, bound, inclusive);
  drop_starts(state.completed, bound, inclusive);
  return {};
}

void Matcher::drop_starts(Runs& runs, Ordinal bound, bool inclusive) {
  // Of sorted runs it leaves sorted ones: nothing has to sink.
  priority_remove_if(runs, EarlierStart{}, [&](const Run& run) {
    if (run.is_start()) return false;
    const bool gone = ordinal_less(run.start, bound) || (inclusive && run.start == bound);
    if (gone) buffer_.release(run.node);
    return gone;
  });
}

}  // namespace lymer::nfa
