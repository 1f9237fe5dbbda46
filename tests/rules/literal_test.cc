// Tests of durations, instants, strings and floats, to values and back.
// Not here: their places in a file (lexer_test.cc).
#include "rules/literal.h"

#include <cstdint>
#include <limits>
#include <string_view>

#include <gtest/gtest.h>

#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

std::int64_t millis_of(std::string_view text) {
  const ReadLiteral<Duration> read = read_duration(text);
  EXPECT_TRUE(read.ok()) << text << ": " << read.problem;
  return read.value.to_millis();
}

std::int64_t instant(std::string_view text) {
  const ReadLiteral<EventTime> read = read_instant(text);
  EXPECT_TRUE(read.ok()) << text << ": " << read.problem << " " << read.hint;
  return read.value.to_millis();
}

TEST(ReadDuration, TakesUnitsFromTheLargestDown) {
  EXPECT_EQ(millis_of("0s"), 0);
  EXPECT_EQ(millis_of("250ms"), 250);
  EXPECT_EQ(millis_of("10m"), 600'000);
  EXPECT_EQ(millis_of("1h30m"), 5'400'000);
  EXPECT_EQ(millis_of("1d2h3m4s5ms"), 93'784'005);
  EXPECT_EQ(millis_of("90s"), 90'000);
}

TEST(ReadDuration, RefusesUnknownRepeatedAndMisplacedUnits) {
  for (const char* each : {"", "5", "h", "5w", "5sec", "30m1h", "1m1m", "1h30", "1ms2s"}) {
    EXPECT_FALSE(read_duration(each).ok()) << each;
  }
  EXPECT_EQ(read_duration("10min").hint, "did you mean `10m`?");
  EXPECT_EQ(read_duration("1h5seconds").hint, "did you mean `5s`?");
}

TEST(ReadDuration, RefusesWhatDoesNotFit) {
  EXPECT_EQ(millis_of("9223372036854775807ms"), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(read_duration("9223372036854775808ms").ok());
  EXPECT_FALSE(read_duration("106751991168d").ok());
  EXPECT_FALSE(read_duration("106751991167d24h").ok());
}

TEST(WriteDuration, IsReadBack) {
  for (const std::int64_t each :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{90'000},
        std::int64_t{86'400'000}, std::int64_t{93'784'005},
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(millis_of(write_duration(Duration::millis(each))), each);
  }
  EXPECT_EQ(write_duration(Duration::seconds(90)), "1m30s");
  EXPECT_EQ(write_duration(Duration::seconds(0)), "0s");
}

TEST(ReadInstant, TakesRfc3339) {
  EXPECT_EQ(instant("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(instant("1970-01-01T00:00:00.5Z"), 500);
  EXPECT_EQ(instant("1970-01-01T01:00:00.123+01:00"), 123);
  EXPECT_EQ(instant("1969-12-31T23:00:00-01:00"), 0);
  EXPECT_EQ(instant("2026-01-31T00:00:00Z"), 1'769'817'600'000);
  EXPECT_EQ(instant("2024-02-29T23:59:59Z"), 1'709'251'199'000);
}

TEST(ReadInstant, RefusesWhatIsNoMoment) {
  for (const char* each :
       {"", "2026-01-31", "2026-01-31T00:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z",
        "2026-01-31T00:00:60Z", "2026-01-31T00:00:00.1234Z", "2026-01-31T00:00:00+24:00",
        "2026-01-31 00:00:00Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_FALSE(read_instant(each).ok()) << each;
  }
}

TEST(WriteInstant, IsReadBack) {
  for (const std::string_view each :
       {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z",
        "2024-02-29T12:34:56.007Z", "1900-03-01T00:00:00Z"}) {
    EXPECT_EQ(write_instant(EventTime::from_millis(instant(each))), each);
  }
}

TEST(InstantLength, EndsWhereTheInstantDoes) {
  EXPECT_EQ(instant_length("2026-01-31T00:00:00Z-5m"), 20U);
  EXPECT_EQ(instant_length("2026-01-31T00:00:00Z..@2027"), 20U);
  EXPECT_EQ(instant_length("2026-01-31T00:00:00.25+01:00 x"), 28U);
  EXPECT_EQ(instant_length("2026-01-31T00:00:00"), 0U);
  EXPECT_EQ(instant_length("hello"), 0U);
}

TEST(WriteString, PicksTheFormWithoutEscapes) {
  EXPECT_EQ(write_string("plain"), R"("plain")");
  EXPECT_EQ(write_string(R"(\d+)"), R"(r"\d+")");
  EXPECT_EQ(write_string("a\"b"), R"("a\"b")");
  EXPECT_EQ(write_string("a\\\"b"), R"("a\\\"b")");
  EXPECT_EQ(write_string("\n\t\r"), R"("\n\t\r")");
  EXPECT_EQ(write_string(std::string("\0", 1)), R"("\u{0}")");
  EXPECT_EQ(write_string("\x1B\\"), R"("\u{1b}\\")");
}

TEST(WriteFloat, AlwaysLooksLikeAFloat) {
  EXPECT_EQ(write_float(1.0), "1.0");
  EXPECT_EQ(write_float(0.1), "0.1");
  EXPECT_EQ(write_float(1e300), "1e+300");
  EXPECT_EQ(write_float(100000.0), "100000.0");
}

TEST(BareV6Length, FindsAddressesAndNetworksOnly) {
  EXPECT_EQ(bare_v6_length("2001:db8::1 and"), 11U);
  EXPECT_EQ(bare_v6_length("fe80::/10]"), 9U);
  EXPECT_EQ(bare_v6_length("1:2:3:4:5:6:7:8"), 15U);
  EXPECT_EQ(bare_v6_length("::1"), 3U);
  for (const char* other : {"", "5", "a: 1", "a:b", "1..2", "cafe", "a::zebra", "1:2"}) {
    EXPECT_EQ(bare_v6_length(other), 0U) << other;
  }
}

}  // namespace
}  // namespace lymer::rules
