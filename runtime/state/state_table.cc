// Tables in memory: a hash table of short byte strings, or of sorted lists of them.
// Not here: how the hash table keeps its order (runtime/state/hash_order.h).
#include "runtime/state/state_table.h"

#include <map>

#include "runtime/base/byte_string.h"

namespace lymer::runtime {
namespace {

class MemoryValues final : public ValueTable {
 public:
  std::optional<StateBytes> get(const StateAddress& address) override {
    const ByteString* const found = table_.find(address);
    if (found == nullptr) return std::nullopt;
    return found->get();
  }
  void put(const StateAddress& address, StateBytes value) override {
    table_.obtain(address).assign(value);
  }
  void append(const StateAddress& address, StateBytes more) override {
    table_.obtain(address).append(more);
  }
  void erase(const StateAddress& address) override { table_.erase(address); }
  void for_each(const Visit& visit) const override {
    table_.for_each([&](const KeyedTable<ByteString>::Record& each) {
      visit(each.key.get(), each.name_space.get(), each.payload.get());
    });
  }
  void tidy(std::size_t places, const Keep& keep) override {
    table_.tidy(places, [&](ByteString& value) {
      const StateBytes kept = keep(value.get());
      if (kept.empty()) return true;
      if (kept.data() != value.get().data()) value.assign(kept);
      return false;
    });
  }
  std::size_t size() const override { return table_.size(); }

 private:
  KeyedTable<ByteString> table_;
};

struct BytesOrder {
  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  using is_transparent = void;
  bool operator()(const ByteString& left, const ByteString& right) const {
    return compare_bytes(left.get(), right.get()) < 0;
  }
  bool operator()(const ByteString& left, StateBytes right) const {
    return compare_bytes(left.get(), right) < 0;
  }
  bool operator()(StateBytes left, const ByteString& right) const {
    return compare_bytes(left, right.get()) < 0;
  }
};

class MemoryMap final : public MapTable {
 public:
  std::optional<StateBytes> get(const StateAddress& address, StateBytes entry) override {
    const Entries* const entries = table_.find(address);
    if (entries == nullptr) return std::nullopt;
    const auto found = entries->find(entry);
    if (found == entries->end()) return std::nullopt;
    return found->second.get();
  }
  void put(const StateAddress& address, StateBytes entry, StateBytes value) override {
    Entries& entries = table_.obtain(address);
    const auto found = entries.lower_bound(entry);
    if (found != entries.end() && compare_bytes(found->first.get(), entry) == 0) {
      found->second.assign(value);
    } else {
      entries.emplace_hint(found, ByteString(entry), ByteString(value));
    }
  }
  void erase(const StateAddress& address, StateBytes entry) override {
    Entries* const entries = table_.find(address);
    if (entries == nullptr) return;
    const auto found = entries->find(entry);
    if (found != entries->end()) entries->erase(found);
    if (entries->empty()) table_.erase(address);
  }
  void erase_before(const StateAddress& address, StateBytes end) override {
    Entries* const entries = table_.find(address);
    if (entries == nullptr) return;
    entries->erase(entries->begin(), entries->lower_bound(end));
    if (entries->empty()) table_.erase(address);
  }
  void clear(const StateAddress& address) override { table_.erase(address); }
  bool is_empty(const StateAddress& address) override { return table_.find(address) == nullptr; }
  void for_each(const StateAddress& address, StateBytes begin, const VisitEntry& visit) override {
    const Entries* const entries = table_.find(address);
    if (entries == nullptr) return;
    for (auto each = entries->lower_bound(begin); each != entries->end(); ++each) {
      if (!visit(each->first.get(), each->second.get())) return;
    }
  }
  void for_each(const Visit& visit) const override {
    table_.for_each([&](const KeyedTable<Entries>::Record& each) {
      for (const auto& [entry, value] : each.payload) {
        visit(each.key.get(), each.name_space.get(), entry.get(), value.get());
      }
    });
  }
  void tidy(std::size_t places, const Gone& is_gone) override {
    table_.tidy(places, [&](Entries& entries) {
      std::erase_if(entries, [&](const auto& each) { return is_gone(each.second.get()); });
      return entries.empty();
    });
  }
  std::size_t size() const override { return table_.size(); }

 private:
  using Entries = std::map<ByteString, ByteString, BytesOrder>;
  KeyedTable<Entries> table_;
};

}  // namespace

// What is expired goes by tidy().
std::unique_ptr<ValueTable> MemoryBackend::make_values(const WhatIsLeft& /*what_is_left*/) {
  return std::make_unique<MemoryValues>();
}

std::unique_ptr<MapTable> MemoryBackend::make_map(const WhatIsLeft& /*what_is_left*/) {
  return std::make_unique<MemoryMap>();
}

StateBackend& memory_backend() {
  static MemoryBackend backend;
  return backend;
}

}  // namespace lymer::runtime
