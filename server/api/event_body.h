// The events of a body: lines, or a JSON document, each event checked alone.
//
//   LYMER_ASSIGN_OR_RETURN(events, read_events(body, EventForm::kLines, limits));
//   events.records;   // Those that are good, in their order.
//   events.rejected;  // How many are not; `errors` tells of the first.
//
// Not here: appending them (server/api/event_routes.h), what their fields mean
// (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "server/log/log_values.h"

namespace lymer::server {

enum class EventForm : std::uint8_t {
  kLines,     // A JSON object a line; lines of white space are left out.
  kDocument,  // A list of objects, or one object.
};

struct EventLimits {
  std::size_t event_bytes = std::size_t{1} << 20U;  // Longer ones are rejected.
  std::size_t errors = 100;                         // So many of those that are wrong are told.
};

struct EventError {
  std::uint64_t line = 0;  // From 1; of a document the place in its list.
  std::string error;
};

struct EventBody {
  log::RecordBatch records;
  std::uint64_t rejected = 0;
  std::vector<EventError> errors;
};

// Returns kInvalidArgument for a document that is no list and no object: where it ends nobody can
// tell. An event of a document is one line in its record, whatever it was.
[[nodiscard]] Result<EventBody> read_events(std::string_view body, EventForm form,
                                            const EventLimits& limits);

}  // namespace lymer::server
