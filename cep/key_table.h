// The keys that have partial matches, and those partial matches by rule.
//
// A key exists while one of its rules holds an event; an idle key costs nothing. Records keep their
// place while they exist, and another key may get it then.
// Not here: what advances the partial matches (cep/pattern_operator.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cep/rule_states.h"
#include "nfa/shared_buffer.h"
#include "nfa/state_memory.h"
#include "runtime/base/byte_string.h"
#include "runtime/base/strong_id.h"

namespace lymer::cep {

using KeyIndex = StrongId<struct KeyIndexTag, std::uint32_t>;

struct KeyRecord {
  ByteString key;
  std::uint32_t tag = 0;  // See KeyTable.
  nfa::Ordinal next_ordinal = 0;
  RuleStates rules;  // Those that hold something.
};
// With a slot, a timer and a cell this makes the 128 bytes that a key with one partial match may
// take.
static_assert(sizeof(KeyRecord) == 56);

class KeyTable {
 public:
  // `memory` is for what keys have beside their records; it must outlive the table.
  explicit KeyTable(nfa::StateMemory& memory) : memory_(&memory) {}

  // `hash` is runtime::key_hash_of() of the key, which travels with every event. `is_it` is asked
  // whether an encoded key that may be the one is it.
  template <typename IsIt>
  [[nodiscard]] std::optional<KeyIndex> find(std::uint64_t hash, IsIt is_it) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = home_of(tag);; at = home_of(at + 1)) {
      const Slot& slot = slots_[at];
      if (slot.index == kNobody) return std::nullopt;
      if (slot.tag == tag && is_it(this->at(KeyIndex(slot.index)).key.get())) {
        return KeyIndex(slot.index);
      }
    }
  }
  [[nodiscard]] KeyIndex obtain(std::span<const std::byte> key, std::uint64_t hash);
  // What the table knows of a hash. The other half decides about the key group, so the keys of one
  // subtask are alike in it.
  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32U);
  }
  // Tells whether there may be a key with this tag; looks at no record.
  [[nodiscard]] bool may_hold(std::uint32_t tag) const {
    for (std::size_t at = home_of(tag);; at = home_of(at + 1)) {
      if (slots_[at].index == kNobody) return false;
      if (slots_[at].tag == tag) return true;
    }
  }
  // Removes a record that holds nothing. With the last one the table gives back what memory a peak
  // has left it; no index is good any more then.
  void erase(KeyIndex index);

  [[nodiscard]] KeyRecord& at(KeyIndex index) {
    return (*chunks_[index.value() / kChunk])[index.value() % kChunk];
  }
  [[nodiscard]] const KeyRecord& at(KeyIndex index) const {
    return (*chunks_[index.value() / kChunk])[index.value() % kChunk];
  }
  [[nodiscard]] std::size_t size() const noexcept { return records_ - free_.size(); }
  // Lists all keys in the order of their bytes, for the snapshot.
  [[nodiscard]] std::vector<KeyIndex> sorted() const;
  // The memory of slots and records, in use or not.
  [[nodiscard]] std::size_t reserved_bytes() const noexcept;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t index = kNobody;
  };
  static constexpr std::uint32_t kNobody = 0xffffffffU;
  static constexpr std::size_t kLeastSlots = 16;

  [[nodiscard]] std::size_t home_of(std::size_t tag) const { return tag & (slots_.size() - 1); }
  [[nodiscard]] std::size_t place_of(KeyIndex index) const;
  void grow();
  void add_chunks();
  void insert(Slot slot);

  nfa::StateMemory* memory_;
  // Linear probing; a slot behind its home is moved up when one before it is freed, so there are no
  // marks of the dead. A power of two of slots, three quarters full at most, fewer while it is
  // small.
  std::vector<Slot> slots_ = std::vector<Slot>(kLeastSlots);
  static constexpr std::size_t kChunk = 64;
  using Chunk = std::array<KeyRecord, kChunk>;
  // In chunks, so that references stay valid while there come more.
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t records_ = 0;  // Made so far.
  std::vector<KeyIndex> free_;
};

}  // namespace lymer::cep
