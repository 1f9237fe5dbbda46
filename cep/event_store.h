// The events that a pattern operator holds: waiting to be sorted, or taken by partial matches.
//
// One copy of each event's row serves all rules and keys. An event lives as long as something
// refers to it; the counts are kept by nfa::EventReferences, which the automaton also uses, and
// collect() frees what is no longer needed. Slots keep their memory for the next event.
// Not here: the order of events (runtime/event_sorter.h), partial matches (nfa/shared_buffer.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "nfa/event_references.h"
#include "runtime/base/time.h"
#include "runtime/event.h"

namespace lymer::cep {

struct StoredEvent {
  EventTime time;
  runtime::EventId id;
  runtime::SchemaId schema;
  runtime::KeyGroup key_group;
  std::uint16_t key_mask = 1;  // See runtime::EventHeader.
  std::uint32_t row_length = 0;
  // The row, then the encoded key.
  std::vector<std::byte> bytes;

  [[nodiscard]] std::span<const std::byte> row() const {
    return std::span(bytes).first(row_length);
  }
  [[nodiscard]] std::span<const std::byte> key() const {
    return std::span(bytes).subspan(row_length);
  }
};

class EventStore {
 public:
  // Copies event `index` of the batch, with one reference held by the caller.
  [[nodiscard]] nfa::EventRef add(const runtime::EventBatch& batch, std::size_t index);
  // Takes an event back from a snapshot, with one reference held by the caller.
  [[nodiscard]] nfa::EventRef add(StoredEvent event);

  [[nodiscard]] const StoredEvent& get(nfa::EventRef event) const { return events_[event.value()]; }
  [[nodiscard]] nfa::EventReferences& references() noexcept { return references_; }

  // Frees the slots of events that nothing refers to any more.
  void collect();

  // Counts the events held.
  [[nodiscard]] std::size_t size() const noexcept { return events_.size() - free_.size(); }

 private:
  [[nodiscard]] nfa::EventRef take_slot();

  std::vector<StoredEvent> events_;
  std::vector<nfa::EventRef> free_;
  nfa::EventReferences references_;
};

}  // namespace lymer::cep
