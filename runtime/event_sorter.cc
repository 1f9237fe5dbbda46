// The rare ways: a ring that is full, and entries out of order.
// Not here: sorting by a user's comparator (cep/pending_events.h).
#include "runtime/event_sorter.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::runtime {

void EventSorter::grow() {
  std::vector<Entry> larger(2 * ring_.size());
  for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[place(i)];
  ring_ = std::move(larger);
  first_ = 0;
}

void EventSorter::push_straggler(const Entry& entry) {
  stragglers_.push_back(entry);
  std::ranges::push_heap(stragglers_, comes_after);
}

std::optional<EventSorter::Entry> EventSorter::pop_of_both(EventTime watermark) {
  if (next_time() > watermark) return std::nullopt;
  if (count_ > 0 && !comes_before(stragglers_.front(), ring_[first_])) return pop_front();
  std::ranges::pop_heap(stragglers_, comes_after);
  const Entry first = stragglers_.back();
  stragglers_.pop_back();
  return first;
}

std::vector<EventSorter::Entry> EventSorter::sorted() const {
  std::vector<Entry> all = stragglers_;
  for (std::size_t i = 0; i < count_; ++i) all.push_back(ring_[place(i)]);
  std::ranges::sort(all, comes_before);
  return all;
}

}  // namespace lymer::runtime
