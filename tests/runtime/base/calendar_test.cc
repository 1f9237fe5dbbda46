// The calendar against known days, and both directions against each other.
// Not here: dates as text (civil_time_test.cc).
#include "runtime/base/calendar.h"

#include <gtest/gtest.h>

namespace lymer {
namespace {

TEST(Calendar, CountsDaysFromTheEpoch) {
  EXPECT_EQ(days_from_date({1970, 1, 1}), 0);
  EXPECT_EQ(days_from_date({1969, 12, 31}), -1);
  EXPECT_EQ(days_from_date({2000, 2, 29}), 11016);
  EXPECT_EQ(days_from_date({2026, 1, 31}), 20484);
  EXPECT_EQ(days_from_date({0, 1, 1}), -719528);
}

TEST(Calendar, GivesBackEachDateOverEightHundredYears) {
  CalendarDate expected{1599, 12, 31};
  for (std::int64_t day = days_from_date(expected); expected.year < 2401; ++day) {
    const CalendarDate date = date_from_days(day);
    ASSERT_EQ(date.year, expected.year) << day;
    ASSERT_EQ(date.month, expected.month) << day;
    ASSERT_EQ(date.day, expected.day) << day;
    ASSERT_EQ(days_from_date(date), day);
    if (expected.day < days_in_month(expected.year, expected.month)) {
      ++expected.day;
    } else {
      expected = {expected.year + (expected.month == 12 ? 1 : 0), expected.month % 12 + 1, 1};
    }
  }
}

TEST(Calendar, KnowsLeapYears) {
  EXPECT_TRUE(is_leap_year(2000));
  EXPECT_TRUE(is_leap_year(2024));
  EXPECT_FALSE(is_leap_year(1900));
  EXPECT_FALSE(is_leap_year(2023));
  EXPECT_TRUE(is_leap_year(0));
  EXPECT_TRUE(is_leap_year(-4));
  EXPECT_EQ(days_in_month(2024, 2), 29);
  EXPECT_EQ(days_in_month(2023, 2), 28);
  EXPECT_EQ(days_in_month(2023, 12), 31);
}

}  // namespace
}  // namespace lymer
