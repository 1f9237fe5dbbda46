// A hash table from key bytes to records with a free list.
// Not here: the encoding of keys (runtime/key_group.h).
#include "cep/key_table.h"

#include <algorithm>

namespace lymer::cep {
namespace {

// So many records are kept for the next keys when there is none any more.
constexpr std::size_t kKeptRecords = 4096;

// A small table has room to spare: that a key is not there shows at the first slot then.
constexpr std::size_t kSparseSlots = std::size_t{1} << 14U;

}  // namespace

void KeyTable::insert(Slot slot) {
  std::size_t at = home_of(slot.tag);
  while (slots_[at].index != kNobody) at = home_of(at + 1);
  slots_[at] = slot;
}

void KeyTable::grow() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.index != kNobody) insert(slot);
  }
}

// As many as there are, up to those that are kept in any case; then one by one.
void KeyTable::add_chunks() {
  const std::size_t made = chunks_.size();
  const bool is_small = 2 * made * kChunk <= kKeptRecords;
  for (std::size_t i = 0; i == 0 || (is_small && i < made); ++i) {
    chunks_.push_back(std::make_unique<Chunk>());
  }
  // Where there is room to hold, there is room to let go.
  free_.reserve(std::max(free_.capacity(), std::min(chunks_.size() * kChunk, kKeptRecords)));
}

KeyIndex KeyTable::obtain(std::span<const std::byte> key, std::uint64_t hash) {
  const auto is_it = [&](std::span<const std::byte> known) {
    return std::ranges::equal(known, key);
  };
  if (const auto known = find(hash, is_it)) return *known;
  KeyIndex index(static_cast<std::uint32_t>(records_));
  if (free_.empty()) {
    if (records_++ == chunks_.size() * kChunk) add_chunks();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  KeyRecord& record = at(index);
  record.key = ByteString(key);
  record.tag = tag_of(hash);
  record.next_ordinal = 0;
  const bool is_dense =
      slots_.size() < kSparseSlots ? 8 * size() > slots_.size() : 4 * size() > 3 * slots_.size();
  if (is_dense) grow();
  insert({record.tag, index.value()});
  return index;
}

std::size_t KeyTable::place_of(KeyIndex index) const {
  std::size_t place = home_of(at(index).tag);
  while (slots_[place].index != index.value()) place = home_of(place + 1);
  return place;
}

void KeyTable::erase(KeyIndex index) {
  // Those behind it that cannot be found across an empty slot move up.
  std::size_t hole = place_of(index);
  for (std::size_t at = home_of(hole + 1); slots_[at].index != kNobody; at = home_of(at + 1)) {
    const std::size_t from_home = home_of(at - home_of(slots_[at].tag));
    if (from_home < home_of(at - hole)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
  KeyRecord& record = at(index);
  record.key = {};
  record.rules.clear(*memory_);
  free_.push_back(index);
  if (size() == 0 && records_ > kKeptRecords) *this = KeyTable(*memory_);
}

std::vector<KeyIndex> KeyTable::sorted() const {
  std::vector<KeyIndex> all;
  all.reserve(size());
  for (const Slot& slot : slots_) {
    if (slot.index != kNobody) all.push_back(KeyIndex(slot.index));
  }
  std::ranges::sort(all, [this](KeyIndex left, KeyIndex right) {
    return std::ranges::lexicographical_compare(at(left).key.get(), at(right).key.get());
  });
  return all;
}

std::size_t KeyTable::reserved_bytes() const noexcept {
  return slots_.capacity() * sizeof(Slot) + chunks_.size() * sizeof(Chunk) +
         free_.capacity() * sizeof(KeyIndex);
}

}  // namespace lymer::cep
