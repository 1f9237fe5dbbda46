// State of a subtask as a whole, not of a key (Flink: OperatorStateStore).
//
//   OperatorListState<Offset> offsets(state.table("offsets", Redistribution::kSplit));
//   BroadcastState<std::string, std::int64_t> limits(state.table("limits",
//   Redistribution::kBroadcast));
//
// How it is spread when the job goes on with another number of subtasks is part of the state: each
// element goes to one of them (split), all elements go to each (union), or each has had the same
// elements all along (broadcast).
// Not here: state by key (runtime/state/keyed_state.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/result.h"
#include "runtime/source_share.h"
#include "runtime/state/keyed_state.h"
#include "runtime/state/state_codec.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

enum class Redistribution : std::uint8_t { kSplit, kUnion, kBroadcast };

// Pairs of bytes; a list has empty keys, in the order in which they were added.
class OperatorTable {
 public:
  using Bytes = std::vector<std::byte>;
  explicit OperatorTable(Redistribution how) : how_(how) {}

  void add(Bytes value) { list_.push_back(std::move(value)); }
  [[nodiscard]] const std::vector<Bytes>& list() const noexcept { return list_; }
  [[nodiscard]] std::map<Bytes, Bytes>& map() noexcept { return map_; }
  [[nodiscard]] const std::map<Bytes, Bytes>& map() const noexcept { return map_; }
  void clear();
  [[nodiscard]] Redistribution how() const noexcept { return how_; }
  // Broadcast state may be written only where all subtasks see the same events.
  void set_writable(bool is_writable) noexcept { is_writable_ = is_writable; }
  [[nodiscard]] bool is_writable() const noexcept {
    return is_writable_ || how_ != Redistribution::kBroadcast;
  }

 private:
  Redistribution how_;
  bool is_writable_ = false;
  std::vector<Bytes> list_;     // Of kSplit and kUnion.
  std::map<Bytes, Bytes> map_;  // Of kBroadcast.
};

class OperatorState {
 public:
  // Finds the table or makes it. A name has one redistribution for ever.
  [[nodiscard]] OperatorTable& table(const std::string& name, Redistribution how);
  // Of all broadcast tables.
  void set_writable(bool is_writable);

  // Nothing is written where there are no tables.
  void snapshot(StateSnapshot& state) const;
  // Takes what this one of the subtasks is to have of what all wrote. Returns kCorrupt for bytes
  // that are none of it, kUnsupported where a table has another redistribution than before. What
  // nobody has asked for is kept for later snapshots.
  [[nodiscard]] Result<void> restore(const StateSnapshot& state, SourceShare share = {});

 private:
  // How many elements of lists that are split have been seen, by name.
  using Seen = std::map<std::string, std::size_t>;
  [[nodiscard]] Result<void> restore_part(ByteReader& reader, SourceShare share, Seen& seen);

  std::map<std::string, OperatorTable> tables_;
};

// Elements; with kUnion a restored subtask has those of all.
template <StateValue T>
class OperatorListState {
 public:
  explicit OperatorListState(OperatorTable& table) : table_(&table) {
    LYMER_CHECK(table.how() != Redistribution::kBroadcast, "a list that is broadcast");
  }
  void add(const T& value) { table_->add(state_bytes(value)); }
  [[nodiscard]] std::vector<T> get() const {
    std::vector<T> values;
    for (const auto& each : table_->list()) values.push_back(from_state<T>(each));
    return values;
  }
  void update(const std::vector<T>& values) {
    table_->clear();
    for (const T& each : values) add(each);
  }
  void clear() { table_->clear(); }

 private:
  OperatorTable* table_;
};

// What every subtask knows, written by the events of a broadcast stream alone.
template <StateValue Key, StateValue T>
class BroadcastState {
 public:
  explicit BroadcastState(OperatorTable& table) : table_(&table) {
    LYMER_CHECK(table.how() == Redistribution::kBroadcast, "a broadcast state that is a list");
  }
  [[nodiscard]] std::optional<T> get(const Key& key) const {
    const auto found = table_->map().find(state_bytes(key));
    if (found == table_->map().end()) return std::nullopt;
    return from_state<T>(found->second);
  }
  // In the order of the bytes of their keys.
  [[nodiscard]] std::vector<std::pair<Key, T>> entries() const {
    std::vector<std::pair<Key, T>> entries;
    for (const auto& [key, value] : table_->map()) {
      entries.emplace_back(from_state<Key>(key), from_state<T>(value));
    }
    return entries;
  }
  // Require a call for an event of the broadcast stream.
  void put(const Key& key, const T& value) {
    check_writable();
    table_->map()[state_bytes(key)] = state_bytes(value);
  }
  void remove(const Key& key) {
    check_writable();
    table_->map().erase(state_bytes(key));
  }

 private:
  void check_writable() const {
    LYMER_CHECK(table_->is_writable(), "broadcast state is written where subtasks would differ");
  }

  OperatorTable* table_;
};

}  // namespace lymer::runtime
