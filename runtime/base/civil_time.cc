// Dates and zones put together, RFC 3339 and the text form of durations.
//
// Not here: formats of users (runtime/base/time_format.cc) and zones (runtime/base/time_zone.cc).
#include "runtime/base/civil_time.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "runtime/base/calendar.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer {
namespace {

std::int64_t local_millis(std::int64_t year, const CivilTime& civil) {
  return days_from_date({year, civil.month, civil.day}) * kMillisPerDay +
         civil.hour * kMillisPerHour + civil.minute * kMillisPerMinute +
         civil.second * kMillisPerSecond + civil.millisecond;
}

std::int64_t floor_day(EventTime time) {
  const std::int64_t millis = time.to_millis();
  return millis / kMillisPerDay - (millis % kMillisPerDay < 0 ? 1 : 0);
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// Reads exactly `digits` digits at `at`; -1 if they are not all there.
int digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return -1;
  int number = 0;
  for (const char letter : text.substr(at, digits)) {
    if (!is_digit(letter)) return -1;
    number = number * 10 + (letter - '0');
  }
  return number;
}

constexpr std::size_t kDateTimeLength = std::string_view("2026-01-31T00:00:00").size();

// Reads the part before the fraction, whose places are fixed.
std::optional<CivilTime> parse_date_time(std::string_view text) {
  if (text.size() < kDateTimeLength || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
      text[16] != ':' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  CivilTime civil;
  const int year = digits_at(text, 0, 4);
  civil.month = digits_at(text, 5, 2);
  civil.day = digits_at(text, 8, 2);
  civil.hour = digits_at(text, 11, 2);
  civil.minute = digits_at(text, 14, 2);
  civil.second = digits_at(text, 17, 2);
  const bool is_time = civil.hour >= 0 && civil.hour <= 23 && civil.minute >= 0 &&
                       civil.minute <= 59 && civil.second >= 0 && civil.second <= 60;
  if (!is_time || year < 0 || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
      civil.day > days_in_month(year, civil.month)) {
    return std::nullopt;
  }
  civil.year = year;
  return civil;
}

// Takes `.123456` off the front and gives its milliseconds, the rest cut off; 0 if there is none.
std::optional<int> take_fraction(std::string_view& rest) {
  if (!rest.starts_with('.')) return 0;
  std::size_t end = 1;
  int millis = 0;
  for (; end < rest.size() && is_digit(rest[end]); ++end) {
    if (end <= 3) millis = millis * 10 + (rest[end] - '0');
  }
  const std::size_t digits = end - 1;
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) millis *= 10;
  rest.remove_prefix(end);
  return millis;
}

// Reads Z or +hh:mm as minutes east of UTC.
std::optional<int> parse_offset(std::string_view rest) {
  if (rest == "Z" || rest == "z") return 0;
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') {
    return std::nullopt;
  }
  const int hours = digits_at(rest, 1, 2);
  const int minutes = digits_at(rest, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (rest[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
// From large to small; a duration names each at most once, in this order.
constexpr std::array<Unit, 5> kUnits = {{{"d", kMillisPerDay},
                                         {"h", kMillisPerHour},
                                         {"m", kMillisPerMinute},
                                         {"s", kMillisPerSecond},
                                         {"ms", 1}}};

}  // namespace

std::optional<EventTime> to_event_time(const CivilTime& civil, int year, const TimeZone& zone) {
  if (civil.epoch_millis) return EventTime::from_millis(*civil.epoch_millis);
  const int actual_year = civil.year.value_or(year);
  if (civil.day > days_in_month(actual_year, civil.month)) return std::nullopt;
  const std::int64_t local = local_millis(actual_year, civil);
  if (!civil.offset_minutes) return zone.from_local(local);
  return EventTime::from_millis(local) - Duration::minutes(*civil.offset_minutes);
}

int year_of(EventTime time) { return static_cast<int>(date_from_days(floor_day(time)).year); }

std::optional<EventTime> parse_rfc3339(std::string_view text) {
  auto civil = parse_date_time(text);
  if (!civil) return std::nullopt;
  std::string_view rest = text.substr(kDateTimeLength);
  const auto millis = take_fraction(rest);
  const auto offset = parse_offset(rest);
  if (!millis || !offset) return std::nullopt;
  civil->millisecond = *millis;
  return EventTime::from_millis(local_millis(*civil->year, *civil)) - Duration::minutes(*offset);
}

std::string to_rfc3339(EventTime time) {
  const std::int64_t day = floor_day(time);
  const CalendarDate date = date_from_days(day);
  // Not day * kMillisPerDay: that would overflow at the lower end of the range.
  const std::int64_t remainder = time.to_millis() % kMillisPerDay;
  const std::int64_t of_day = remainder < 0 ? remainder + kMillisPerDay : remainder;
  std::string written =
      date.year >= 0 && date.year <= 9999 ? text("{:04}", date.year) : text("{:+05}", date.year);
  append_text(written, "-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", date.month, date.day,
              of_day / kMillisPerHour, of_day / kMillisPerMinute % 60,
              of_day / kMillisPerSecond % 60, of_day % kMillisPerSecond);
  return written;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    if (!is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters])) ++letters;
    const std::string_view name = text.substr(0, letters);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    const std::int64_t factor = (is_negative ? -1 : 1) * kUnits[next_unit++].millis;
    if (__builtin_mul_overflow(count, factor, &count)) return std::nullopt;
    if (__builtin_add_overflow(sum, count, &sum)) return std::nullopt;
    text.remove_prefix(letters);
  }
  return Duration::millis(sum);
}

std::string to_string(Duration duration) {
  const std::int64_t millis = duration.to_millis();
  if (millis == 0) return "0s";
  std::string written = millis < 0 ? "-" : "";
  // Unsigned, because the smallest duration has no positive counterpart.
  std::uint64_t rest = millis < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(millis)
                                  : static_cast<std::uint64_t>(millis);
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.millis);
    if (rest >= size) append_text(written, "{}{}", rest / size, unit.name);
    rest %= size;
  }
  return written;
}

}  // namespace lymer
