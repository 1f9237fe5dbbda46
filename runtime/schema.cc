// A linear search is enough: names are looked up when rules are loaded, never per event.
// Not here: reading fields from bytes (runtime/format/).
#include "runtime/schema.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.h"

namespace lymer::runtime {

Schema::Schema(std::string name, std::vector<Field> fields)
    : name_(std::move(name)), fields_(std::move(fields)) {
  for (Slot slot = 0; slot < fields_.size(); ++slot) {
    LYMER_CHECK(slot_of(fields_[slot].name) == slot, fields_[slot].name);
  }
}

std::optional<Slot> Schema::slot_of(std::string_view field) const {
  for (Slot slot = 0; slot < fields_.size(); ++slot) {
    if (fields_[slot].name == field) return slot;
  }
  return std::nullopt;
}

}  // namespace lymer::runtime
