// Both directions shift the year to begin in March, so that the leap day comes last and the days
// before a month follow from one linear formula; 400 years are one period of 146097 days.
// Not here: time zones (runtime/base/time_zone.cc).
#include "runtime/base/calendar.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/base/check.h"

namespace lymer {
namespace {

constexpr std::int64_t kYearsPerPeriod = 400;
constexpr std::int64_t kDaysPerPeriod = 146097;
// From 0000-03-01, where the shifted calendar begins, to 1970-01-01.
constexpr std::int64_t kDaysToEpoch = 719468;

std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

}  // namespace

bool is_leap_year(std::int64_t year) noexcept {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(std::int64_t year, int month) noexcept {
  LYMER_DCHECK(month >= 1 && month <= 12, "no such month");
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month == 2 && is_leap_year(year)) return 29;
  return kDays[static_cast<std::size_t>(month)];
}

std::int64_t days_from_date(const CalendarDate& date) noexcept {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t month_from_march = (date.month + 9) % 12;
  const std::int64_t period = floor_divide(year, kYearsPerPeriod);
  const std::int64_t year_of_period = year - period * kYearsPerPeriod;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_period =
      year_of_period * 365 + year_of_period / 4 - year_of_period / 100 + day_of_year;
  return period * kDaysPerPeriod + day_of_period - kDaysToEpoch;
}

CalendarDate date_from_days(std::int64_t days) noexcept {
  const std::int64_t shifted = days + kDaysToEpoch;
  const std::int64_t period = floor_divide(shifted, kDaysPerPeriod);
  const std::int64_t day_of_period = shifted - period * kDaysPerPeriod;
  // Takes the leap days out before dividing: one in 4 years, none in 100, the last of the period.
  const std::int64_t year_of_period =
      (day_of_period - day_of_period / 1460 + day_of_period / 36524 - day_of_period / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_period - (365 * year_of_period + year_of_period / 4 - year_of_period / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>((month_from_march + 2) % 12 + 1);
  CalendarDate date;
  date.year = period * kYearsPerPeriod + year_of_period + (month <= 2 ? 1 : 0);
  date.month = month;
  date.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  return date;
}

}  // namespace lymer
