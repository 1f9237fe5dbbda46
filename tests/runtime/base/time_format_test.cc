// Each conversion letter, what it refuses, and formats as logs have them.
// Not here: the year that a text leaves out (tests/runtime/year_inference_test.cc).
#include <gtest/gtest.h>

#include "runtime/base/civil_time.h"

namespace lymer {
namespace {

// The date as RFC 3339, in UTC and 2024 unless the text says more; "none" if it is refused.
std::string read(std::string_view format, std::string_view text) {
  const auto compiled = TimeFormat::compile(format);
  if (!compiled) return compiled.error().message;
  const auto civil = compiled->parse(text);
  if (!civil) return "none";
  const auto time = to_event_time(*civil, 2024, TimeZone::utc());
  return time ? to_rfc3339(*time) : "no such date";
}

TEST(TimeFormat, ReadsFormatsOfLogs) {
  EXPECT_EQ(read("%b %e %H:%M:%S", "Mar  4 09:12:01"), "2024-03-04T09:12:01.000Z");
  EXPECT_EQ(read("%b %e %H:%M:%S", "Mar 14 09:12:01"), "2024-03-14T09:12:01.000Z");
  EXPECT_EQ(read("%d/%b/%Y:%T %z", "10/Oct/2000:13:55:36 -0700"), "2000-10-10T20:55:36.000Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S.%f%z", "2026-01-31T01:02:03.045678+01:00"),
            "2026-01-31T00:02:03.045Z");
  EXPECT_EQ(read("%F %T,%f", "2026-01-31 01:02:03,9"), "2026-01-31T01:02:03.900Z");
  EXPECT_EQ(read("%a %b %d %T %Y", "sun OCT 01 00:00:09 2017"), "2017-10-01T00:00:09.000Z");
  EXPECT_EQ(read("%A, %B %d, %Y %I:%M %p", "Sunday, May 01, 2016 12:05 am"),
            "2016-05-01T00:05:00.000Z");
  EXPECT_EQ(read("%D %R", "12/31/69 23:59"), "1969-12-31T23:59:00.000Z");
  EXPECT_EQ(read("%y%m%d %H%M%S", "081109 203615"), "2008-11-09T20:36:15.000Z");
  EXPECT_EQ(read("%Y-%j", "2024-366"), "2024-12-31T00:00:00.000Z");
}

TEST(TimeFormat, ReadsSecondsSinceTheEpoch) {
  EXPECT_EQ(read("%s", "1769817600"), "2026-01-31T00:00:00.000Z");
  EXPECT_EQ(read("%s.%f", "1769817600.25"), "2026-01-31T00:00:00.250Z");
  EXPECT_EQ(read("%s", "-1"), "1969-12-31T23:59:59.000Z");
  EXPECT_EQ(read("%s", "1234567890123456"), "none");
}

TEST(TimeFormat, ReadsHalfDays) {
  EXPECT_EQ(read("%I %p", "12 AM"), "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(read("%I %p", "12 pm"), "2024-01-01T12:00:00.000Z");
  EXPECT_EQ(read("%p %I", "PM 11"), "2024-01-01T23:00:00.000Z");
  EXPECT_EQ(read("%I %p", "13 PM"), "none");
}

TEST(TimeFormat, ReadsOffsets) {
  EXPECT_EQ(read("%H%z", "12Z"), "2024-01-01T12:00:00.000Z");
  EXPECT_EQ(read("%H%z", "12+05"), "2024-01-01T07:00:00.000Z");
  EXPECT_EQ(read("%H%z", "12+0530"), "2024-01-01T06:30:00.000Z");
  EXPECT_EQ(read("%H%z", "12-05:30"), "2024-01-01T17:30:00.000Z");
  for (const char* text : {"12", "12+", "12+5", "12+05:", "12+05:3", "12+2400", "12+0560"}) {
    EXPECT_EQ(read("%H%z", text), "none") << text;
  }
}

TEST(TimeFormat, MatchesAnyRunOfWhiteSpace) {
  EXPECT_EQ(read("%H %M%n%S", "1 \t 2\n3"), "2024-01-01T01:02:03.000Z");
  EXPECT_EQ(read("%H %M", "1"), "none");
  EXPECT_EQ(read(" %H ", "12"), "2024-01-01T12:00:00.000Z");
}

TEST(TimeFormat, RefusesTextThatDoesNotFit) {
  EXPECT_EQ(read("%H:%M", "12:30 "), "none");
  EXPECT_EQ(read("%H:%M", " 12:30"), "none");
  EXPECT_EQ(read("%H:%M", "24:00"), "none");
  EXPECT_EQ(read("%H:%M", "12:60"), "none");
  EXPECT_EQ(read("%S", "61"), "none");
  EXPECT_EQ(read("%b", "Foo"), "none");
  EXPECT_EQ(read("%b", "Ma"), "none");
  EXPECT_EQ(read("%f", "x"), "none");
  EXPECT_EQ(read("%m", "13"), "none");
  EXPECT_EQ(read("%d", "0"), "none");
  EXPECT_EQ(read("%Y", ""), "none");
  EXPECT_EQ(read("100%%", "100%"), "2024-01-01T00:00:00.000Z");
}

TEST(TimeFormat, RefusesDatesThatDoNotExist) {
  EXPECT_EQ(read("%F", "2023-02-29"), "none");
  EXPECT_EQ(read("%F", "2024-02-30"), "none");
  EXPECT_EQ(read("%b %d", "Apr 31"), "none");
  EXPECT_EQ(read("%b %d", "Feb 29"), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(read("%Y-%j", "2023-366"), "none");
  EXPECT_EQ(read("%Y-%j", "2023-000"), "none");
}

TEST(TimeFormat, NamesTheLetterItDoesNotKnow) {
  EXPECT_EQ(read("%Y-%Q", ""), "a time format knows no `%Q`: `%Y-%Q`");
  EXPECT_EQ(read("%H%", ""), "a time format knows no `%`: `%H%`");
  EXPECT_EQ(TimeFormat::compile("%Q").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(TimeFormat::compile("%j").error().code, ErrorCode::kInvalidArgument);
}

TEST(TimeFormat, KnowsWhetherItHasAYear) {
  EXPECT_FALSE(TimeFormat::compile("%b %e %T")->has_year());
  for (const char* format : {"%Y", "%y", "%F", "%D", "%s"}) {
    EXPECT_TRUE(TimeFormat::compile(format)->has_year()) << format;
  }
}

}  // namespace
}  // namespace lymer
