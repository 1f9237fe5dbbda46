// One event, for conditions and functions written in C++: its time, its row, its fields by name.
//
//   event["user"].as_string()
//
// Owns nothing; lives as long as what it was asked of says.
#pragma once

#include <string_view>

#include "runtime/base/time.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::cep {

class EventView {
 public:
  // The row is one of the schema, which must outlive the view.
  EventView(EventTime time, const runtime::RowView& row, const runtime::Schema& schema)
      : time_(time), row_(row), schema_(&schema) {}

  [[nodiscard]] EventTime time() const noexcept { return time_; }
  [[nodiscard]] const runtime::RowView& row() const noexcept { return row_; }
  // That of the event's stream, which its name tells.
  [[nodiscard]] const runtime::Schema& schema() const noexcept { return *schema_; }

  // Gives a field; null where it is null, and where the stream has no field of this name.
  [[nodiscard]] runtime::Value operator[](std::string_view field) const {
    const auto slot = schema_->slot_of(field);
    return slot ? (*this)[*slot] : runtime::Value::null();
  }
  // Requires a slot of the schema. Saves looking for the name.
  [[nodiscard]] runtime::Value operator[](runtime::Slot slot) const {
    return row_.get(slot, schema_->fields()[slot].type);
  }

 private:
  EventTime time_;
  runtime::RowView row_;
  const runtime::Schema* schema_;
};

}  // namespace lymer::cep
