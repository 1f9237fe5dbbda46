// The events of one window by key, each key's in the order in which they came.
//
//   EventLists lists;
//   lists.add(key, {event.header.time, event.row, event.input});
//   ...
//   EventLists::Walk walk(field_counts);
//   while (const auto list = walk.next(lists)) function(list->events, ...);
//
// All rows stand in one log, so adding is one look into a table and no memory of a key's own.
// Not here: when windows fire (runtime/window/slice_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/state/keyed_table.h"
#include "runtime/state/row_log.h"
#include "runtime/state/state_table.h"
#include "runtime/window/evictor.h"

namespace lymer::runtime {

// How many fields the rows of each input have.
using FieldCounts = std::vector<std::size_t>;

class EventLists {
 public:
  // Of one key; good until the next call of whoever gave it, and while the lists are there.
  struct List {
    std::uint64_t hash = 0;  // key_hash_of(key).
    StateBytes key;
    std::span<const WindowEvent> events;
  };
  class Walk;

  // How they are kept.
  struct Head {
    EventTime time;
    std::uint32_t input = 0;
  };
  using Log = RowLog<Head>;
  // The newest of a key's events, from which links lead to those before.
  struct End {
    Log::Node* newest = nullptr;
    std::size_t count = 0;
  };
  using Ends = KeyedTable<End, NoNamespace>;
  using Record = Ends::Record;

  // `likely` is what keys().prefetch_record() gave, if it was asked.
  void add(const StateAddress& key, const WindowEvent& event, Record* likely = nullptr);
  [[nodiscard]] Ends& keys() noexcept { return ends_; }
  // Puts the key's events in place of what is there.
  void read(const StateAddress& key, const FieldCounts& field_counts,
            std::vector<WindowEvent>& events) const;

 private:
  [[nodiscard]] static WindowEvent event_at(const Log::Node& node,
                                            const FieldCounts& field_counts) {
    return {node.head.time, RowView(node.row(), field_counts[node.head.input]), node.head.input};
  }

  Log log_;
  Ends ends_;
};

// Goes through lists key by key in the order of their hashes, which may not change meanwhile; the
// memory of several keys is asked for at once, as they lie anywhere.
class EventLists::Walk {
 public:
  explicit Walk(const FieldCounts& field_counts) : field_counts_(&field_counts) {}
  // Always of the same lists. Nothing if there are no more.
  [[nodiscard]] std::optional<List> next(const EventLists& lists);

 private:
  // What is asked for at once ends with the key that reaches one of these.
  static constexpr std::size_t kKeys = 32;
  static constexpr std::size_t kEvents = 512;
  // A key whose list is being followed, newest first.
  struct Open {
    const Log::Node* node;
    std::size_t left;   // Events that are still to be read.
    std::size_t begin;  // Of the key's events among all.
  };

  void gather(const EventLists& lists);
  void follow();

  const FieldCounts* field_counts_;
  std::size_t cursor_ = 0;
  std::vector<List> gathered_;
  std::size_t given_ = 0;
  std::vector<WindowEvent> events_;  // Of those that are gathered.
  std::vector<Open> open_;           // Scratch.
};

}  // namespace lymer::runtime
