// Reads the key of an event out of its row.
//
// A key does not travel with its event: what needs to know where an event belongs has its hash, and
// the few places that need the key itself read it again.
// Not here: how keys are encoded (runtime/key_group.h), several keys of one event
// (runtime/operators/key_by.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::runtime {

// The fields that make a key, in order. None: all events share one key.
using KeyExpression = std::vector<Slot>;

class KeyReader {
 public:
  // The slots are fields of `schema`, all of scalar types.
  KeyReader(const Schema& schema, const KeyExpression& fields);

  // Puts the encoded key into `key`. False if a field is null: the row has no key.
  [[nodiscard]] bool read(const RowView& row, std::vector<std::byte>& key) const;
  // Gives the hash of the key, nothing if there is none; `scratch` is overwritten.
  [[nodiscard]] std::optional<std::uint64_t> hash(const RowView& row,
                                                  std::vector<std::byte>& scratch) const;
  // Tells whether this is the row's key; `scratch` is overwritten.
  [[nodiscard]] bool matches(const RowView& row, std::span<const std::byte> key,
                             std::vector<std::byte>& scratch) const;

 private:
  struct KeyField {
    Slot slot = 0;
    Type type;
  };
  std::vector<KeyField> fields_;
  bool is_one_int_;  // The most common of keys: it needs no memory.
};

}  // namespace lymer::runtime
