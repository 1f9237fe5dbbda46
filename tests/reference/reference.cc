// Each function says one rule of the semantics; none is written to be fast.
// Not here: comparing (differential_test.cc).
#include "tests/reference/reference.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "nfa/tie_order.h"

namespace lymer::reference {
namespace {

using nfa::EdgeAction;
using nfa::StateKind;

bool comes_first(const Path& left, const Path& right) {
  if (left.front().ordinal != right.front().ordinal) {
    return left.front().ordinal < right.front().ordinal;
  }
  return nfa::goes_before(left, right);
}

}  // namespace

Reference::Reference(const nfa::Program& program, Holds holds)
    : program_(program), holds_(std::move(holds)) {}

bool Reference::holds(nfa::GuardId guard, const Run& run, const Event& event) const {
  const nfa::Guard& node = program_.guards[guard.value()];
  switch (node.kind) {
    case nfa::GuardKind::kTrue:
      return true;
    case nfa::GuardKind::kAtom:
      return holds_(nfa::AtomId(node.left), event, run.path);
    case nfa::GuardKind::kNot:
      return !holds(nfa::GuardId(node.left), run, event);
    case nfa::GuardKind::kAnd:
      return holds(nfa::GuardId(node.left), run, event) &&
             holds(nfa::GuardId(node.right), run, event);
    case nfa::GuardKind::kOr:
      return holds(nfa::GuardId(node.left), run, event) ||
             holds(nfa::GuardId(node.right), run, event);
    case nfa::GuardKind::kGap:
      return run.path.empty() || event.time - run.last < node.gap();
  }
  return false;
}

bool Reference::reaches_final(const Run& run, nfa::StateIndex from, const Event& event) const {
  if (program_.state(from).kind == StateKind::kFinal) return true;
  return std::ranges::any_of(program_.edges_of(from), [&](const nfa::Edge& edge) {
    return edge.action == EdgeAction::kProceed && holds(edge.guard, run, event) &&
           reaches_final(run, edge.target, event);
  });
}

// All that a run can become by this event, from one state on and through its PROCEED edges.
void Reference::outcomes(const Run& run, nfa::StateIndex at, const Event& event,
                         std::vector<Run>& made) const {
  for (const nfa::Edge& edge : program_.edges_of(at)) {
    if (!holds(edge.guard, run, event)) continue;
    if (edge.action == EdgeAction::kProceed) {
      outcomes(run, edge.target, event, made);
      continue;
    }
    Run result = run;
    result.state = edge.target;
    if (edge.action == EdgeAction::kIgnore) {
      if (!run.path.empty()) made.push_back(std::move(result));
      continue;
    }
    result.path.push_back({program_.state(at).stage, nfa::EventRef(event.ordinal), event.ordinal});
    result.last = event.time;
    if (run.path.empty()) result.start = event.time;
    made.push_back(result);
    const bool is_final = program_.state(edge.target).kind == StateKind::kFinal;
    if (is_final || !reaches_final(run, edge.target, event)) continue;
    result.state = program_.final;
    made.push_back(std::move(result));
  }
}

void Reference::step(const Event& event) {
  ++steps_;
  std::vector<Run> before = std::exchange(runs_, {});
  before.push_back(Run{.state = program_.start, .path = {}, .start = {}, .last = {}});
  for (const Run& run : before) {
    std::vector<Run> made;
    outcomes(run, run.state, event, made);
    const bool stopped = std::ranges::any_of(
        made, [&](const Run& each) { return program_.state(each.state).kind == StateKind::kStop; });
    for (Run& each : made) {
      if (program_.state(each.state).kind == StateKind::kFinal) {
        finished_.push_back(std::move(each.path));
      } else if (!stopped) {
        runs_.push_back(std::move(each));
      }
    }
  }
  emit();
}

std::optional<EventTime> Reference::deadline(const Run& run, EventTime now) const {
  const Duration gap = program_.state(run.state).gap_window;
  if (gap > Duration{} && now - run.last >= gap) return run.last + gap;
  if (program_.has_window() && now - run.start >= program_.window) {
    return run.start + program_.window;
  }
  return std::nullopt;
}

void Reference::advance(EventTime now) {
  std::vector<Finding> ended;
  for (Run& run : std::exchange(runs_, {})) {
    const auto over = deadline(run, now);
    const nfa::State& at = program_.state(run.state);
    if (!over) {
      runs_.push_back(std::move(run));
    } else if (at.kind == StateKind::kPending || at.accepts_at_deadline) {
      finished_.push_back(std::move(run.path));
    } else {
      ended.push_back({steps_, std::move(run.path), over});
    }
  }
  emit();
  std::ranges::stable_sort(ended, comes_first, &Finding::path);
  std::ranges::stable_sort(ended, {}, &Finding::deadline);
  for (Finding& each : ended) timeouts_.push_back(std::move(each));
}

void Reference::emit() {
  std::ranges::stable_sort(finished_, comes_first);
  const bool skips = program_.after_match.kind != nfa::SkipKind::kNone;
  while (!finished_.empty()) {
    const nfa::Ordinal start = finished_.front().front().ordinal;
    const bool waits = std::ranges::any_of(
        runs_, [&](const Run& run) { return run.path.front().ordinal < start; });
    if (skips && waits) return;
    const Path match = finished_.front();
    finished_.erase(finished_.begin());
    if (skips) skip_after(match);
    matches_.push_back({steps_, match, std::nullopt});
  }
}

void Reference::skip_after(const Path& match) {
  const nfa::AfterMatch& strategy = program_.after_match;
  Path of_target;
  std::ranges::copy_if(match, std::back_inserter(of_target),
                       [&](const nfa::PathEntry& each) { return each.stage == strategy.target; });
  std::function<bool(nfa::Ordinal)> ends;
  switch (strategy.kind) {
    case nfa::SkipKind::kNone:
      return;
    case nfa::SkipKind::kToNext:
      ends = [&](nfa::Ordinal start) { return start <= match.front().ordinal; };
      break;
    case nfa::SkipKind::kPastLast:
      ends = [&](nfa::Ordinal start) { return start <= match.back().ordinal; };
      break;
    case nfa::SkipKind::kToFirst:
      if (of_target.empty()) return;
      ends = [&](nfa::Ordinal start) { return start < of_target.front().ordinal; };
      break;
    case nfa::SkipKind::kToLast:
      if (of_target.empty()) return;
      ends = [&](nfa::Ordinal start) { return start < of_target.back().ordinal; };
      break;
  }
  std::erase_if(runs_, [&](const Run& run) { return ends(run.path.front().ordinal); });
  std::erase_if(finished_, [&](const Path& path) { return ends(path.front().ordinal); });
}

}  // namespace lymer::reference
