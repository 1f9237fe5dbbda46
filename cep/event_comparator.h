// Comparators: what decides the order of events of one key and time.
//
// Without one they keep the order of their streams, splits and offsets. After the EventComparator
// of Flink CEP.
#pragma once

#include <functional>
#include <vector>

#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

struct ComparedEvent {
  runtime::SchemaId schema;
  runtime::RowView row;
};

// Tells whether the left event comes first; a strict weak order.
using EventComparator = std::function<bool(const ComparedEvent& left, const ComparedEvent& right)>;

// One field of `order by`. Null comes before every value.
struct OrderField {
  // By SchemaId; only those of the streams that are compared matter. All of one type.
  std::vector<runtime::Slot> slots;
  runtime::Type type;
  bool is_descending = false;
};

// Compares by the first field that differs.
[[nodiscard]] EventComparator by_fields(std::vector<OrderField> fields);

}  // namespace lymer::cep
