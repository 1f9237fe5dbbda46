// The order in which engine M keeps the bags of a state whose runs carry values.
//
// Where a condition compares the event with one value, such as the last price, bags stand in the
// order of that value, so those for which it holds stand together: an event finds them by search,
// however many bags there are.
// Not here: what values are worth (nfa/run_values.h).
#pragma once

#include "nfa/program.h"
#include "nfa/run_values.h"

namespace lymer::nfa {

// Where the runs of a bag stand, and what they carry.
struct Place {
  StateIndex state;
  ValuesId values = kNoValues;
  friend bool operator==(const Place&, const Place&) = default;
};

// The first place behind all for which the event's conditions are answered as for this one.
struct BehindAlike {
  Place place;
};
// The first place of a later state.
struct BehindState {
  StateIndex state;
};

class PlaceOrder {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  using is_transparent = void;

  PlaceOrder() = default;
  explicit PlaceOrder(RunValues& values) : values_(&values) {}

  bool operator()(const Place& left, const Place& right) const {
    if (left.state != right.state) return left.state < right.state;
    if (left.values == right.values) return false;
    const int order = values_->compare(left.state, left.values, right.values);
    return order != 0 ? order < 0 : left.values < right.values;
  }
  bool operator()(const Place& left, const BehindAlike& end) const {
    if (left.state != end.place.state) return left.state < end.place.state;
    return !values_->is_beyond(left.state, left.values, end.place.values);
  }
  bool operator()(const Place& left, const BehindState& end) const {
    return !(end.state < left.state);
  }

 private:
  RunValues* values_ = nullptr;
};

}  // namespace lymer::nfa
