// An encoded key as the fields of a row.
//
// Not here: the encoding (runtime/key_group.h).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/row.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Sets the first `fields` fields of the row to the parts of the key; those that are missing, or of
// another kind than their field, stay as they are: bytes that come back from disk may hold
// anything. `scratch` is overwritten.
void set_key_fields(std::span<const std::byte> key, std::size_t fields, RowBuilder& row,
                    std::vector<Value>& scratch);

}  // namespace lymer::runtime
