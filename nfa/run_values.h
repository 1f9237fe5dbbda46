// What runs of engine M carry of their past where conditions ask for it: values, such as the last
// price or the count so far, in place of the events themselves.
//
// Runs that stand in one state and carry equal values answer every condition to come alike, so they
// may share a bag. The values belong to the caller, who sees to it that equal ones have one id and
// that values which no condition to come asks for do not make a difference.
// Not here: which values those are and what they are worth (cep/value_groups.h).
#pragma once

#include <cstdint>

#include "nfa/event_references.h"
#include "nfa/program.h"
#include "runtime/base/strong_id.h"

namespace lymer::nfa {

using ValuesId = StrongId<struct ValuesIdTag, std::uint32_t>;
// Those of a run that has taken nothing, or whose past no condition to come asks for.
inline constexpr ValuesId kNoValues{0};

class RunValues {
 public:
  virtual ~RunValues() = default;

  // The conditions that read values, a bit for each atom.
  [[nodiscard]] virtual std::uint64_t atoms() const = 0;
  // Tells whether such a condition holds for the current event on runs with these values.
  [[nodiscard]] virtual bool holds(AtomId atom, ValuesId values) = 0;

  // What runs with `values` carry once they have taken `event` as `stage` and stand in `target`;
  // what they carry when they go there without it. Each gives one reference, for release().
  [[nodiscard]] virtual ValuesId take(ValuesId values, StageIndex stage, EventRef event,
                                      StateIndex target) = 0;
  [[nodiscard]] virtual ValuesId move(ValuesId values, StateIndex target) = 0;
  virtual void release(ValuesId values) = 0;

  // Tells whether the sets of runs in a state have an order along which the answers to the
  // conditions asked there change at few places only.
  [[nodiscard]] virtual bool is_ordered(StateIndex /*state*/) const { return false; }
  // That order: negative if the left one comes first, 0 where it does not matter, as everywhere in
  // a state without one. Does not depend on the event.
  [[nodiscard]] virtual int compare(StateIndex /*state*/, ValuesId /*left*/, ValuesId /*right*/) {
    return 0;
  }
  // Tells whether a set comes so far behind another one that the current event's conditions may be
  // answered differently: false from there up to some place in the order, true from it on.
  [[nodiscard]] virtual bool is_beyond(StateIndex /*state*/, ValuesId /*values*/,
                                       ValuesId /*other*/) {
    return false;
  }
};

}  // namespace lymer::nfa
