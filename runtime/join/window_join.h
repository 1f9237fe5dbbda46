// Joins within windows: what two streams have of one key in one window (Flink: join, coGroup).
//
//   WindowOperator({.inputs = {{orders, orders_id, {id}}, {payments, payments_id, {order_id}}},
//                   .output = paid_id,
//                   .windows = WindowAssigner::tumbling(Duration::seconds(10)),
//                   .function = window_join(JoinKind::kLeft, [](const JoinSides& sides, EmitRow e)
//                   {
//                     ...  // sides.right is null for an order without a payment.
//                   })});
//
// The first input is the left one. Pairs come in the order of the left events, then of the right.
// Not here: windows (runtime/window/), joins by distance in time (runtime/join/interval_join.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "runtime/row.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

// Which rows come also without a partner.
enum class JoinKind : std::uint8_t { kInner, kLeft, kRight, kFull };

// A pair; of an outer join one side may be missing.
struct JoinSides {
  const RowView* left;
  const RowView* right;
};
// Puts out what is to be made of a pair: nothing, one row or many.
using JoinFunction = std::function<void(const JoinSides&, const EmitRow&)>;
[[nodiscard]] WindowProcess window_join(JoinKind kind, JoinFunction join);

// All of both sides at once; either may be empty, but not both.
using CoGroupFunction =
    std::function<void(std::span<const WindowEvent> left, std::span<const WindowEvent> right,
                       const WindowView&, const EmitRow&)>;
[[nodiscard]] WindowProcess co_group(CoGroupFunction function);

}  // namespace lymer::runtime
