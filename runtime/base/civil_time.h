// Dates as text: reading them by a format, writing them as RFC 3339, time zones.
//
//   auto format = TimeFormat::compile("%b %e %H:%M:%S");          // strptime's letters
//   auto read = format->parse("Mar  4 09:12:01");                 // no year, no zone
//   EventTime time = to_event_time(*read, 2024, *TimeZone::find("UTC"));
//
// Not here: which year a year-less date means (runtime/year_inference.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer {

// What a format found in a text. Fields that the format does not mention keep these values.
struct CivilTime {
  std::optional<int> year;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  std::optional<int> offset_minutes;         // From %z: minutes east of UTC.
  std::optional<std::int64_t> epoch_millis;  // From %s: seconds since the epoch.
};

// A named or fixed time zone. Immutable, cheap to copy.
class TimeZone {
 public:
  // Finds "UTC", "Z", a fixed "+02:00" or "-0530", or an IANA name such as "Europe/Berlin".
  // Returns kNotFound for any other name.
  [[nodiscard]] static Result<TimeZone> find(std::string_view name);
  [[nodiscard]] static TimeZone utc();

  // Turns local civil milliseconds (as if UTC) into event time. In a gap or an overlap of daylight
  // saving the earlier offset counts.
  [[nodiscard]] EventTime from_local(std::int64_t local_millis) const;

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

// A compiled format. Letters: %Y %y %m %d %e %b %B %a %A %j %H %I %M %S %p %f (fraction of a
// second, 1-9 digits) %z %s %T %F %D %R %n %t %%; white space in the format matches any run of it.
// Month and day names are English and in any case. Immutable, thread-safe.
class TimeFormat {
 public:
  // Returns kInvalidArgument, naming the letter, for a format it does not know.
  [[nodiscard]] static Result<TimeFormat> compile(std::string_view format);

  // Reads a whole text; nothing if it does not fit the format or names no real date.
  [[nodiscard]] std::optional<CivilTime> parse(std::string_view text) const;
  [[nodiscard]] bool has_year() const noexcept { return has_year_; }

 private:
  struct Step {
    char letter;  // A conversion letter, ' ' for white space or 0 for a literal.
    char literal;
  };
  std::vector<Step> steps_;
  bool has_year_ = false;
};

// Puts date and zone together; `year` is used where the text had none. Nothing for 29 February in
// a year that has none.
[[nodiscard]] std::optional<EventTime> to_event_time(const CivilTime& civil, int year,
                                                     const TimeZone& zone);

// Gives the year of a time in UTC.
[[nodiscard]] int year_of(EventTime time);

// Reads RFC 3339 (`2026-01-31T00:00:00Z`, fraction and offset allowed, 'T' or space).
[[nodiscard]] std::optional<EventTime> parse_rfc3339(std::string_view text);

// Writes RFC 3339 in UTC with milliseconds: 2026-01-31T00:00:00.000Z. Years outside 0..9999 are
// written with a sign.
[[nodiscard]] std::string to_rfc3339(EventTime time);

// Reads a duration as rule files write it (`1h30m`, `250ms`, `-5m`): units d h m s ms, descending.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

// Writes the shortest such text; `0s` for none.
[[nodiscard]] std::string to_string(Duration duration);

}  // namespace lymer
