// RFC 3339, durations and the way from a date to event time.
// Not here: formats (time_format_test.cc) and zones (time_zone_test.cc).
#include "runtime/base/civil_time.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lymer {
namespace {

EventTime at(std::int64_t millis) { return EventTime::from_millis(millis); }

TEST(Rfc3339, ReadsDatesInUtc) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(parse_rfc3339("2026-01-31T00:00:00Z"), at(1769817600000));
  EXPECT_EQ(parse_rfc3339("2026-01-31 00:00:00z"), at(1769817600000));
  EXPECT_EQ(parse_rfc3339("1969-12-31t23:59:59.999Z"), at(-1));
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, CutsFractionsToMilliseconds) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.5Z"), at(500));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.123456789012Z"), at(123));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.Z"), std::nullopt);
}

TEST(Rfc3339, MindsOffsets) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T02:00:00+02:00"), at(0));
  EXPECT_EQ(parse_rfc3339("1969-12-31T18:30:00-05:30"), at(0));
}

TEST(Rfc3339, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2026-01-31", "2026-01-31T00:00:00", "2026-01-31T00:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z", "2026-01-31T00:00:61Z",
        "2026-01-31T00:00:00+0200", "2026-01-31T00:00:00+24:00", "2026-01-31T00:00:00Z ",
        " 2026-01-31T00:00:00Z", "2026-1-31T00:00:00ZZ", "+026-01-31T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, WritesMilliseconds) {
  EXPECT_EQ(to_rfc3339(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(at(1769817600007)), "2026-01-31T00:00:00.007Z");
}

TEST(Rfc3339, WritesTheEndsOfTheRangeWithASign) {
  EXPECT_EQ(to_rfc3339(EventTime::max()), "+292278994-08-17T07:12:55.807Z");
  EXPECT_EQ(to_rfc3339(EventTime::min()), "-292275055-05-16T16:47:04.192Z");
}

TEST(Rfc3339, ReadsBackWhatItWrites) {
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): a run must repeat.
  std::uniform_int_distribution<std::int64_t> millis(-62167219200000, 253402300799999);
  for (int i = 0; i < 20000; ++i) {
    const EventTime time = at(millis(random));
    ASSERT_EQ(parse_rfc3339(to_rfc3339(time)), time);
  }
}

TEST(YearOf, CountsInUtc) {
  EXPECT_EQ(year_of(at(0)), 1970);
  EXPECT_EQ(year_of(at(-1)), 1969);
  EXPECT_EQ(year_of(*parse_rfc3339("2024-12-31T23:59:59Z")), 2024);
}

TEST(ToEventTime, TakesTheGivenYearWhereTheTextHasNone) {
  CivilTime civil;
  civil.month = 2;
  civil.day = 29;
  EXPECT_EQ(to_event_time(civil, 2024, TimeZone::utc()), parse_rfc3339("2024-02-29T00:00:00Z"));
  EXPECT_EQ(to_event_time(civil, 2023, TimeZone::utc()), std::nullopt);
  civil.year = 2020;
  EXPECT_EQ(to_event_time(civil, 2023, TimeZone::utc()), parse_rfc3339("2020-02-29T00:00:00Z"));
}

TEST(ToEventTime, PrefersTheOffsetInTheTextToTheZone) {
  CivilTime civil;
  civil.year = 2024;
  civil.hour = 12;
  const TimeZone zone = TimeZone::find("+05:00").value();
  EXPECT_EQ(to_event_time(civil, 0, zone), parse_rfc3339("2024-01-01T07:00:00Z"));
  civil.offset_minutes = 60;
  EXPECT_EQ(to_event_time(civil, 0, zone), parse_rfc3339("2024-01-01T11:00:00Z"));
  civil.epoch_millis = 42;
  EXPECT_EQ(to_event_time(civil, 0, zone), at(42));
}

TEST(Durations, ReadsUnitsInDescendingOrder) {
  EXPECT_EQ(parse_duration("1h30m"), Duration::minutes(90));
  EXPECT_EQ(parse_duration("250ms"), Duration::millis(250));
  EXPECT_EQ(parse_duration("-5m"), Duration::minutes(-5));
  EXPECT_EQ(parse_duration("2d3h4m5s6ms"), Duration::millis(183845006));
  EXPECT_EQ(parse_duration("0s"), Duration());
  EXPECT_EQ(parse_duration("90m"), Duration::minutes(90));
}

TEST(Durations, RefusesWhatIsNone) {
  for (const char* text : {"", "-", "5", "m", "5m1h", "1m2m", "1.5h", "1 h", "1h 5m", "+1h", "1w",
                           "1H", "--5m", "1h-5m", "9223372036854775808ms", "106751991168d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Durations, WritesTheShortestText) {
  EXPECT_EQ(to_string(Duration()), "0s");
  EXPECT_EQ(to_string(Duration::minutes(90)), "1h30m");
  EXPECT_EQ(to_string(Duration::days(1)), "1d");
  EXPECT_EQ(to_string(Duration::millis(-60001)), "-1m1ms");
}

TEST(Durations, ReadsBackWhatItWrites) {
  std::mt19937_64 random(11);  // NOLINT(cert-msc51-cpp): a run must repeat.
  for (int i = 0; i < 20000; ++i) {
    const auto shift = static_cast<unsigned>(random() % 63);
    const auto length = Duration::millis(static_cast<std::int64_t>(random()) >> shift);
    ASSERT_EQ(parse_duration(to_string(length)), length) << to_string(length);
  }
  const auto least = Duration::millis(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_duration(to_string(least)), least);
}

}  // namespace
}  // namespace lymer
