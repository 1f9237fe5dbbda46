// Puts events into the order of their times.
//
// Holds what has come until the watermark passes it. Equal times go by (rank, split, offset), so a
// replay of the same input gives the same order. Input that is already in order costs O(1) an
// event: it is kept in a ring, and only stragglers go through a heap. Not here: the events
// themselves, which the owner keeps under the handles, and what is late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/event.h"

namespace lymer::runtime {

class EventSorter {
 public:
  struct Entry {
    EventTime time;
    EventId id;
    std::uint64_t handle = 0;
    // Carried along, so that the owner need not look at an event that it has no use for.
    std::uint64_t key_hash = 0;
    std::uint32_t plan = 0;
    std::uint16_t rank = 0;  // Of the stream, among several: decides between equal times.
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  void push(const Entry& entry) {
    if (count_ > 0 && comes_before(entry, ring_[place(count_ - 1)])) {
      push_straggler(entry);
      return;
    }
    if (count_ == ring_.size()) grow();
    ring_[place(count_++)] = entry;
  }
  // Takes out the first entry in order if its time is at or before `watermark`.
  [[nodiscard]] std::optional<Entry> pop(EventTime watermark) {
    if (!stragglers_.empty()) return pop_of_both(watermark);
    if (count_ == 0 || ring_[first_].time > watermark) return std::nullopt;
    return pop_front();
  }
  // Gives the time of the first entry, EventTime::max() if there is none.
  [[nodiscard]] EventTime next_time() const {
    const EventTime next = count_ == 0 ? EventTime::max() : ring_[first_].time;
    return stragglers_.empty() || next < stragglers_.front().time ? next : stragglers_.front().time;
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_ + stragglers_.size(); }
  // Lists all entries in order, for the snapshot.
  [[nodiscard]] std::vector<Entry> sorted() const;

 private:
  [[nodiscard]] static bool comes_before(const Entry& left, const Entry& right) {
    if (left.time != right.time) return left.time < right.time;
    return std::tie(left.rank, left.id) < std::tie(right.rank, right.id);
  }
  [[nodiscard]] static bool comes_after(const Entry& left, const Entry& right) {
    return comes_before(right, left);
  }
  [[nodiscard]] std::size_t place(std::size_t index) const {
    return (first_ + index) & (ring_.size() - 1);
  }
  Entry pop_front() {
    const Entry entry = ring_[first_];
    first_ = place(1);
    --count_;
    return entry;
  }
  void grow();
  void push_straggler(const Entry& entry);
  [[nodiscard]] std::optional<Entry> pop_of_both(EventTime watermark);

  // What came in order: count_ entries from first_ on; a power of two of places.
  std::vector<Entry> ring_ = std::vector<Entry>(16);
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<Entry> stragglers_;  // A heap, earliest on top.
};

}  // namespace lymer::runtime
