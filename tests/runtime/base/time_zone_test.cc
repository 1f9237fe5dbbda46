// Zones by name, and the hours that daylight saving skips or repeats.
// Not here: dates as text (time_format_test.cc).
#include <gtest/gtest.h>

#include "runtime/base/civil_time.h"

namespace lymer {
namespace {

std::int64_t local(const char* rfc3339) { return parse_rfc3339(rfc3339)->to_millis(); }

std::string in_utc(const char* zone, const char* local_time) {
  return to_rfc3339(TimeZone::find(zone).value().from_local(local(local_time))).substr(0, 19);
}

TEST(TimeZone, KnowsUtcAndFixedOffsets) {
  EXPECT_EQ(in_utc("UTC", "2024-06-01T12:00:00Z"), "2024-06-01T12:00:00");
  EXPECT_EQ(in_utc("Z", "2024-06-01T12:00:00Z"), "2024-06-01T12:00:00");
  EXPECT_EQ(in_utc("+02:00", "2024-06-01T12:00:00Z"), "2024-06-01T10:00:00");
  EXPECT_EQ(in_utc("-0530", "2024-06-01T12:00:00Z"), "2024-06-01T17:30:00");
  EXPECT_EQ(in_utc("+02", "2024-06-01T12:00:00Z"), "2024-06-01T10:00:00");
}

TEST(TimeZone, KnowsNamedZonesInSummerAndWinter) {
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-01-15T12:00:00Z"), "2024-01-15T11:00:00");
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-07-15T12:00:00Z"), "2024-07-15T10:00:00");
  EXPECT_EQ(in_utc("America/New_York", "2024-01-15T12:00:00Z"), "2024-01-15T17:00:00");
  EXPECT_EQ(in_utc("Asia/Kolkata", "2024-01-15T12:00:00Z"), "2024-01-15T06:30:00");
}

TEST(TimeZone, TakesTheEarlierOffsetInAGap) {
  // 2024-03-31 02:00 to 03:00 does not exist in Berlin.
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-03-31T01:59:59Z"), "2024-03-31T00:59:59");
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-03-31T02:30:00Z"), "2024-03-31T01:30:00");
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-03-31T03:00:00Z"), "2024-03-31T01:00:00");
}

TEST(TimeZone, TakesTheEarlierOffsetInAnOverlap) {
  // 2024-10-27 02:00 to 03:00 happens twice in Berlin.
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-10-27T01:59:59Z"), "2024-10-26T23:59:59");
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-10-27T02:30:00Z"), "2024-10-27T00:30:00");
  EXPECT_EQ(in_utc("Europe/Berlin", "2024-10-27T03:00:00Z"), "2024-10-27T02:00:00");
}

TEST(TimeZone, WorksOutsideOfTheTable) {
  EXPECT_EQ(in_utc("Europe/Berlin", "1850-01-01T00:00:00Z").substr(0, 4), "1849");
  EXPECT_EQ(in_utc("Europe/Berlin", "2300-01-15T12:00:00Z"), "2300-01-15T11:00:00");
}

TEST(TimeZone, SaysThatANameIsUnknown) {
  for (const char* name :
       {"", "Mars/Olympus", "+2", "+24:00", "+02:60", "+02:0", "../etc/passwd"}) {
    const auto found = TimeZone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
    EXPECT_NE(found.error().message.find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace lymer
