// The keys that have partial matches, and those partial matches by rule.
//
// A key exists while one of its rules holds an event; an idle key costs nothing. Records keep their
// place while they exist and carry a generation, so a timer can tell that its key has gone.
// Not here: what advances the partial matches (cep/pattern_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"
#include "runtime/event.h"

namespace lymer::cep {

using KeyIndex = StrongId<struct KeyIndexTag, std::uint32_t>;
// A rule's place in its operator.
using RuleIndex = StrongId<struct RuleIndexTag, std::uint32_t>;

// The partial matches of one rule under one key.
struct RuleState {
  RuleIndex rule;
  nfa::RunState runs;
  // The deadline for which a timer is set; max() for none.
  EventTime armed = EventTime::max();
};

struct KeyRecord {
  std::string key;  // Encoded; empty while the record is free.
  runtime::KeyGroup group;
  nfa::Ordinal next_ordinal = 0;
  std::uint32_t generation = 0;
  std::vector<RuleState> rules;  // Those that hold something, in the order of rules.

  // Finds a rule's partial matches; null if it has none.
  [[nodiscard]] RuleState* find(RuleIndex rule);
  // Finds or adds.
  [[nodiscard]] RuleState& obtain(RuleIndex rule);
  // Drops the rules that hold nothing any more.
  void drop_idle();
};

class KeyTable {
 public:
  [[nodiscard]] std::optional<KeyIndex> find(std::span<const std::byte> key) const;
  [[nodiscard]] KeyIndex obtain(std::span<const std::byte> key, runtime::KeyGroup group);
  // Removes a record that holds nothing.
  void erase(KeyIndex index);

  [[nodiscard]] KeyRecord& at(KeyIndex index) { return records_[index.value()]; }
  [[nodiscard]] const KeyRecord& at(KeyIndex index) const { return records_[index.value()]; }
  [[nodiscard]] std::size_t size() const noexcept { return by_key_.size(); }
  // Lists all keys in the order of their bytes, for the snapshot.
  [[nodiscard]] std::vector<KeyIndex> sorted() const;

 private:
  struct Hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view key) const noexcept;
  };
  boost::unordered_flat_map<std::string, KeyIndex, Hash, std::equal_to<>> by_key_;
  std::deque<KeyRecord> records_;  // A deque: references stay valid while it grows.
  std::vector<KeyIndex> free_;
};

}  // namespace lymer::cep
