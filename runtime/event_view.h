// One event as an operator's function sees it: header, row, and the record that it came from.
// Not here: events of a pattern, with fields by name (cep/event_view.h).
#pragma once

#include <cstddef>
#include <string_view>

#include "runtime/event.h"
#include "runtime/row.h"

namespace lymer::runtime {

// Good during the call that it is given to.
struct EventView {
  const EventHeader& header;
  RowView row;
  std::string_view raw = {};
  std::size_t input = 0;  // Where an operator has several, its place among them.
};

}  // namespace lymer::runtime
