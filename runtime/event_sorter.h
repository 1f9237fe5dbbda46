// Puts events into the order of their times.
//
// Holds what has come until the watermark passes it. Equal times go by (rank, split, offset), so a
// replay of the same input gives the same order. Input that is already in order costs O(1) an
// event: it is kept in a queue, and only stragglers go through a heap. Not here: the events
// themselves, which the owner keeps under the handles, and what is late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/event.h"

namespace lymer::runtime {

class EventSorter {
 public:
  struct Entry {
    EventTime time;
    EventId id;
    std::uint32_t handle = 0;
    std::uint16_t rank = 0;  // Of the stream, among several: decides between equal times.
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  void push(const Entry& entry);
  // Takes out the first entry in order if its time is at or before `watermark`.
  [[nodiscard]] std::optional<Entry> pop(EventTime watermark);
  // Gives the time of the first entry, EventTime::max() if there is none.
  [[nodiscard]] EventTime next_time() const;

  [[nodiscard]] std::size_t size() const noexcept { return in_order_.size() + stragglers_.size(); }
  // Lists all entries in order, for the snapshot.
  [[nodiscard]] std::vector<Entry> sorted() const;

 private:
  std::deque<Entry> in_order_;
  std::vector<Entry> stragglers_;  // A heap, earliest on top.
};

}  // namespace lymer::runtime
