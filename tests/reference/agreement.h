// Runs a program over the same events in the engines and in the reference, and compares.
//
// What is found is told in lines: `2: s0 0 s1 1 ended 14`: after two events, stage s0 took the
// event of ordinal 0; the window ended at 14.
// Not here: which programs and events (differential_test.cc, tests/fuzz/matching_fuzz.cc).
#pragma once

#include <string>
#include <vector>

#include "nfa/program.h"
#include "tests/reference/reference.h"

namespace lymer::reference {

using Events = std::vector<Event>;  // In order of time and ordinal.

// Says how an engine that may run the program differs from the reference, with the events and the
// program; empty if none does. Engine E is run for every program, engine M for those that it can.
// Conditions are told by their text (tests/reference/random_pattern.h).
[[nodiscard]] std::string difference(const nfa::Program& program, const Events& events);

// The same with engines whose state is written and read back before each event.
[[nodiscard]] std::string difference_through_snapshots(const nfa::Program& program,
                                                       const Events& events);

// Says how engine M differs from engine E, plain or through snapshots, where it may run the
// program. For streams that are too long for the reference; the rest of one is left out once engine
// E has thousands of partial matches.
[[nodiscard]] std::string difference_between_engines(const nfa::Program& program,
                                                     const Events& events);

}  // namespace lymer::reference
