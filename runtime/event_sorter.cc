// Two sorted sources, merged when taking out.
// Not here: sorting by a user's comparator (cep/).
#include "runtime/event_sorter.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::runtime {
namespace {

bool comes_before(const EventSorter::Entry& left, const EventSorter::Entry& right) {
  return std::tie(left.time, left.rank, left.id) < std::tie(right.time, right.rank, right.id);
}

bool comes_after(const EventSorter::Entry& left, const EventSorter::Entry& right) {
  return comes_before(right, left);
}

}  // namespace

void EventSorter::push(const Entry& entry) {
  if (in_order_.empty() || !comes_before(entry, in_order_.back())) {
    in_order_.push_back(entry);
    return;
  }
  stragglers_.push_back(entry);
  std::ranges::push_heap(stragglers_, comes_after);
}

EventTime EventSorter::next_time() const {
  EventTime next = EventTime::max();
  if (!in_order_.empty()) next = in_order_.front().time;
  if (!stragglers_.empty()) next = std::min(next, stragglers_.front().time);
  return next;
}

std::optional<EventSorter::Entry> EventSorter::pop(EventTime watermark) {
  if (size() == 0 || next_time() > watermark) return std::nullopt;
  const bool straggler_first =
      in_order_.empty() ||
      (!stragglers_.empty() && comes_before(stragglers_.front(), in_order_.front()));
  if (!straggler_first) {
    const Entry first = in_order_.front();
    in_order_.pop_front();
    return first;
  }
  std::ranges::pop_heap(stragglers_, comes_after);
  const Entry first = stragglers_.back();
  stragglers_.pop_back();
  return first;
}

std::vector<EventSorter::Entry> EventSorter::sorted() const {
  std::vector<Entry> all(in_order_.begin(), in_order_.end());
  all.insert(all.end(), stragglers_.begin(), stragglers_.end());
  std::ranges::sort(all, comes_before);
  return all;
}

}  // namespace lymer::runtime
