// What the events of a key have come to so far, after each of them (Flink: reduce, sum, min, ...).
//
//   Rolling({payments, payments_id, {user}}, rolling_sum(payments, amount));
//   // (ann, 5), (bob, 7), (ann, 1) give (ann, 5), (bob, 7), (ann, 6).
//
// The result for an event has its time and id. State grows with the keys; with a lifetime, keys
// that are quiet for so long begin anew. Not here: aggregates of windows
// (runtime/window/window_operator.h).
#pragma once

#include <functional>
#include <vector>

#include "runtime/keyed_operator.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::runtime {

// Fills `result`, whose fields are all null, from what there was and the next event's row.
using Reduce = std::function<void(const RowView& so_far, const RowView& next, RowBuilder& result)>;

// These keep the other fields of the first row; nulls count as nothing. A sum of whole numbers that
// leaves their range is null, and begins anew behind that.
[[nodiscard]] Reduce rolling_sum(const SchemaRef& schema, Slot slot);
[[nodiscard]] Reduce rolling_min(const SchemaRef& schema, Slot slot);
[[nodiscard]] Reduce rolling_max(const SchemaRef& schema, Slot slot);
// These give the whole row that has the least or the greatest, the first of several.
[[nodiscard]] Reduce rolling_min_by(const SchemaRef& schema, Slot slot);
[[nodiscard]] Reduce rolling_max_by(const SchemaRef& schema, Slot slot);

class Rolling final : public KeyedOperator {
 public:
  Rolling(const KeyedInput& input, Reduce reduce, StateTtl ttl = {});

 private:
  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain, EventTime) override { return {}; }

  SchemaRef schema_;
  Reduce reduce_;
  StateTtl ttl_;
  ValueColumn* rows_ = nullptr;
  RowBuilder result_;
};

}  // namespace lymer::runtime
