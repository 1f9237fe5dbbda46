// What is in a snapshot, and how two differ, as text for people.
//
//   checkpoint 42, made at 2026-01-31T00:00:00.000Z
//   1 operator, 1 part, 104 bytes of state
//   operator `orders`, parallelism 2
//     subtask 0: 80 bytes in 2 key groups (3, 7)
//       piece `runs`: 80 bytes in 2 key groups
//       operator state: 24 bytes
//
// Not here: what the bytes of a piece mean; only their operator knows.
#pragma once

#include <string>

#include "checkpoint/snapshot.h"

namespace lymer::checkpoint {

// Lists operators, their parts and the pieces in them with their sizes. Lines end in \n.
[[nodiscard]] std::string describe(const Snapshot& snapshot);

// Lists what differs, operator by operator. Keyed pieces are compared by key group, in whichever
// subtask they are, so that another parallelism alone is no difference of state; operator state is
// compared by subtask. Ends in "the state is the same" where it is.
[[nodiscard]] std::string describe_difference(const Snapshot& before, const Snapshot& after);

}  // namespace lymer::checkpoint
