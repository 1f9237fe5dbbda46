// The live partial matches of one key and one rule in engine M, as a value: a bag for each state
// that some run stands in, and for each of the different values that runs carry there.
//
// Runs that began at or before `floor` are dead: their window has ended, or a skip strategy has
// passed them. Finished runs that a skip strategy holds back stand in `waiting`; ends of windows do
// not touch them, so they have a floor of their own.
// Not here: the bags (nfa/merged_buffer.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "nfa/merged_buffer.h"
#include "nfa/program.h"
#include "nfa/run_values.h"
#include "nfa/state_memory.h"
#include "nfa/value_order.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

struct MergedState {
  // The runs that stand in a state.
  struct Slot {
    StateIndex state;
    BagId bag = kEmptyBag;
  };
  // The runs that stand in a state and carry equal values. Some groups may be dead as a whole.
  struct Group {
    BagId bag = kEmptyBag;
    Ordinal oldest = 0;  // The earliest start among the notes of it.
  };
  // A place holds one reference to the values.
  using Groups = std::map<Place, Group, PlaceOrder, StateAllocator<std::pair<const Place, Group>>>;
  // A note that a group may hold runs that began then; it holds a reference, too.
  struct Oldest {
    Ordinal start = 0;
    Place place;
  };
  // An event that began runs, for as long as its window lasts.
  struct Start {
    Ordinal ordinal = 0;
    EventTime time;
  };
  // Finished together by one event.
  struct Waiting {
    BagId bag = kEmptyBag;
    Ordinal floor = 0;
  };

  StateVector<Slot> slots;  // Where runs carry no values.
  Groups groups;            // Where they do.
  // A heap, the earliest first, of what may have to be told of when its window ends.
  StateVector<Oldest> oldest;
  std::uint32_t ended = 0;    // Starts that have ended since dead groups were looked for.
  StateVector<Start> starts;  // From first_start on; kept only where there is a window.
  std::size_t first_start = 0;
  StateVector<Waiting> waiting;
  Ordinal floor = 0;
  Ordinal skip_floor = 0;        // What skip strategies alone have passed.
  std::uint32_t cells_made = 0;  // Since the dead were last cut off.
  std::uint32_t cells_kept = 0;  // Then.

  // True if no event is held: the state need not be kept.
  [[nodiscard]] bool is_idle() const noexcept {
    return slots.empty() && groups.empty() && waiting.empty();
  }
};

// All there is of a state whose runs stand in one place and began with one event: small enough to
// be kept by the million (MergedMatcher::fold()).
struct FoldedState {
  BagId bag = kEmptyBag;
  StateIndex state;
  EventTime start;          // Of use where there is a window.
  std::uint32_t cells = 0;  // As MergedState has them, made and kept.
};

}  // namespace lymer::nfa
