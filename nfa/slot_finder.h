// Finds the slot of a state among those of one key while an event is looked at: by the state alone,
// or, where runs carry values, by both.
//
//   finder.begin(slots);
//   finder.bag_of(slots, target, values) = ...;
//   finder.end(slots);
//
// Not here: what the slots are (nfa/merged_state.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "nfa/merged_state.h"
#include "nfa/program.h"
#include "nfa/run_values.h"

namespace lymer::nfa {

class SlotFinder {
 public:
  using Slots = StateVector<MergedState::Slot>;

  // `values` may be null: no run carries any.
  SlotFinder(const Program& program, RunValues* values)
      : values_(values), by_state_(program.states.size(), kNowhere) {}

  // Looks at these slots. Between here and end() they only grow, and only by bag_of().
  void begin(const Slots& slots);
  // The bag that runs going on in `state` with these values are added to; a new one, empty, if
  // there is none yet. Takes over the caller's reference to the values. The bag stays where it is
  // until the next call.
  [[nodiscard]] BagId& bag_of(Slots& slots, StateIndex state, ValuesId values);
  void end(const Slots& slots);

 private:
  static constexpr std::uint32_t kNowhere = 0xffffffffU;

  [[nodiscard]] static std::uint64_t name_of(StateIndex state, ValuesId values) {
    return (std::uint64_t{state.value()} << 32U) | values.value();
  }
  [[nodiscard]] std::uint32_t& place_of(const Slots& slots, StateIndex state, ValuesId values);

  RunValues* const values_;
  std::vector<std::uint32_t> by_state_;  // Of use where there are no values.
  std::uint32_t looked_up_ = kNowhere;
  // Of use where there are values and more slots than are walked.
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> by_name_;
};

}  // namespace lymer::nfa
