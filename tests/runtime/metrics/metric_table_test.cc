// What is reported, what is refused, and when a series goes.
// Not here: scopes (tests/runtime/metrics/metric_group_test.cc).
#include "runtime/metrics/metric_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;

class MetricTableTest : public ::testing::Test {
 protected:
  // Gives the names that a report has.
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& each : table_.collect()) names.push_back(each.name);
    return names;
  }
  double refused() {
    for (const auto& each : table_.collect()) {
      if (each.name == "lymer_metrics_refused_total") return each.value;
    }
    return -1;
  }
  bool acquire(MetricKind kind, const std::string& name, MetricHandle metric,
               const MetricLabels& labels = {}) {
    return table_.acquire({kind, name, "Help.", labels}, std::move(metric)).has_value();
  }
  bool counter(const std::string& name, const MetricLabels& labels = {}) {
    return acquire(MetricKind::kCounter, name, std::make_shared<Counter>(), labels);
  }
  bool gauge(const std::string& name) {
    return acquire(MetricKind::kGauge, name, std::make_shared<Gauge>());
  }
  bool meter(const std::string& name) {
    return acquire(MetricKind::kMeter, name, std::make_shared<Meter>(0));
  }
  bool histogram(const std::string& name) {
    return acquire(MetricKind::kHistogram, name,
                   std::make_shared<Histogram>(Histogram::Range::kSeconds));
  }

  ManualClock clock_{EventTime::from_millis(0)};
  MetricTable table_{clock_, 4};
};

TEST_F(MetricTableTest, CountsItsRefusalsFromTheBeginning) {
  EXPECT_THAT(names(), ElementsAre("lymer_metrics_refused_total"));
  EXPECT_EQ(refused(), 0);
}

TEST_F(MetricTableTest, ReportsInOrder) {
  EXPECT_TRUE(counter("z"));
  EXPECT_TRUE(meter("b"));
  EXPECT_TRUE(gauge("a"));
  EXPECT_THAT(names(), ElementsAre("a", "b_per_second", "b_total", "lymer_metrics_refused_total",
                                   "z_total"));
}

TEST_F(MetricTableTest, RefusesBeyondTheLimit) {
  EXPECT_TRUE(counter("a"));
  EXPECT_TRUE(counter("b"));
  EXPECT_TRUE(counter("c"));
  EXPECT_FALSE(meter("m"));  // Two series, one place.
  EXPECT_TRUE(counter("d"));
  EXPECT_FALSE(counter("e"));
  EXPECT_TRUE(counter("a"));  // Is there already.
  EXPECT_EQ(refused(), 2);
  EXPECT_EQ(names().size(), 5U);
}

TEST_F(MetricTableTest, TakesTheFreePlaceOfAReleasedSeries) {
  for (const auto* each : {"a", "b", "c", "d"}) EXPECT_TRUE(counter(each));
  table_.release({MetricKind::kCounter, "b", "", {}});
  EXPECT_TRUE(counter("e"));
  EXPECT_THAT(names(), ElementsAre("a_total", "c_total", "d_total", "e_total",
                                   "lymer_metrics_refused_total"));
}

TEST_F(MetricTableTest, KeepsASeriesWhileAnyoneHoldsIt) {
  EXPECT_TRUE(meter("m"));
  EXPECT_TRUE(meter("m"));
  table_.release({MetricKind::kMeter, "m", "", {}});
  EXPECT_EQ(names().size(), 3U);
  table_.release({MetricKind::kMeter, "m", "", {}});
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(MetricTableTest, RefusesANameOfAnotherKindWhateverTheLabels) {
  EXPECT_TRUE(counter("x", {{"rule", "a"}}));
  EXPECT_FALSE(gauge("x_total"));
  EXPECT_FALSE(meter("x"));
  EXPECT_TRUE(gauge("x"));  // Another name: the counter is x_total.
  EXPECT_TRUE(counter("x", {{"rule", "b"}}));
  EXPECT_EQ(refused(), 2);
}

TEST_F(MetricTableTest, KeepsTheNamesOfAHistogramFree) {
  EXPECT_TRUE(histogram("h"));
  EXPECT_FALSE(gauge("h_count"));
  EXPECT_FALSE(gauge("h_bucket"));
  EXPECT_FALSE(gauge("h_sum"));
  EXPECT_FALSE(histogram("h_sum"));
  table_.release({MetricKind::kHistogram, "h", "", {}});
  EXPECT_TRUE(gauge("h_count"));
  EXPECT_FALSE(histogram("h"));
}

TEST_F(MetricTableTest, FreesANameWithItsLastSeries) {
  EXPECT_TRUE(counter("x", {{"rule", "a"}}));
  EXPECT_TRUE(counter("x", {{"rule", "b"}}));
  table_.release({MetricKind::kCounter, "x", "", {{"rule", "a"}}});
  EXPECT_FALSE(gauge("x_total"));
  table_.release({MetricKind::kCounter, "x", "", {{"rule", "b"}}});
  EXPECT_TRUE(gauge("x_total"));
}

TEST_F(MetricTableTest, HasOneFunctionPerSeries) {
  const auto function = [] { return std::make_shared<MetricFunction>([] { return 1.5; }); };
  EXPECT_TRUE(acquire(MetricKind::kGauge, "a", function()));
  EXPECT_FALSE(acquire(MetricKind::kGauge, "a", function()));
  EXPECT_FALSE(gauge("a"));
  EXPECT_TRUE(gauge("b"));
  EXPECT_FALSE(acquire(MetricKind::kGauge, "b", function()));
  EXPECT_EQ(table_.collect().front().value, 1.5);
}

TEST_F(MetricTableTest, LeavesOutAFunctionThatIsClosed) {
  const auto function = std::make_shared<MetricFunction>([] { return 1; });
  EXPECT_TRUE(acquire(MetricKind::kGauge, "a", function));
  EXPECT_TRUE(counter("z"));
  function->close();
  EXPECT_THAT(names(), ElementsAre("lymer_metrics_refused_total", "z_total"));
}

TEST_F(MetricTableTest, BoundsGroupsBesidesTheRoot) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(table_.acquire_group());
  EXPECT_FALSE(table_.acquire_group());
  EXPECT_EQ(refused(), 1);
  table_.release_group();
  EXPECT_TRUE(table_.acquire_group());
}

TEST_F(MetricTableTest, ReadsEveryKind) {
  const auto meter = std::make_shared<Meter>(0);
  const auto histogram = std::make_shared<Histogram>(Histogram::Range::kSeconds);
  EXPECT_TRUE(acquire(MetricKind::kMeter, "a", meter));
  EXPECT_TRUE(acquire(MetricKind::kHistogram, "b", histogram, {{"k", "v"}}));
  meter->mark(30);
  histogram->observe(2);
  clock_.sleep(Duration::seconds(10));
  const auto samples = table_.collect();
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[0].type, MetricType::kGauge);
  EXPECT_DOUBLE_EQ(samples[0].value, 3);
  EXPECT_EQ(samples[1].type, MetricType::kCounter);
  EXPECT_EQ(samples[1].value, 30);
  EXPECT_EQ(samples[2].type, MetricType::kHistogram);
  EXPECT_EQ(samples[2].histogram.sum, 2);
  EXPECT_EQ(samples[2].help, "Help.");
  EXPECT_EQ(samples[2].labels, (MetricLabels{{"k", "v"}}));
}

}  // namespace
}  // namespace lymer::runtime
