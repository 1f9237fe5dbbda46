// Names are looked up when rules are loaded, never per event.
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
    const bool is_new = slots_.emplace(fields_[slot].name, slot).second;
    LYMER_CHECK(is_new, fields_[slot].name);
  }
}

std::optional<Slot> Schema::slot_of(std::string_view field) const {
  const auto found = slots_.find(field);
  if (found == slots_.end()) return std::nullopt;
  return found->second;
}

}  // namespace lymer::runtime
