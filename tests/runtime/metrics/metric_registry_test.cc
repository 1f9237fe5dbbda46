// The root, sources from elsewhere and the order of what is collected.
// Not here: groups (tests/runtime/metrics/metric_group_test.cc).
#include "runtime/metrics/metric_registry.h"

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

TEST(MetricRegistry, CollectsInOrderOfNamesAndLabels) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock);
  registry.root().group("rule", "b")->gauge("x", "").set(2);
  registry.root().gauge("x", "").set(0);
  registry.root().group("rule", "a")->gauge("x", "").set(1);
  registry.root().gauge("a", "").set(-1);
  const auto samples = registry.collect();
  ASSERT_EQ(samples.size(), 5U);
  EXPECT_EQ(samples[0].name, "lymer_a");
  EXPECT_EQ(samples[1].name, "lymer_metrics_refused_total");
  EXPECT_EQ(samples[1].type, MetricType::kCounter);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(samples[static_cast<std::size_t>(i) + 2].value, i);
}

TEST(MetricRegistry, SortsSourcesIn) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock);
  registry.add_source(
      [] { return std::vector<MetricSample>{{.name = "process_x"}, {.name = "aaa", .value = 4}}; });
  registry.root().gauge("z", "");
  EXPECT_THAT(
      registry.collect(),
      ElementsAre(Field(&MetricSample::name, "aaa"),
                  Field(&MetricSample::name, "lymer_metrics_refused_total"),
                  Field(&MetricSample::name, "lymer_z"), Field(&MetricSample::name, "process_x")));
}

TEST(MetricRegistry, ClosingTheRootEndsEverything) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock);
  registry.root().group("job", "a")->gauge("x", "");
  registry.root().close();
  EXPECT_EQ(registry.collect().size(), 1U);
}

// For ThreadSanitizer.
TEST(MetricRegistry, IsCollectedByManyThreadsAtOnce) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock);
  Meter& meter = registry.root().meter("m", "");
  const auto collect = [&] {
    for (int i = 0; i < 200; ++i) ASSERT_EQ(registry.collect().size(), 3U);
  };
  const std::jthread one(collect);
  const std::jthread two(collect);
  for (int i = 0; i < 10'000; ++i) meter.mark();
}

}  // namespace
}  // namespace lymer::runtime
