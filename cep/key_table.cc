// A hash table from key bytes to records with a free list.
// Not here: the encoding of keys (runtime/key_group.h).
#include "cep/key_table.h"

#include <algorithm>

#include "runtime/base/hash.h"

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

void KeyRecord::drop_idle() {
  std::erase_if(rules, [](const RuleState& state) { return state.runs.is_idle(); });
}

std::size_t KeyTable::Hash::operator()(std::string_view key) const noexcept {
  return hash64(std::as_bytes(std::span(key.data(), key.size())));
}

std::optional<KeyIndex> KeyTable::find(std::span<const std::byte> key) const {
  const auto found = by_key_.find(as_text(key));
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

KeyIndex KeyTable::obtain(std::span<const std::byte> key, runtime::KeyGroup group) {
  if (const auto known = find(key)) return *known;
  KeyIndex index(static_cast<std::uint32_t>(records_.size()));
  if (free_.empty()) {
    records_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  KeyRecord& record = at(index);
  record.key = as_text(key);
  record.group = group;
  record.next_ordinal = 0;
  by_key_.emplace(record.key, index);
  return index;
}

void KeyTable::erase(KeyIndex index) {
  KeyRecord& record = at(index);
  by_key_.erase(record.key);
  record.key.clear();
  record.rules.clear();
  ++record.generation;
  free_.push_back(index);
}

std::vector<KeyIndex> KeyTable::sorted() const {
  std::vector<KeyIndex> all;
  all.reserve(by_key_.size());
  for (const auto& [key, index] : by_key_) all.push_back(index);
  std::ranges::sort(all, {}, [this](KeyIndex index) { return std::string_view(at(index).key); });
  return all;
}

}  // namespace lymer::cep
