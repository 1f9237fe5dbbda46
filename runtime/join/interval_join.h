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
// until the watermark has passed all that could join it. Time is cut into spans as long as the
// interval, with a table each: partners are in a few of them, and what is over goes as a whole,
// without a timer for each event. One that is behind the watermark is late:
// it leaves on kLateLeftPort or kLateRightPort as it came.
// Not here: joins by window (runtime/join/window_join.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "runtime/base/byte_string.h"
#include "runtime/keyed_operator.h"
#include "runtime/state/keyed_table.h"
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

  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  // Of one key and side in one span: entries in the order of their times and ids.
  struct Events {
    ByteString entries;
    std::size_t last = 0;  // Where the last one begins.
  };
  // One side, and how far from its events those of the other side may be.
  struct Side {
    Duration lower;
    Duration upper;
    // How long after an event the other side may still bring a partner.
    [[nodiscard]] Duration kept() const { return std::max(upper, Duration()); }
  };
  using Span = KeyedTable<std::array<Events, 2>>;
  struct Entry;

  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain, EventTime) override { return {}; }
  [[nodiscard]] bool on_time_passed(Collector& out) override;

  [[nodiscard]] Span& span_at(EventTime time);
  void insert(Events& events, std::span<const std::byte> written);
  void join_with_others(const EventView& event);
  void join(const EventView& event, const Entry& other);
  [[nodiscard]] bool is_gone(const Entry& entry, const Side& side) const;
  [[nodiscard]] Result<void> restore_group(KeyGroup group, StateBytes piece);
  [[nodiscard]] const KeyedInput& input(std::size_t side) const {
    return side == 0 ? spec_.left : spec_.right;
  }

  IntervalJoinSpec spec_;
  std::array<Side, 2> sides_;
  Duration span_length_;
  std::map<EventTime, Span> spans_;  // By their starts.
  Span* last_span_ = nullptr;        // Where the event before went, which is where most go.
  EventTime last_start_;
  std::vector<std::byte> entry_;  // Scratch.
};

}  // namespace lymer::runtime
