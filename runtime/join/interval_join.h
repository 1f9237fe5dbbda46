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
#include <tuple>
#include <vector>

#include "runtime/keyed_operator.h"
#include "runtime/state/keyed_table.h"
#include "runtime/state/row_log.h"
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

  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  // What is kept of an event beside its row.
  struct Head {
    EventTime time;
    EventId id;
    bool was_due = false;  // It came when the watermark was at its time already.

    // Events of one id keep the order in which they came.
    [[nodiscard]] bool comes_before(const Head& other) const {
      return std::tie(time, id) < std::tie(other.time, other.id);
    }
  };
  using Log = RowLog<Head>;
  // The last event of one key and side in one span, in the order of times and ids; links lead to
  // those before.
  struct End {
    Log::Node* last = nullptr;
    EventTime time;  // Its own, which mostly tells whether it must be looked at.
  };
  // One side, and how far from its events those of the other side may be.
  struct Side {
    Duration lower;
    Duration upper;
    // How long after an event the other side may still bring a partner.
    [[nodiscard]] Duration kept() const { return std::max(upper, Duration()); }
  };
  using Ends = KeyedTable<std::array<End, 2>, NoNamespace>;
  struct Span {
    Ends ends;
    Log log;
  };
  struct Near {
    EventTime start;
    Span* span = nullptr;
  };
  // The span of an event, and with it those in which any of its events may find partners, newest
  // first.
  struct Place {
    EventTime start;
    EventTime end;
    std::size_t own = 0;  // Among those that are near.
    std::vector<Near> near;
  };
  // Where an event's partners are.
  struct Reach {
    std::size_t other = 0;  // Their side.
    EventTime first;
    EventTime last;
  };

  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain, EventTime) override { return {}; }
  void expect(std::span<const EventHeader> events) override;
  [[nodiscard]] bool on_time_passed(Collector& out) override;

  void go_to(EventTime time);
  void add_near(const Side& side);
  void expect_in(std::size_t near, std::span<const EventHeader> events);
  // What expect() found for the current event, if anything.
  [[nodiscard]] Ends::Record* likely_in(std::size_t near) const {
    return likely_.empty() ? nullptr : likely_[near * reaches_.size() + expected_index()];
  }
  [[nodiscard]] Reach reach_of(std::size_t input, EventTime time) const {
    return {1 - input, time + sides_[input].lower, time + sides_[input].upper};
  }
  [[nodiscard]] bool may_lie_in(const Near& near, const Reach& reach) const {
    return near.start <= reach.last && near.start + span_length_ > reach.first;
  }
  static void insert(Span& span, End& end, const Head& head, StateBytes row);
  void find_partners(const EventView& event, const std::array<End, 2>& own);
  void join(const EventView& event);
  [[nodiscard]] bool is_gone(const Head& event, const Side& side) const;
  [[nodiscard]] Result<void> restore_group(KeyGroup group, StateBytes piece);
  [[nodiscard]] const KeyedInput& input(std::size_t side) const {
    return side == 0 ? spec_.left : spec_.right;
  }

  IntervalJoinSpec spec_;
  std::array<Side, 2> sides_;
  Duration span_length_;
  std::map<EventTime, Span> spans_;  // By their starts.
  Place place_;                      // Of the event before, which is where most go.
  // Of those that are to come: what they reach, and for each of the spans that are near where they
  // are likely to find their keys; empty once `place_` is another.
  std::vector<Reach> reaches_;
  std::vector<Ends::Record*> likely_;
  // Scratch.
  std::vector<const Log::Node*> partners_;  // Of the current event, newest first.
  std::vector<const Log::Node*> expected_;
};

}  // namespace lymer::runtime
