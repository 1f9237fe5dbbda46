// What every compiled pattern must be, whatever it was made of: the matcher relies on it unseen.
//
// Not here: whether a program means what its pattern says (tests/conformance, tests/reference).
#pragma once

#include "nfa/program.h"

namespace lymer::fuzz {

// Ends the process where an index points nowhere, a guard uses a later one, there is not one start
// state, or PROCEED edges form a cycle that the program does not tell of.
void check_program(const nfa::Program& program);

}  // namespace lymer::fuzz
