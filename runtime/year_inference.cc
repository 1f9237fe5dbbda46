// A year-less date means the year in which it lies closest to the events before it.
//
// `last_` is the latest time so far and not that of the last event, so that a straggler from before
// New Year does not take its year along.
// Not here: reading the date (runtime/base/time_format.cc).
#include "runtime/year_inference.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "runtime/base/byte_codec.h"
#include "runtime/base/calendar.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/result.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::runtime {
namespace {

constexpr Duration kAheadMax = Duration::days(1);
constexpr Duration kHalfYear = Duration::days(183);
// Between two leap years lie at most 8 years (1896 and 1904).
constexpr int kYearsBackMax = 8;
constexpr int kYearMax = 9999;

// Gives a time to compare with, also in years in which the date does not exist.
EventTime about(CivilTime civil, int year, const TimeZone& zone) {
  civil.day = std::min(civil.day, days_in_month(year, civil.month));
  return to_event_time(civil, year, zone).value_or(EventTime::min());
}

}  // namespace

std::optional<EventTime> YearInference::resolve(const CivilTime& civil, const TimeZone& zone,
                                                EventTime now) {
  if (civil.year || civil.epoch_millis) return to_event_time(civil, 0, zone);
  if (year_ == 0) {
    // The zone may be a year ahead of UTC.
    const int newest = year_of(now + kAheadMax) + 1;
    for (int year = newest; year >= newest - kYearsBackMax - 1; --year) {
      const auto time = to_event_time(civil, year, zone);
      if (!time || *time > now + kAheadMax) continue;
      year_ = year;
      last_ = *time;
      return time;
    }
    return std::nullopt;
  }
  int year = year_;
  const EventTime candidate = about(civil, year, zone);
  if (candidate < last_ - kHalfYear) ++year;
  if (candidate > last_ + kHalfYear) --year;
  const auto time = to_event_time(civil, year, zone);
  if (time && *time > last_) {
    year_ = year;
    last_ = *time;
  }
  return time;
}

void YearInference::snapshot(ByteWriter& writer) const {
  writer.put_u32(static_cast<std::uint32_t>(year_));
  writer.put_time(last_);
}

Result<void> YearInference::restore(ByteReader& reader) {
  const std::uint32_t year = reader.u32();
  const EventTime last = reader.time();
  LYMER_RETURN_IF_ERROR(reader.status("the state of `year infer`"));
  if (year > static_cast<std::uint32_t>(kYearMax)) {
    return Error{ErrorCode::kCorrupt, text("the state of `year infer` holds year {}", year)};
  }
  year_ = static_cast<int>(year);
  last_ = last;
  return {};
}

}  // namespace lymer::runtime
