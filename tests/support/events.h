// Schemas, rows, events and batches in a few words, and what a stream carries as text.
//
//   const auto schema = schema_of({{"user", kText}, {"count", kInteger}});
//   const EventBatch batch = batch_of(schema, {at(5, {"ann", 1}), at(7, {"bob", kNull})});
//
// Not here: operators under test (tests/support/operator_harness.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/stream_element.h"
#include "runtime/value.h"

namespace lymer::support {

inline constexpr runtime::Type kTruth{runtime::TypeKind::kBool};
inline constexpr runtime::Type kInteger{runtime::TypeKind::kInt};
inline constexpr runtime::Type kNumber{runtime::TypeKind::kFloat};
inline constexpr runtime::Type kText{runtime::TypeKind::kString};
inline constexpr runtime::Type kAddress{runtime::TypeKind::kIp};
inline constexpr runtime::Type kMoment{runtime::TypeKind::kTime};
inline constexpr runtime::Type kLength{runtime::TypeKind::kDuration};

// A field's content that owns its bytes.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, EventTime,
                          Duration, IpAddress>;
inline constexpr std::monostate kNull;

// Points into the cell.
[[nodiscard]] runtime::Value value_of(const Cell& cell);

[[nodiscard]] runtime::SchemaRef schema_of(std::vector<runtime::Field> fields,
                                           std::string name = "events");

[[nodiscard]] inline EventTime ms(std::int64_t since_epoch) {
  return EventTime::from_millis(since_epoch);
}

// Builds a row of the schema; cells that are not given stay null.
[[nodiscard]] std::vector<std::byte> row_of(const runtime::SchemaRef& schema,
                                            const std::vector<Cell>& cells);

// An event before it has a row.
struct EventDraft {
  EventTime time;
  std::vector<Cell> cells;
  std::optional<runtime::EventId> id = {};
  runtime::SchemaId schema = {};
  std::string raw = {};

  // Says where it came from. Otherwise offsets of split 0 are given out in order.
  [[nodiscard]] EventDraft from(std::uint32_t split, std::uint64_t offset) const;
  // Says which schema its row has; otherwise it is number 0.
  [[nodiscard]] EventDraft of(std::uint16_t number) const;
};

[[nodiscard]] EventDraft at(std::int64_t millis, std::vector<Cell> cells);

// Appends the event; `offset` is used where the draft does not say where it came from.
void append_event(runtime::EventBatch& batch, const runtime::SchemaRef& schema,
                  const EventDraft& draft, std::uint64_t offset);

[[nodiscard]] runtime::EventBatch batch_of(const runtime::SchemaRef& schema,
                                           const std::vector<EventDraft>& drafts);

// Gives an event the hash of its key, as key_by would. No field of it may be null.
void set_key(runtime::EventBatch& batch, std::size_t index, const runtime::Schema& schema,
             const std::vector<runtime::Slot>& slots);
// Likewise every event.
void set_keys(runtime::EventBatch& batch, const runtime::Schema& schema,
              const std::vector<runtime::Slot>& slots);

// The key of these cells, encoded.
[[nodiscard]] std::vector<std::byte> key_of(const std::vector<Cell>& cells);

// What an element carries, a line for each event and for each mark: `@5 {"user":"ann"}`,
// `watermark 4`. An event with a key ends in ` key HASH`.
[[nodiscard]] std::vector<std::string> lines_of(const runtime::StreamElement& element,
                                                const runtime::SchemaRef& schema);

}  // namespace lymer::support
