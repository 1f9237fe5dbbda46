// Times from fields of every declared kind, at the edges of their ranges too.
// Not here: formats of dates (tests/runtime/base/time_format_test.cc), years
// (tests/runtime/year_inference_test.cc).
#include "runtime/timestamp.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::Cell;
using support::kNull;
using support::ms;

// The time that `spec` reads from a row of one field.
std::optional<EventTime> extract(TimestampSpec spec, Type type, const Cell& cell,
                                 EventTime now = ms(1'000'000)) {
  const SchemaRef schema = support::schema_of({{"ts", type}});
  const std::vector<std::byte> row = support::row_of(schema, {cell});
  ManualClock clock(now);
  TimestampExtractor extractor(std::move(spec), clock);
  return extractor.extract(RowView(row, 1));
}

std::optional<EventTime> from_unit(const Cell& cell, std::int64_t units_per_second) {
  const Type type = std::holds_alternative<double>(cell) ? support::kNumber : support::kInteger;
  return extract(TimeFromUnit{0, type, units_per_second}, type, cell);
}

TEST(TimestampExtractor, TakesAFieldOfTypeTime) {
  EXPECT_EQ(extract(TimeFromField{0, support::kMoment}, support::kMoment, ms(5)), ms(5));
  EXPECT_EQ(extract(TimeFromField{0, support::kMoment}, support::kMoment, kNull), std::nullopt);
}

TEST(TimestampExtractor, ReadsRfc3339FromAString) {
  const TimeFromField spec{0, support::kText};
  EXPECT_EQ(extract(spec, support::kText, "1970-01-01T00:00:01.5Z"), ms(1500));
  EXPECT_EQ(extract(spec, support::kText, "1970-01-01T01:00:01+01:00"), ms(1000));
  EXPECT_EQ(extract(spec, support::kText, "yesterday"), std::nullopt);
  EXPECT_EQ(extract(spec, support::kText, kNull), std::nullopt);
}

TEST(TimestampExtractor, CountsUnitsSinceTheEpoch) {
  EXPECT_EQ(from_unit(std::int64_t{5}, 1), ms(5000));
  EXPECT_EQ(from_unit(std::int64_t{5}, 1000), ms(5));
  EXPECT_EQ(from_unit(std::int64_t{5999}, 1'000'000), ms(5));
  EXPECT_EQ(from_unit(std::int64_t{5'999'999}, 1'000'000'000), ms(5));
  EXPECT_EQ(from_unit(1.5, 1), ms(1500));
  EXPECT_EQ(from_unit(2.9, 1000), ms(2));
}

TEST(TimestampExtractor, RoundsTimesBeforeTheEpochDownToo) {
  EXPECT_EQ(from_unit(std::int64_t{-1}, 1'000'000), ms(-1));
  EXPECT_EQ(from_unit(std::int64_t{-1000}, 1'000'000), ms(-1));
  EXPECT_EQ(from_unit(std::int64_t{-1001}, 1'000'000), ms(-2));
  EXPECT_EQ(from_unit(-0.5, 1000), ms(-1));
}

TEST(TimestampExtractor, RefusesTimesOutOfRange) {
  EXPECT_EQ(from_unit(std::numeric_limits<std::int64_t>::max(), 1), std::nullopt);
  EXPECT_EQ(from_unit(1e300, 1), std::nullopt);
  EXPECT_EQ(from_unit(std::numeric_limits<double>::quiet_NaN(), 1), std::nullopt);
  EXPECT_EQ(from_unit(-std::numeric_limits<double>::infinity(), 1000), std::nullopt);
}

TEST(TimestampExtractor, GivesNothingForNull) {
  EXPECT_EQ(extract(TimeFromUnit{0, support::kInteger}, support::kInteger, kNull), std::nullopt);
}

TEST(TimestampExtractor, ReadsAFormatInItsZone) {
  const auto spec = [](std::string_view zone) {
    return TimeFromFormat{.slot = 0,
                          .format = TimeFormat::compile("%Y-%m-%d %H:%M").value(),
                          .zone = TimeZone::find(zone).value()};
  };
  EXPECT_EQ(extract(spec("UTC"), support::kText, "1970-01-02 00:00"), ms(86'400'000));
  EXPECT_EQ(extract(spec("Europe/Berlin"), support::kText, "1970-01-02 00:00"), ms(82'800'000));
  EXPECT_EQ(extract(spec("UTC"), support::kText, "1970-01-02"), std::nullopt);
  EXPECT_EQ(extract(spec("UTC"), support::kText, kNull), std::nullopt);
}

TEST(TimestampExtractor, TakesTheTimeOfReading) {
  EXPECT_EQ(extract(IngestionTime{}, support::kText, kNull, ms(77)), ms(77));
}

TEST(TimestampExtractor, RemembersTheYearInItsSnapshot) {
  const TimeFromFormat spec{.slot = 0,
                            .format = TimeFormat::compile("%b %e").value(),
                            .zone = TimeZone::utc(),
                            .infer_year = true};
  const SchemaRef schema = support::schema_of({{"ts", support::kText}});
  const auto read = [&](TimestampExtractor& extractor, const std::string& date) {
    const std::vector<std::byte> row = support::row_of(schema, {date});
    return to_rfc3339(extractor.extract(RowView(row, 1)).value()).substr(0, 10);
  };
  ManualClock then(parse_rfc3339("2024-12-31T12:00:00Z").value());
  TimestampExtractor before(spec, then);
  EXPECT_EQ(read(before, "Dec 31"), "2024-12-31");
  ByteWriter writer;
  before.snapshot(writer);

  // Years later: the date is that of the old log, not of the new clock.
  ManualClock now(parse_rfc3339("2026-06-01T00:00:00Z").value());
  TimestampExtractor after(spec, now);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(after.restore(reader));
  EXPECT_EQ(read(after, "Jan  1"), "2025-01-01");
}

}  // namespace
}  // namespace lymer::runtime
