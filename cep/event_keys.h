// How the events of each stream are keyed, so that a key can be read from an event when it is
// needed.
//
// Not here: the keys that have partial matches (cep/key_table.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/event.h"
#include "runtime/key_reader.h"
#include "runtime/schema.h"

namespace lymer::cep {

// By SchemaId: the expressions that key_by has for the stream's events, in its order.
using KeyExpressions = std::vector<std::vector<runtime::KeyExpression>>;

class EventKeys {
 public:
  // A stream without expressions has one without fields: all its events share one key.
  EventKeys(const std::vector<runtime::SchemaRef>& schemas, const KeyExpressions& expressions) {
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      std::vector<runtime::KeyReader>& readers = readers_.emplace_back();
      if (i < expressions.size()) {
        for (const auto& each : expressions[i]) readers.emplace_back(*schemas[i], each);
      }
      if (readers.empty()) readers.emplace_back(*schemas[i], runtime::KeyExpression{});
    }
  }

  // Tells whether the stream has the expressions of a key mask; for bytes that come back from disk.
  [[nodiscard]] bool knows(runtime::SchemaId schema, std::uint16_t key_mask) const {
    return key_mask != 0 &&
           std::bit_width(key_mask) <= static_cast<int>(readers_[schema.value()].size());
  }
  // Any of the expressions in the mask gives the event's key.
  [[nodiscard]] const runtime::KeyReader& reader(runtime::SchemaId schema,
                                                 std::uint16_t key_mask) const {
    return readers_[schema.value()][static_cast<std::size_t>(std::countr_zero(key_mask))];
  }

 private:
  std::vector<std::vector<runtime::KeyReader>> readers_;
};

}  // namespace lymer::cep
