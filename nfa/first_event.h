// What guards and the start state say of an event before runs are looked at: whether it can be the
// first one of a run. Saves engine E from offering every event to keys without runs.
// Not here: the same for engine M, which knows all answers (nfa/event_classes.h).
#pragma once

#include <cstdint>

#include "nfa/program.h"

namespace lymer::nfa {

// What a guard says where some atoms are not known: no, yes, or perhaps.
struct Answer {
  bool may_hold = false;
  bool may_fail = false;
};
// Bit n of `answers` is atom n, unless that bit of `unknown` is set. A gap guard asks the run.
[[nodiscard]] Answer ask(const Program& program, GuardId guard, std::uint64_t answers,
                         std::uint64_t unknown);

// Bit n of `answers` is atom n, unless that bit of `unknown` is set: then it may be either. False
// only if no run can begin. Requires at most 64 atoms.
[[nodiscard]] bool may_begin(const Program& program, std::uint64_t answers, std::uint64_t unknown);

// The atoms that are asked when an event comes to a run in this state, a bit for each: those of its
// edges and of what they lead to without an event. Requires at most 64 atoms.
[[nodiscard]] std::uint64_t asked_atoms(const Program& program, StateIndex state);

// The atoms on which may_begin() depends, a bit for each. Requires at most 64 atoms.
[[nodiscard]] std::uint64_t beginning_atoms(const Program& program);

}  // namespace lymer::nfa
