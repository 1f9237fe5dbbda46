// The time of an event, read from its fields.
//
// Not here: what the time means for progress (runtime/watermark.h), and the formats of dates
// (runtime/base/civil_time.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/base/byte_codec.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"
#include "runtime/year_inference.h"

namespace lymer::runtime {

// A field of type time, or a string in RFC 3339.
struct TimeFromField {
  Slot slot = 0;
  Type type;
};
// A string read by a format; the zone applies where the text names none.
struct TimeFromFormat {
  Slot slot = 0;
  TimeFormat format;
  TimeZone zone;
  bool infer_year = false;
};
// An int or float counting units since the epoch.
struct TimeFromUnit {
  Slot slot = 0;
  Type type;
  std::int64_t units_per_second = 1000;
};
// The clock's time when the event is read.
struct IngestionTime {};

using TimestampSpec = std::variant<TimeFromField, TimeFromFormat, TimeFromUnit, IngestionTime>;

// Reads times for one split; remembers the year of year-less dates.
class TimestampExtractor {
 public:
  // `clock` must outlive the extractor.
  TimestampExtractor(TimestampSpec spec, Clock& clock) : spec_(std::move(spec)), clock_(clock) {}

  // Gives the event's time, or nothing where the field is null or cannot be read.
  [[nodiscard]] std::optional<EventTime> extract(const RowView& row);

  // Says why extract() gave nothing for this row.
  [[nodiscard]] std::string explain_failure(const RowView& row, const Schema& schema) const;

  void snapshot(ByteWriter& writer) const { years_.snapshot(writer); }
  [[nodiscard]] Result<void> restore(ByteReader& reader) { return years_.restore(reader); }

 private:
  TimestampSpec spec_;
  Clock& clock_;
  YearInference years_;
};

}  // namespace lymer::runtime
