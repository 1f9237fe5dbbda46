// Arithmetic of the Gregorian calendar on plain numbers, for the files that read and write dates.
//
// Days count from 1970-01-01 and the calendar runs backwards without a break, as ISO 8601 has it.
// Not here: dates as text (runtime/base/civil_time.h).
#pragma once

#include <cstdint>

namespace lymer {

inline constexpr std::int64_t kMillisPerSecond = 1000;
inline constexpr std::int64_t kMillisPerMinute = 60 * kMillisPerSecond;
inline constexpr std::int64_t kMillisPerHour = 60 * kMillisPerMinute;
inline constexpr std::int64_t kMillisPerDay = 24 * kMillisPerHour;

struct CalendarDate {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
};

[[nodiscard]] bool is_leap_year(std::int64_t year) noexcept;
// Requires a month in 1..12.
[[nodiscard]] int days_in_month(std::int64_t year, int month) noexcept;
[[nodiscard]] std::int64_t days_from_date(const CalendarDate& date) noexcept;
[[nodiscard]] CalendarDate date_from_days(std::int64_t days) noexcept;

}  // namespace lymer
