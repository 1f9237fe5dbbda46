// What the `where` and `select` of a join give: expressions over the rows of both sides.
//
//   // where p.amount >= o.amount select { id: o.id, paid: p.amount }
//
// History 0 holds the rows of the left side, history 1 those of the right: one each in a join, none
// for the side that an outer join lacks, any number in a co-group. There the current row is the
// window's own, its start and its end (runtime/select/window_select.h).
// Not here: joins (runtime/join/).
#pragma once

#include <functional>

#include "runtime/join/window_join.h"
#include "runtime/schema.h"
#include "runtime/select/expressions.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

struct JoinSelect {
  SchemaRef output;
  Expressions conditions;  // What does not fulfil them gives nothing.
  Expressions fields;
};

// For pairs of an interval join.
[[nodiscard]] std::function<void(const RowView& left, const RowView& right, const EmitRow&)>
pair_select(const JoinSelect& select);
// For pairs of a window join.
[[nodiscard]] JoinFunction join_select(const JoinSelect& select);
// For co-groups.
[[nodiscard]] CoGroupFunction co_group_select(const JoinSelect& select);

}  // namespace lymer::runtime
