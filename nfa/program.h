// A compiled pattern: flat, immutable states and edges that the matcher walks.
//
// An edge does one of three things with the current event: TAKE puts it into the match, IGNORE
// passes it over, PROCEED moves on without using it up (an epsilon edge whose guard is tested on
// the current event). The order of the edges of a state can be observed in the order of matches,
// so it is part of the program. The shape is Flink's (NFACompiler), see cep/compiler/.
// Not here: how programs are made (cep/compiler/) and run (nfa/matcher.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

using StateIndex = StrongId<struct StateIndexTag, std::uint16_t>;
// A stage of the pattern: the name under which a match lists its events.
using StageIndex = StrongId<struct StageIndexTag, std::uint16_t>;
// A condition on one event, and perhaps on what a run took before, that only cep can evaluate.
using AtomId = StrongId<struct AtomIdTag, std::uint32_t>;
using GuardId = StrongId<struct GuardIdTag, std::uint32_t>;

// A boolean formula over atoms, as nodes in one array; operands come before their users.
enum class GuardKind : std::uint8_t {
  kTrue,
  kAtom,
  kNot,
  kAnd,
  kOr,
  kGap,  // The event comes less than gap() after the one the run took last.
};
struct Guard {
  GuardKind kind = GuardKind::kTrue;
  std::uint32_t left = 0;   // The atom, or an operand.
  std::uint32_t right = 0;  // The other operand of kAnd and kOr.

  [[nodiscard]] static Guard gap(Duration limit) {
    const auto millis = static_cast<std::uint64_t>(limit.to_millis());
    return {GuardKind::kGap, static_cast<std::uint32_t>(millis >> 32U),
            static_cast<std::uint32_t>(millis)};
  }
  // The limit of a kGap.
  [[nodiscard]] Duration gap() const {
    return Duration::millis(
        static_cast<std::int64_t>((std::uint64_t{left} << 32U) | std::uint64_t{right}));
  }
};

enum class EdgeAction : std::uint8_t { kTake, kIgnore, kProceed };
struct Edge {
  EdgeAction action = EdgeAction::kTake;
  StateIndex target;
  GuardId guard;
};

enum class StateKind : std::uint8_t {
  kStart,  // Where every run begins; exactly one.
  kNormal,
  kFinal,    // A run that arrives is a match.
  kStop,     // A run that arrives is dropped: a negated stage has happened.
  kPending,  // Waits for the window to end with nothing forbidden happening; then it is a match.
};
struct State {
  StateKind kind = StateKind::kNormal;
  StageIndex stage;
  std::uint32_t first_edge = 0;
  std::uint32_t edge_count = 0;
  // The longest time since the run's last event; none if not positive.
  Duration gap_window;
  // The run is a match when its window ends although it does not sit in a kPending state: it could
  // have gone there at any time (default dialect only).
  bool accepts_at_deadline = false;
  std::string label;  // For people: the stage's name, with a number where it has several states.
};

enum class SkipKind : std::uint8_t { kNone, kToNext, kPastLast, kToFirst, kToLast };
// Which of several matches that begin with the same event comes first.
enum class TieOrder : std::uint8_t {
  kCanonical,  // The longest; of equal ones that whose events came earliest (nfa/tie_order.h).
  kHeap,       // Flink's accident: the array order of its priority queues (nfa/priority_array.h).
};
struct AfterMatch {
  SkipKind kind = SkipKind::kNone;
  StageIndex target = {};  // Of kToFirst and kToLast; one that no event carries is never found.
  std::string target_name = {};
  bool fail_if_missing = false;
};

struct Program {
  std::vector<State> states;
  std::vector<Edge> edges;
  std::vector<Guard> guards;
  std::vector<std::string> stages;  // Names, by StageIndex, in the order of the pattern.
  std::vector<std::string> atoms;   // What each condition says, for people.
  StateIndex start;
  StateIndex final;  // Without meaning where only the end of the window completes matches.
  Duration window;   // first to last event, exclusive; none if not positive.
  AfterMatch after_match;
  TieOrder ties = TieOrder::kHeap;
  // PROCEED edges form a cycle. The rule fails where a run walks it (dialect flink's replay only).
  bool has_cycle = false;

  [[nodiscard]] const State& state(StateIndex index) const { return states[index.value()]; }
  [[nodiscard]] std::span<const Edge> edges_of(StateIndex index) const {
    const State& from = states[index.value()];
    return std::span(edges).subspan(from.first_edge, from.edge_count);
  }
  [[nodiscard]] bool has_window() const { return window > Duration{}; }
};

}  // namespace lymer::nfa
