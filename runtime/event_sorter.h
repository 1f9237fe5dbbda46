// Puts events, or timers, into the order of their times.
//
// Holds what has come until the watermark passes it. The owner breaks ties, so that a replay of the
// same input gives the same order. Input that is already in order costs O(1) an event: it is kept
// in a ring, and only stragglers go through a heap. Not here: the events themselves, which the
// owner's entries name, and what is late.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::runtime {

// An Entry has a `time`. `BreakTie(left, right)` tells of two entries of one time whether `left`
// comes before `right`; entries that it does not tell apart may leave in any order, but if they
// come in order of time they leave as they came.
template <typename Entry, typename BreakTie>
class EventSorter {
 public:
  explicit EventSorter(BreakTie comes_first = {}) : comes_first_(std::move(comes_first)) {}

  void push(const Entry& entry) {
    if (count_ > 0 && comes_before(entry, ring_[place(count_ - 1)])) {
      stragglers_.push_back(entry);
      std::ranges::push_heap(stragglers_, after());
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
  [[nodiscard]] std::vector<Entry> sorted() const {
    std::vector<Entry> all;
    for (std::size_t i = 0; i < count_; ++i) all.push_back(ring_[place(i)]);
    all.insert(all.end(), stragglers_.begin(), stragglers_.end());
    std::ranges::stable_sort(
        all, [this](const Entry& left, const Entry& right) { return comes_before(left, right); });
    return all;
  }
  void clear() {
    count_ = 0;
    stragglers_.clear();
  }
  // Takes out the entries for which `gone` holds.
  template <typename Gone>
  void remove_if(Gone gone) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const Entry& each = ring_[place(i)];
      if (!gone(each)) ring_[place(kept++)] = each;
    }
    count_ = kept;
    std::erase_if(stragglers_, gone);
    std::ranges::make_heap(stragglers_, after());
  }
  // Gives back the memory of a peak, if nothing waits.
  void trim() {
    if (size() > 0) return;
    std::vector<Entry>(kLeastPlaces).swap(ring_);
    std::vector<Entry>().swap(stragglers_);
    first_ = 0;
  }

 private:
  [[nodiscard]] bool comes_before(const Entry& left, const Entry& right) const {
    if (left.time != right.time) return left.time < right.time;
    return comes_first_(left, right);
  }
  // The order of the heap.
  [[nodiscard]] auto after() const {
    return [this](const Entry& left, const Entry& right) { return comes_before(right, left); };
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
  [[nodiscard]] std::optional<Entry> pop_of_both(EventTime watermark) {
    if (next_time() > watermark) return std::nullopt;
    if (count_ > 0 && !comes_before(stragglers_.front(), ring_[first_])) return pop_front();
    std::ranges::pop_heap(stragglers_, after());
    const Entry first = stragglers_.back();
    stragglers_.pop_back();
    return first;
  }
  void grow() {
    std::vector<Entry> larger(2 * ring_.size());
    for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[place(i)];
    ring_ = std::move(larger);
    stragglers_.reserve(std::min(ring_.size() / 4, kRoomForStragglers));
    first_ = 0;
  }

  static constexpr std::size_t kLeastPlaces = 16;
  static constexpr std::size_t kRoomForStragglers = 1024;

  BreakTie comes_first_;
  // What came in order: count_ entries from first_ on; a power of two of places.
  std::vector<Entry> ring_ = std::vector<Entry>(kLeastPlaces);
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<Entry> stragglers_;  // A heap, earliest on top.
};

}  // namespace lymer::runtime
