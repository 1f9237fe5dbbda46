// One integer is read without memory, everything else through the general encoding.
// Not here: the encoding (runtime/key_group.cc).
#include "runtime/key_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/base/hash.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

using IntKey = std::array<std::byte, 1 + sizeof(std::uint64_t)>;

IntKey int_key(std::uint64_t word) {
  IntKey key;
  key.front() = static_cast<std::byte>(TypeKind::kInt);
  std::memcpy(key.data() + 1, &word, sizeof(word));
  return key;
}

}  // namespace

KeyReader::KeyReader(const Schema& schema, const KeyExpression& fields) {
  for (const Slot slot : fields) fields_.push_back({slot, schema.fields()[slot].type});
  is_one_int_ = fields_.size() == 1 && fields_.front().type.kind == TypeKind::kInt;
}

bool KeyReader::read(const RowView& row, std::vector<std::byte>& key) const {
  if (is_one_int_) {
    const Slot slot = fields_.front().slot;
    if (row.is_null(slot)) return false;
    const IntKey own = int_key(row.fixed(slot));
    if (key.size() != own.size()) key.resize(own.size());
    std::memcpy(key.data(), own.data(), own.size());
    return true;
  }
  key.clear();
  for (const KeyField& field : fields_) {
    if (row.is_null(field.slot)) return false;
    append_key(key, row.get(field.slot, field.type));
  }
  return true;
}

std::optional<std::uint64_t> KeyReader::hash(const RowView& row,
                                             std::vector<std::byte>& scratch) const {
  if (is_one_int_) {
    const Slot slot = fields_.front().slot;
    if (row.is_null(slot)) return std::nullopt;
    return hash64(static_cast<std::byte>(TypeKind::kInt), row.fixed(slot));
  }
  if (!read(row, scratch)) return std::nullopt;
  return key_hash_of(scratch);
}

bool KeyReader::matches(const RowView& row, std::span<const std::byte> key,
                        std::vector<std::byte>& scratch) const {
  if (is_one_int_) {
    const Slot slot = fields_.front().slot;
    if (row.is_null(slot) || key.size() != sizeof(IntKey)) return false;
    const IntKey own = int_key(row.fixed(slot));
    return std::memcmp(own.data(), key.data(), own.size()) == 0;
  }
  return read(row, scratch) && std::ranges::equal(scratch, key);
}

}  // namespace lymer::runtime
