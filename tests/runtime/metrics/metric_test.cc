// Counting, speeds, and how far off a quantile may be, against the sorted values themselves.
// Not here: who reports them (tests/runtime/metrics/metric_table_test.cc).
#include "runtime/metrics/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

constexpr auto kSeconds = Histogram::Range::kSeconds;
constexpr auto kBytes = Histogram::Range::kBytes;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The value that a share `q` of all do not exceed.
double exact_quantile(const std::vector<double>& sorted, double q) {
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[static_cast<std::size_t>(rank) - 1];
}

void expect_quantiles_near(Histogram::Range range, std::vector<double> values) {
  Histogram histogram(range);
  for (const double each : values) histogram.observe(each);
  std::ranges::sort(values);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.min, values.front());
  EXPECT_EQ(snapshot.max, values.back());
  for (const double q : {0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = exact_quantile(values, q);
    EXPECT_LE(std::abs(snapshot.quantile(q) - exact), exact / 9 * (1 + 1e-12))
        << "q " << q << ", exactly " << exact;
  }
}

TEST(Counter, Adds) {
  Counter counter;
  counter.add();
  counter.add(41);
  EXPECT_EQ(counter.value(), 42U);
}

TEST(Gauge, KeepsTheLast) {
  Gauge gauge;
  EXPECT_EQ(gauge.value(), 0);
  gauge.set(3.5);
  gauge.set(-1);
  EXPECT_EQ(gauge.value(), -1);
}

TEST(Meter, GivesTheSpeedSinceTheBeginning) {
  Meter meter(100);
  EXPECT_EQ(meter.per_second(100), 0);
  meter.mark(20);
  EXPECT_DOUBLE_EQ(meter.per_second(110), 2);
  EXPECT_EQ(meter.count(), 20U);
}

TEST(Meter, LooksBackOneMinute) {
  Meter meter(0);
  meter.mark(6000);
  for (int second = 1; second <= 60; ++second) (void)meter.per_second(second);
  EXPECT_DOUBLE_EQ(meter.per_second(60), 100);
  EXPECT_DOUBLE_EQ(meter.per_second(66), 0);  // All marks are older.
  meter.mark(122);
  EXPECT_DOUBLE_EQ(meter.per_second(71), 2);  // From second 10, the last that is a minute ago.
}

TEST(Meter, LooksBackToTheReportBeforeWhenReportsAreRare) {
  Meter meter(0);
  meter.mark(1000);
  EXPECT_DOUBLE_EQ(meter.per_second(500), 2);
  meter.mark(5000);
  EXPECT_DOUBLE_EQ(meter.per_second(1000), 10);
  EXPECT_DOUBLE_EQ(meter.per_second(1500), 0);
}

TEST(Meter, IsNotDisturbedByManyReports) {
  Meter meter(0);
  double last = 0;
  for (int i = 1; i <= 100'000; ++i) {
    meter.mark();
    last = meter.per_second(i / 1000.0);
  }
  EXPECT_NEAR(last, 1000, 1);
}

TEST(Histogram, IsEmptyAtFirst) {
  const HistogramSnapshot snapshot = Histogram(kSeconds).snapshot();
  EXPECT_EQ(snapshot.count, 0U);
  EXPECT_EQ(snapshot.sum, 0);
  EXPECT_EQ(snapshot.min, 0);
  EXPECT_EQ(snapshot.max, 0);
  EXPECT_EQ(snapshot.quantile(0.5), 0);
}

TEST(Histogram, GivesCountSumAndEnds) {
  Histogram histogram(kSeconds);
  for (const double each : {0.5, 0.125, 2.0}) histogram.observe(each);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count, 3U);
  EXPECT_EQ(snapshot.sum, 2.625);
  EXPECT_EQ(snapshot.min, 0.125);
  EXPECT_EQ(snapshot.max, 2);
}

TEST(Histogram, PassesOverWhatIsNotFinite) {
  Histogram histogram(kSeconds);
  for (const double each : {kInfinity, -kInfinity, std::nan("")}) histogram.observe(each);
  EXPECT_EQ(histogram.snapshot().count, 0U);
}

TEST(Histogram, GivesTheOnlyValueExactly) {
  Histogram histogram(kSeconds);
  histogram.observe(0.0371);
  for (const double q : {0.0, 0.5, 1.0}) EXPECT_EQ(histogram.snapshot().quantile(q), 0.0371);
}

