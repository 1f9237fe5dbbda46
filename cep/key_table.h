// The keys that have partial matches, and those partial matches by rule.
//
// A key exists while one of its rules holds an event; an idle key costs nothing. Records keep their
// place while they exist and carry a generation, so a timer can tell that its key has gone.
// Not here: what advances the partial matches (cep/pattern_operator.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nfa/rule_engine.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"

namespace lymer::cep {

using KeyIndex = StrongId<struct KeyIndexTag, std::uint32_t>;
// A rule's place in its operator.
using RuleIndex = StrongId<struct RuleIndexTag, std::uint32_t>;

// The partial matches of one rule under one key.
struct RuleState {
  RuleIndex rule;
  // Apart, because a key may have many of these and they are moved.
  std::unique_ptr<nfa::EngineState> runs;
  // The deadline for which a timer is set; max() for none.
  EventTime armed = EventTime::max();
};

struct KeyRecord {
  std::string key;  // Encoded; empty while the record is free.
  std::uint64_t hash = 0;
  nfa::Ordinal next_ordinal = 0;
  std::uint32_t generation = 0;
  std::uint64_t state_bytes = 0;  // Of the events, nodes and cells that it holds.
  std::vector<RuleState> rules;   // Those that hold something, in the order of rules.

  // Finds a rule's partial matches; null if it has none.
  [[nodiscard]] RuleState* find(RuleIndex rule);
  // Finds or adds.
  [[nodiscard]] RuleState& obtain(RuleIndex rule);
  // Takes out a rule's, which hold nothing any more.
  void erase(RuleState& state) { rules.erase(rules.begin() + (&state - rules.data())); }
};

class KeyTable {
 public:
  // `hash` is runtime::key_hash_of() of the key, which travels with every event. `is_it` is asked
  // whether an encoded key that has this hash is the one.
  template <typename IsIt>
  [[nodiscard]] std::optional<KeyIndex> find(std::uint64_t hash, IsIt is_it) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = home_of(tag);; at = home_of(at + 1)) {
      const Slot& slot = slots_[at];
      if (slot.index == kNobody) return std::nullopt;
      if (slot.tag == tag && is_it(as_bytes(this->at(KeyIndex(slot.index)).key))) {
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
  // Removes a record that holds nothing.
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

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t index = kNobody;
  };
  static constexpr std::uint32_t kNobody = 0xffffffffU;

  [[nodiscard]] std::size_t home_of(std::size_t tag) const { return tag & (slots_.size() - 1); }
  [[nodiscard]] static std::span<const std::byte> as_bytes(std::string_view key) {
    return std::as_bytes(std::span(key.data(), key.size()));
  }
  [[nodiscard]] std::size_t place_of(KeyIndex index) const;
  void grow();
  void insert(Slot slot);

  // Linear probing; a slot behind its home is moved up when one before it is freed, so there are no
  // marks of the dead. A power of two of slots, three quarters full at most.
  std::vector<Slot> slots_ = std::vector<Slot>(16);
  static constexpr std::size_t kChunk = 64;
  // In chunks, so that references stay valid while there come more.
  std::vector<std::unique_ptr<std::array<KeyRecord, kChunk>>> chunks_;
  std::size_t records_ = 0;  // Made so far.
  std::vector<KeyIndex> free_;
};

}  // namespace lymer::cep
