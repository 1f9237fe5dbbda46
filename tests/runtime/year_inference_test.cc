// Years of syslog dates: the first event, New Year, stragglers, leap days and restarts.
// Not here: reading the date (tests/runtime/base/time_format_test.cc).
#include "runtime/year_inference.h"

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

const EventTime kNow = parse_rfc3339("2026-03-10T12:00:00Z").value();

CivilTime civil(std::string_view date) {
  static const TimeFormat format = TimeFormat::compile("%b %e %H:%M").value();
  return format.parse(date).value();
}

std::string resolve(YearInference& years, std::string_view date, EventTime now = kNow) {
  const auto time = years.resolve(civil(date), TimeZone::utc(), now);
  return time ? to_rfc3339(*time).substr(0, 16) : "none";
}

TEST(YearInference, PutsTheFirstEventNoMoreThanADayAhead) {
  const auto first = [](std::string_view date) {
    YearInference years;
    return resolve(years, date);
  };
  EXPECT_EQ(first("Mar 10 11:00"), "2026-03-10T11:00");
  EXPECT_EQ(first("Mar 11 12:00"), "2026-03-11T12:00");
  EXPECT_EQ(first("Mar 11 12:01"), "2025-03-11T12:01");
  EXPECT_EQ(first("Dec 31 23:59"), "2025-12-31T23:59");
  EXPECT_EQ(first("Feb 29 00:00"), "2024-02-29T00:00");
}

TEST(YearInference, PutsTomorrowIntoTheNextYearOnNewYearsEve) {
  YearInference years;
  EXPECT_EQ(resolve(years, "Jan 1 00:30", parse_rfc3339("2025-12-31T20:00:00Z").value()),
            "2026-01-01T00:30");
}

TEST(YearInference, TurnsTheYearWhenTimeJumpsBack) {
  YearInference years;
  EXPECT_EQ(resolve(years, "Dec 30 10:00"), "2025-12-30T10:00");
  EXPECT_EQ(resolve(years, "Dec 31 23:59"), "2025-12-31T23:59");
  EXPECT_EQ(resolve(years, "Jan 1 00:01"), "2026-01-01T00:01");
  // From then on the clock does not matter any more.
  EXPECT_EQ(resolve(years, "Jun 30 00:00"), "2026-06-30T00:00");
  EXPECT_EQ(resolve(years, "Dec 1 00:00"), "2026-12-01T00:00");
  EXPECT_EQ(resolve(years, "Feb 1 00:00"), "2027-02-01T00:00");
}

TEST(YearInference, PutsStragglersIntoTheYearBefore) {
  YearInference years;
  EXPECT_EQ(resolve(years, "Dec 31 23:58"), "2025-12-31T23:58");
  EXPECT_EQ(resolve(years, "Jan 1 00:01"), "2026-01-01T00:01");
  EXPECT_EQ(resolve(years, "Dec 31 23:59"), "2025-12-31T23:59");
  EXPECT_EQ(resolve(years, "Jan 1 00:02"), "2026-01-01T00:02");
}

TEST(YearInference, StaysInTheYearForSmallerJumps) {
  YearInference years;
  EXPECT_EQ(resolve(years, "Mar 1 00:00"), "2026-03-01T00:00");
  EXPECT_EQ(resolve(years, "Feb 1 00:00"), "2026-02-01T00:00");
  EXPECT_EQ(resolve(years, "Aug 20 00:00"), "2026-08-20T00:00");
  EXPECT_EQ(resolve(years, "Mar 1 00:00"), "2026-03-01T00:00");
}

TEST(YearInference, GivesNothingForALeapDayInACommonYear) {
  YearInference years;
  EXPECT_EQ(resolve(years, "Feb 1 00:00"), "2026-02-01T00:00");
  EXPECT_EQ(resolve(years, "Feb 29 00:00"), "none");
  EXPECT_EQ(resolve(years, "Mar 1 00:00"), "2026-03-01T00:00");
}

TEST(YearInference, FindsTheLeapDayBehindNewYear) {
  YearInference years;
  const EventTime now = parse_rfc3339("2023-12-20T00:00:00Z").value();
  EXPECT_EQ(resolve(years, "Dec 10 00:00", now), "2023-12-10T00:00");
  EXPECT_EQ(resolve(years, "Feb 29 00:00", now), "2024-02-29T00:00");
}

TEST(YearInference, LeavesAYearInTheTextAlone) {
  YearInference years;
  CivilTime dated = civil("Jan 1 00:00");
  dated.year = 1999;
  EXPECT_EQ(years.resolve(dated, TimeZone::utc(), kNow), parse_rfc3339("1999-01-01T00:00:00Z"));
  EXPECT_EQ(resolve(years, "Jan 1 00:00"), "2026-01-01T00:00");
}

TEST(YearInference, MindsTheZone) {
  YearInference years;
  const TimeZone zone = TimeZone::find("+14:00").value();
  const EventTime now = parse_rfc3339("2025-12-31T11:00:00Z").value();
  EXPECT_EQ(to_rfc3339(years.resolve(civil("Jan 1 00:30"), zone, now).value()),
            "2025-12-31T10:30:00.000Z");
}

TEST(YearInference, GoesOnFromItsSnapshot) {
  YearInference years;
  (void)resolve(years, "Dec 31 23:58");
  (void)resolve(years, "Jan 1 00:01");
  ByteWriter writer;
  years.snapshot(writer);
  YearInference restored;
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(restored.restore(reader));
  const EventTime much_later = parse_rfc3339("2031-06-01T00:00:00Z").value();
  EXPECT_EQ(resolve(restored, "Dec 31 23:59", much_later), "2025-12-31T23:59");
  EXPECT_EQ(resolve(restored, "Jan 2 00:00", much_later), "2026-01-02T00:00");
}

TEST(YearInference, RefusesADamagedSnapshot) {
  YearInference years;
  ByteWriter short_one;
  short_one.put_u32(2026);
  ByteReader short_reader(short_one.bytes());
  EXPECT_EQ(years.restore(short_reader).error().code, ErrorCode::kCorrupt);
  ByteWriter wild;
  wild.put_u32(123456);
  wild.put_i64(0);
  ByteReader wild_reader(wild.bytes());
  EXPECT_EQ(years.restore(wild_reader).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::runtime