TEST(Histogram, QuantilesAreWithinANinth) {
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): repeats.
  std::lognormal_distribution<double> latency(-5, 2);
  std::exponential_distribution<double> size(1e-7);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> seconds;
    std::vector<double> bytes;
    for (int i = 0; i < 1 + round * 300; ++i) {
      seconds.push_back(std::clamp(latency(random), 1e-6, 1e6));
      bytes.push_back(1 + std::floor(size(random)));
    }
    expect_quantiles_near(kSeconds, seconds);
    expect_quantiles_near(kBytes, bytes);
  }
}

TEST(Histogram, QuantilesAreWithinANinthAtEachBound) {
  for (int power = -19; power < 20; ++power) {
    for (const double part : {1.0, 1.25, 1.5, 1.75}) {
      const double bound = std::ldexp(part, power);
      const double above = std::nextafter(bound, kInfinity);
      expect_quantiles_near(kSeconds, {bound / 2, bound, bound, above, above, bound * 2});
    }
  }
}

TEST(Histogram, BucketsHoldTheirUpperBound) {
  Histogram histogram(kBytes);
  histogram.observe(4);
  histogram.observe(std::nextafter(4, kInfinity));
  const auto buckets = histogram.snapshot().cumulative();
  ASSERT_EQ(buckets.size(), 41U);
  EXPECT_EQ(buckets.front().upper_bound, 1);
  EXPECT_EQ(buckets.back().upper_bound, std::ldexp(1.0, 40));
  EXPECT_EQ(buckets[1].count, 0U);
  EXPECT_EQ(buckets[2].upper_bound, 4);
  EXPECT_EQ(buckets[2].count, 1U);
  EXPECT_EQ(buckets[3].count, 2U);
}

TEST(Histogram, CountsAgainstBoundsAsSortedValuesDo) {
  std::mt19937_64 random(11);  // NOLINT(bugprone-random-generator-seed): repeats.
  std::lognormal_distribution<double> latency(0, 5);
  Histogram histogram(kSeconds);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i) {
    values.push_back(latency(random));
    histogram.observe(values.back());
  }
  std::ranges::sort(values);
  for (const auto& [bound, count] : histogram.snapshot().cumulative()) {
    EXPECT_EQ(count, std::ranges::upper_bound(values, bound) - values.begin()) << bound;
  }
}

TEST(Histogram, KeepsWhatIsOutsideOfTheRange) {
  Histogram histogram(kSeconds);
  for (const double each : {-5.0, 0.0, 1e-9, 1.0, 1e7, 1e300}) histogram.observe(each);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count, 6U);
  EXPECT_EQ(snapshot.cumulative().front().count, 3U);
  EXPECT_EQ(snapshot.cumulative().back().count, 4U);
  EXPECT_EQ(snapshot.quantile(0.3), -5);
  EXPECT_NEAR(snapshot.quantile(0.6), 1, 1.0 / 9);
  EXPECT_EQ(snapshot.quantile(0.9), 1e300);
}

TEST(HistogramDeathTest, RefusesAQuantileBeyondOne) {
  EXPECT_DEATH((void)Histogram(kSeconds).snapshot().quantile(1.5), "quantile");
}

TEST(Histogram, IsSoundWhileAnotherThreadWrites) {
  constexpr std::uint64_t kValues = 100'000;
  Histogram histogram(kSeconds);
  Counter counter;
  Meter meter(0);
  const std::jthread writer([&] {
    for (std::uint64_t i = 0; i < kValues; ++i) {
      histogram.observe(1 + static_cast<double>(i % 8));
      counter.add();
      meter.mark();
    }
  });
  std::uint64_t before = 0;
  double now = 0;
  while (before < kValues) {
    const HistogramSnapshot snapshot = histogram.snapshot();
    ASSERT_GE(snapshot.count, before);
    before = snapshot.count;
    ASSERT_LE(counter.value(), kValues);
    ASSERT_GE(meter.per_second(now += 1), 0);
    if (snapshot.count == 0) continue;
    ASSERT_GE(snapshot.sum, static_cast<double>(snapshot.count) * 0.999);
    ASSERT_EQ(snapshot.min, 1);
    ASSERT_LE(snapshot.max, 8);
    ASSERT_GE(snapshot.quantile(0.5), 1);
  }
}

TEST(MetricFunction, IsAskedUntilItIsClosed) {
  int calls = 0;
  MetricFunction function([&] { return ++calls; });
  EXPECT_EQ(function.value(), 1);
  EXPECT_EQ(function.value(), 2);
  function.close();
  EXPECT_EQ(function.value(), std::nullopt);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lymer::runtime
