// Lists that are linked from their ends, and read into runs of events.
// Not here: what becomes of the events.
#include "runtime/window/event_lists.h"

#include "runtime/base/fetch.h"

namespace lymer::runtime {
namespace {

// Of an event, which hold what most functions read.
constexpr std::size_t kExpectedBytes = 128;

}  // namespace

void EventLists::add(const StateAddress& key, const WindowEvent& event, Record* likely) {
  End& end = ends_.obtain(key, likely);
  end.newest = &log_.add({event.time, static_cast<std::uint32_t>(event.input)}, event.row.bytes(),
                         end.newest);
  ++end.count;
}

void EventLists::read(const StateAddress& key, const FieldCounts& field_counts,
                      std::vector<WindowEvent>& events) const {
  events.clear();
  const End* const end = ends_.find(key);
  if (end == nullptr) return;
  events.resize(end->count);
  const Log::Node* node = end->newest;
  for (std::size_t left = end->count; left > 0; node = node->before) {
    events[--left] = event_at(*node, field_counts);
  }
}

std::optional<EventLists::List> EventLists::Walk::next(const EventLists& lists) {
  if (given_ == gathered_.size()) gather(lists);
  if (given_ == gathered_.size()) return std::nullopt;
  return gathered_[given_++];
}

void EventLists::Walk::gather(const EventLists& lists) {
  gathered_.clear();
  given_ = 0;
  open_.clear();
  std::size_t events = 0;
  lists.ends_.go_on(cursor_, [&](const Ends::Record& each) {
    const End& end = each.payload;
    gathered_.push_back({each.hash, each.key.get(), {}});
    open_.push_back({end.newest, end.count, events});
    fetch(end.newest, kExpectedBytes);
    events += end.count;
    return gathered_.size() < kKeys && events < kEvents;
  });
  events_.resize(events);
  for (std::size_t i = 0; i < gathered_.size(); ++i) {
    gathered_[i].events = std::span(events_).subspan(open_[i].begin, open_[i].left);
  }
  follow();
}

// One event of each key in turn: while one comes, others are read.
void EventLists::Walk::follow() {
  while (!open_.empty()) {
    std::size_t kept = 0;
    for (Open each : open_) {
      events_[each.begin + --each.left] = event_at(*each.node, *field_counts_);
      if (each.left == 0) continue;
      each.node = each.node->before;
      fetch(each.node, kExpectedBytes);
      open_[kept++] = each;
    }
    open_.resize(kept);
  }
}

}  // namespace lymer::runtime
