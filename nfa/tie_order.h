// The order of matches in the default dialect: by first event, then the longest first, then the one
// whose events came earliest, compared from the first on; equal events go by stage.
//
// Two paths that are equal in this order are the same events in the same stages. Paths are read
// when two of them begin with the same event, so runs need not carry their length. Not here:
// Flink's order, which is an accident of its heaps (nfa/priority_array.h).
#pragma once

#include <vector>

#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"

namespace lymer::nfa {

// Tells whether `left` goes before `right`; both begin with the same event.
[[nodiscard]] bool goes_before(const std::vector<PathEntry>& left,
                               const std::vector<PathEntry>& right);

// Sorts finished runs into the order in which they leave.
void sort_canonically(Runs& runs, const SharedBuffer& buffer);

}  // namespace lymer::nfa
