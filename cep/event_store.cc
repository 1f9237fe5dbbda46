// A slab with a free list.
// Not here: who holds references.
#include "cep/event_store.h"

#include <algorithm>
#include <cstring>

namespace lymer::cep {
namespace {

// In numbers; what grows beyond is large enough for a longer list not to matter.
constexpr std::size_t kRoomToLetGo = 4096;

}  // namespace

nfa::EventRef EventStore::take_slot() {
  if (free_.empty()) {
    events_.emplace_back();
    // Where there is room to hold, there is room to let go.
    free_.reserve(std::min(events_.capacity(), kRoomToLetGo));
    return nfa::EventRef(static_cast<std::uint32_t>(events_.size() - 1));
  }
  const nfa::EventRef slot = free_.back();
  free_.pop_back();
  events_[slot.value()].is_free = false;
  return slot;
}

nfa::EventRef EventStore::add(const runtime::EventBatch& batch, std::size_t index) {
  const nfa::EventRef slot = take_slot();
  const runtime::EventHeader& header = batch.headers()[index];
  StoredEvent& event = events_[slot.value()];
  event.time = header.time;
  event.id = header.id;
  event.schema = header.schema;
  event.key_mask = header.key_mask;
  const auto row = batch.bytes(header.row);
  event.row.resize(row.size(), boost::container::default_init);
  std::memcpy(event.row.data(), row.data(), row.size());
  held_bytes_ += bytes_of(event);
  references_.retain(slot);
  return slot;
}

nfa::EventRef EventStore::make() {
  const nfa::EventRef slot = take_slot();
  references_.retain(slot);
  return slot;
}

void EventStore::free_released() {
  std::vector<nfa::EventRef>& released = references_.released();
  for (const nfa::EventRef event : released) {
    // An event is listed twice if it was taken again in between, but it is freed once.
    StoredEvent& stored = events_[event.value()];
    if (stored.is_free || references_.count(event) > 0) continue;
    stored.is_free = true;
    held_bytes_ -= bytes_of(stored);
    free_.push_back(event);
  }
  released.clear();
}

}  // namespace lymer::cep
