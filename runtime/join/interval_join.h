// Pairs of events of one key that are near in time (Flink: IntervalJoinOperator).
//
//   // Payments up to ten minutes after their order, or five before it.
//   IntervalJoin({.left = {orders, orders_id, {id}},
//                 .right = {payments, payments_id, {order_id}},
//                 .output = paid_id,
//                 .interval = {-Duration::minutes(5), Duration::minutes(10)},
//                 .join = [](const RowView& order, const RowView& payment, const EmitRow& emit) {
//                   ...
//                 }});
//
// A pair joins if right.time lies from left.time + lower to left.time + upper; each bound may be
// open. Its result comes as soon as both are there, with the later of their times. An event is kept
// until the watermark has passed all that could join it. One that is behind the watermark is late:
// it leaves on kLateLeftPort or kLateRightPort as it came.
// Not here: joins by window (runtime/join/window_join.h).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/keyed_operator.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

inline constexpr Port kLateLeftPort{1};
inline constexpr Port kLateRightPort{2};

struct JoinInterval {
  Duration lower;
  Duration upper;
  bool lower_is_open = false;
  bool upper_is_open = false;
};

struct IntervalJoinSpec {
  KeyedInput left;
  KeyedInput right;
  SchemaId output;
  JoinInterval interval;
  // Puts out what is to be made of a pair: nothing, one row or many.
  std::function<void(const RowView& left, const RowView& right, const EmitRow&)> join;
};

class IntervalJoin final : public KeyedOperator {
 public:
  explicit IntervalJoin(IntervalJoinSpec spec);

 private:
  // One side, and how far from its events those of the other side may be.
  struct Side {
    MapColumn* events = nullptr;  // By time and id.
    Duration lower;
    Duration upper;
    // How long after an event the other side may still bring a partner.
    [[nodiscard]] Duration kept() const { return std::max(upper, Duration()); }
  };

  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain domain, EventTime time) override;

  void join_with_others(const EventView& event);
  void join(const EventView& event, StateBytes other_entry, StateBytes other_row);
  [[nodiscard]] const KeyedInput& input(std::size_t side) const {
    return side == 0 ? spec_.left : spec_.right;
  }

  IntervalJoinSpec spec_;
  Side sides_[2];
};

}  // namespace lymer::runtime
