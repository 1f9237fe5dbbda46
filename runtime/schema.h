// Names to slots: which fields the rows of a stream have, in which order and of which type.
//
// A Schema is immutable once made and shared by all rows of its stream. Slots are resolved when a
// rule is loaded, so no name is looked up on the path of an event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/value.h"

namespace lymer::runtime {

// The position of a field in its row.
using Slot = std::uint32_t;

struct Field {
  std::string name;
  Type type;
  bool nullable = false;
  // Read from the input for the sake of others (a capture that only `time` uses); never shown.
  bool hidden = false;
  friend bool operator==(const Field&, const Field&) = default;
};

class Schema {
 public:
  // Requires distinct names.
  Schema(std::string name, std::vector<Field> fields);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  // Finds a field by name.
  [[nodiscard]] std::optional<Slot> slot_of(std::string_view field) const;

 private:
  std::string name_;
  std::vector<Field> fields_;
  std::map<std::string, Slot, std::less<>> slots_;
};

using SchemaRef = std::shared_ptr<const Schema>;

}  // namespace lymer::runtime
