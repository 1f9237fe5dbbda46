// The events that partial matches have taken.
//
// One copy of each event's row serves all rules and keys. An event lives as long as something
// refers to it; the counts are kept by nfa::EventReferences, which the automaton also uses, and
// collect() frees what is no longer needed. Slots keep their memory for the next event.
// Not here: events that wait (cep/pending_events.h), partial matches (nfa/shared_buffer.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "nfa/event_references.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

struct StoredEvent {
  EventTime time;
  runtime::EventId id;
  runtime::SchemaId schema;
  std::uint16_t key_mask = 1;  // See runtime::EventHeader.
  bool is_free = false;        // The slot holds no event.
  // Most fit in here.
  boost::container::small_vector<std::byte, 72> row;
};

// The event's fields. `schemas` gives the row layouts by SchemaId.
[[nodiscard]] inline runtime::RowView row_of(const StoredEvent& event,
                                             const std::vector<runtime::SchemaRef>& schemas) {
  return runtime::RowView(event.row, schemas[event.schema.value()]->size());
}

class EventStore {
 public:
  // Copies event `index` of the batch, with one reference held by the caller.
  [[nodiscard]] nfa::EventRef add(const runtime::EventBatch& batch, std::size_t index);
  // Gives a slot to fill, for an event from a snapshot, with one reference held by the caller, who
  // calls filled() then.
  [[nodiscard]] nfa::EventRef make();
  void filled(nfa::EventRef event) { held_bytes_ += bytes_of(get(event)); }

  [[nodiscard]] const StoredEvent& get(nfa::EventRef event) const { return events_[event.value()]; }
  [[nodiscard]] StoredEvent& get(nfa::EventRef event) { return events_[event.value()]; }
  [[nodiscard]] nfa::EventReferences& references() noexcept { return references_; }

  // Frees the slots of events that nothing refers to any more.
  void collect() {
    if (!references_.released().empty()) free_released();
  }

  // The bytes that an event takes.
  [[nodiscard]] static std::size_t bytes_of(const StoredEvent& event) {
    return sizeof(StoredEvent) + event.row.size();
  }
  // Those of all events held.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }

  // Gives back the memory of a peak, if no event is held.
  void trim() {
    if (size() > 0) return;
    decltype(events_)().swap(events_);
    decltype(free_)().swap(free_);
    references_.trim();
  }
  [[nodiscard]] std::size_t slots() const noexcept { return events_.size(); }

  // Counts the events held.
  [[nodiscard]] std::size_t size() const noexcept { return events_.size() - free_.size(); }

 private:
  void free_released();
  [[nodiscard]] nfa::EventRef take_slot();

  std::size_t held_bytes_ = 0;
  std::vector<StoredEvent> events_;
  std::vector<nfa::EventRef> free_;
  nfa::EventReferences references_;
};

}  // namespace lymer::cep
