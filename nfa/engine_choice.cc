// One question after the other; the first that says no gives the reason.
// Not here: the engines.
#include "nfa/engine_choice.h"

#include <algorithm>
#include <cstdint>

#include "nfa/event_classes.h"

namespace lymer::nfa {
namespace {

// Gap windows end runs by the event taken last, not by the first.
bool has_gaps(const Program& program) {
  return std::ranges::any_of(program.states,
                             [](const State& each) { return each.gap_window > Duration{}; }) ||
         std::ranges::any_of(program.guards,
                             [](const Guard& each) { return each.kind == GuardKind::kGap; });
}

}  // namespace

bool completes_at_deadline(const Program& program) {
  return std::ranges::any_of(program.states, [](const State& each) {
    return each.kind == StateKind::kPending || each.accepts_at_deadline;
  });
}

EngineChoice choose_engine(const Program& program,
                           const std::function<bool(AtomId)>& needs_events) {
  const SkipKind skip = program.after_match.kind;
  const auto explicitly = [](std::string reason) {
    return EngineChoice{Engine::kExplicit, std::move(reason)};
  };
  for (std::uint32_t atom = 0; atom < program.atoms.size(); ++atom) {
    if (!needs_events(AtomId(atom))) continue;
    return explicitly("a condition reads earlier events one by one: " + program.atoms[atom]);
  }
  if (program.ties == TieOrder::kHeap)
    return explicitly("dialect flink keeps Flink's order of ties");
  if (has_gaps(program)) return explicitly("a window between events ends runs one by one");
  if (skip == SkipKind::kToFirst || skip == SkipKind::kToLast) {
    return explicitly("`skip to` a stage looks at each match by itself");
  }
  if (skip != SkipKind::kNone && completes_at_deadline(program)) {
    return explicitly("the end of the window completes matches, and a skip strategy chooses");
  }
  if (program.has_cycle) return explicitly("a loop of which an iteration may be empty");
  if (program.atoms.size() > EventClasses::kMaxAtoms) {
    return explicitly("it has more than 64 conditions");
  }
  return {Engine::kMerged, {}};
}

}  // namespace lymer::nfa
