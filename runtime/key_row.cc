// Part by part.
// Not here: reading the bytes (runtime/key_group.cc).
#include "runtime/key_row.h"

#include "runtime/key_group.h"

namespace lymer::runtime {

void set_key_fields(std::span<const std::byte> key, std::size_t fields, RowBuilder& row,
                    std::vector<Value>& scratch) {
  if (fields == 0 || !read_key(key, scratch)) return;
  for (Slot slot = 0; slot < fields && slot < scratch.size(); ++slot) {
    if (scratch[slot].kind() == row.schema().fields()[slot].type.kind) row.set(slot, scratch[slot]);
  }
}

}  // namespace lymer::runtime
