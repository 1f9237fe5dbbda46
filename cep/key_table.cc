// A hash table from key bytes to records with a free list.
// Not here: the encoding of keys (runtime/key_group.h).
#include "cep/key_table.h"

#include <algorithm>

namespace lymer::cep {
namespace {

std::string_view as_text(std::span<const std::byte> key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

RuleState* KeyRecord::find(RuleIndex rule) {
  const auto found = std::ranges::lower_bound(rules, rule, {}, &RuleState::rule);
  return found != rules.end() && found->rule == rule ? &*found : nullptr;
}

RuleState& KeyRecord::obtain(RuleIndex rule) {
  const auto place = std::ranges::lower_bound(rules, rule, {}, &RuleState::rule);
  if (place != rules.end() && place->rule == rule) return *place;
  RuleState fresh;
  fresh.rule = rule;
  return *rules.insert(place, std::move(fresh));
}

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

KeyIndex KeyTable::obtain(std::span<const std::byte> key, std::uint64_t hash) {
  const auto is_it = [&](std::span<const std::byte> known) {
    return std::ranges::equal(known, key);
  };
  if (const auto known = find(hash, is_it)) return *known;
  KeyIndex index(static_cast<std::uint32_t>(records_));
  if (free_.empty()) {
    if (records_++ % kChunk == 0) {
      chunks_.push_back(std::make_unique<std::array<KeyRecord, kChunk>>());
    }
  } else {
    index = free_.back();
    free_.pop_back();
  }
  KeyRecord& record = at(index);
  record.key = as_text(key);
  record.hash = hash;
  record.next_ordinal = 0;
  record.state_bytes = 0;
  if (4 * size() > 3 * slots_.size()) grow();
  insert({tag_of(hash), index.value()});
  return index;
}

std::size_t KeyTable::place_of(KeyIndex index) const {
  std::size_t place = home_of(tag_of(at(index).hash));
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
  record.key.clear();
  record.rules.clear();
  ++record.generation;
  free_.push_back(index);
}

std::vector<KeyIndex> KeyTable::sorted() const {
  std::vector<KeyIndex> all;
  all.reserve(size());
  for (const Slot& slot : slots_) {
    if (slot.index != kNobody) all.push_back(KeyIndex(slot.index));
  }
  std::ranges::sort(all, {}, [this](KeyIndex index) { return std::string_view(at(index).key); });
  return all;
}

}  // namespace lymer::cep
