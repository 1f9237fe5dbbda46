// What the `select` of a window gives: expressions over aggregates of its events.
//
//   // { user: key.user, bytes: sum(bytes), at: window.end }
//
// The current row of the expressions is the window's own: the fields of its key, then its start and
// its end. Aggregates are over history 0, the window's events, and their arguments over those. They
// are kept up event by event; of the events themselves nothing is kept. `first` is of the earliest
// event and `last` of the latest, by time; of events of one time the one that came first, or last.
// Not here: windows (runtime/window/).
#pragma once

#include <vector>

#include "runtime/schema.h"
#include "runtime/select/expressions.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

// The fields of the current row of what a window selects.
[[nodiscard]] SchemaRef window_row_schema(std::vector<Field> key);

struct WindowSelect {
  SchemaRef window_row;  // As above.
  SchemaRef output;
  Expressions fields;
};
[[nodiscard]] WindowAggregate window_select(const WindowSelect& select);

// The same from the events that a window has kept, for windows whose events go one by one.
[[nodiscard]] WindowProcess window_select_of_events(const WindowSelect& select);

// Fills the window's own row.
void fill_window_row(const WindowView& view, RowBuilder& row);

}  // namespace lymer::runtime
