// One overload for each way in which a stream may declare its time.
// Not here: rejecting events without a time (runtime/record_source.cc).
#include "runtime/timestamp.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"
#include "runtime/format/json_writer.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::runtime {
namespace {

constexpr std::int64_t kMillisPerSecond = 1000;

// Rounds down, so that one unit never jumps over a millisecond.
std::optional<EventTime> from_units(std::int64_t count, std::int64_t units_per_second) {
  if (units_per_second >= kMillisPerSecond) {
    const std::int64_t per_milli = units_per_second / kMillisPerSecond;
    const std::int64_t whole = count / per_milli - (count % per_milli < 0 ? 1 : 0);
    return EventTime::from_millis(whole);
  }
  std::int64_t millis = 0;
  if (__builtin_mul_overflow(count, kMillisPerSecond / units_per_second, &millis)) return {};
  return EventTime::from_millis(millis);
}

std::optional<EventTime> from_units(double count, std::int64_t units_per_second) {
  const double millis = std::floor(
      count * (static_cast<double>(kMillisPerSecond) / static_cast<double>(units_per_second)));
  constexpr double kLimit = 9.2e18;
  if (!(millis > -kLimit && millis < kLimit)) return std::nullopt;
  return EventTime::from_millis(static_cast<std::int64_t>(millis));
}

}  // namespace

std::optional<EventTime> TimestampExtractor::extract(const RowView& row) {
  if (const auto* field = std::get_if<TimeFromField>(&spec_)) {
    const Value value = row.get(field->slot, field->type);
    if (value.is_null()) return std::nullopt;
    if (value.kind() == TypeKind::kTime) return value.as_time();
    return parse_rfc3339(value.as_string());
  }
  if (const auto* unit = std::get_if<TimeFromUnit>(&spec_)) {
    const Value value = row.get(unit->slot, unit->type);
    if (value.is_null()) return std::nullopt;
    if (value.kind() == TypeKind::kInt) return from_units(value.as_int(), unit->units_per_second);
    return from_units(value.as_float(), unit->units_per_second);
  }
  if (const auto* text = std::get_if<TimeFromFormat>(&spec_)) {
    const Value value = row.get(text->slot, Type{TypeKind::kString});
    if (value.is_null()) return std::nullopt;
    const auto civil = text->format.parse(value.as_string());
    if (!civil) return std::nullopt;
    if (text->infer_year) return years_.resolve(*civil, text->zone, clock_.now());
    // Without a year in the format 1970 stands for it; the binder asks for `year infer` then.
    return to_event_time(*civil, civil->year.value_or(1970), text->zone);
  }
  return clock_.now();
}

std::string TimestampExtractor::explain_failure(const RowView& row, const Schema& schema) const {
  const auto slot = std::visit(
      [](const auto& spec) -> std::optional<Slot> {
        if constexpr (requires { spec.slot; }) return spec.slot;
        return std::nullopt;
      },
      spec_);
  LYMER_CHECK(slot.has_value(), "ingestion time cannot fail");
  const Field& field = schema.fields()[*slot];
  // Hidden fields are named after the part of the input they hold.
  const std::string name = field.name.substr(field.hidden ? 1 : 0);
  const Value value = row.get(*slot, field.type);
  if (value.is_null()) return text("`{}`, which holds the event's time, is missing", name);
  std::string shown;
  append_json(shown, value);
  return text("`{}` holds the event's time, but {} cannot be read as the stream declares it", name,
              shown);
}

}  // namespace lymer::runtime
