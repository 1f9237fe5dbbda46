// The live partial matches of one key and one rule, as a value.
//
// Both lists are heaps in the order of nfa/priority_array.h, earliest first event on top. The run
// that waits for a first event (the start run) sorts last and is left out while it is alone, so an
// idle key has two empty lists.
#pragma once

#include <cstdint>

#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "nfa/state_memory.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

// One partial match: where it stands and what it took. The start run has taken nothing.
struct Run {
  NodeId node = kNoNode;
  Ordinal start = 0;
  EventTime start_time;
  EventTime last_time;  // Of the event taken last.
  StateIndex state;

  [[nodiscard]] bool is_start() const noexcept { return node == kNoNode; }
};
static_assert(sizeof(Run) <= 32);

// Orders runs by their first event; the start run comes after all others. Equal first events are
// equal here: what comes first among them is decided by the heap alone.
struct EarlierStart {
  [[nodiscard]] bool operator()(const Run& left, const Run& right) const noexcept {
    if (left.is_start() || right.is_start()) return !left.is_start() && right.is_start();
    return ordinal_less(left.start, right.start);
  }
};

using Runs = StateVector<Run>;

struct RunState {
  Runs partial;
  Runs completed;  // Held back by a skip strategy while an earlier run is alive.

  // True if no event is held: the state need not be kept.
  [[nodiscard]] bool is_idle() const noexcept { return partial.empty() && completed.empty(); }
  // Counts partial matches that have taken an event.
  [[nodiscard]] std::size_t live_runs() const noexcept {
    return partial.empty() ? 0 : partial.size() - 1;
  }
};

}  // namespace lymer::nfa
