// Scopes, metrics asked for twice, and groups that are closed while others write.
// Not here: limits and clashes of names in all cases (tests/runtime/metrics/metric_table_test.cc).
#include "runtime/metrics/metric_group.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_registry.h"

namespace lymer::runtime {
namespace {

class MetricGroupTest : public ::testing::Test {
 protected:
  // Gives the value of a sample, nothing if it is not reported.
  std::optional<double> reported(const std::string& name, const MetricLabels& labels = {}) {
    for (const auto& each : registry_.collect()) {
      if (each.name == name && each.labels == labels) return each.value;
    }
    return std::nullopt;
  }
  std::optional<double> refused() { return reported("lymer_metrics_refused_total"); }

  ManualClock clock_{EventTime::from_millis(0)};
  MetricRegistry registry_{clock_, 50};
  MetricGroup& root_ = registry_.root();
};

TEST_F(MetricGroupTest, NamesAndLabelsComeFromTheScopes) {
  const auto group = root_.group("job", "fraud")->group("operator", "sort")->group("buffer");
  group->counter("events_late", "").add(3);
  EXPECT_EQ(reported("lymer_buffer_events_late_total", {{"job", "fraud"}, {"operator", "sort"}}),
            3);
}

TEST_F(MetricGroupTest, BringsEverythingIntoPrometheussCharacters) {
  root_.group("a b")->group("rule-id", "x\xFF")->gauge("ratio.%", "").set(1);
  EXPECT_EQ(reported("lymer_a_b_ratio__", {{"rule_id", "x\xEF\xBF\xBD"}}), 1);
}

TEST_F(MetricGroupTest, InnerLabelReplacesTheOuterAndNothingIsNoLabel) {
  const auto outer = root_.group("job", "a")->group("task", "t");
  outer->group("job", "b")->gauge("x", "").set(1);
  outer->group("job", "")->gauge("x", "").set(2);
  EXPECT_EQ(reported("lymer_x", {{"job", "b"}, {"task", "t"}}), 1);
  EXPECT_EQ(reported("lymer_x", {{"task", "t"}}), 2);
}

TEST_F(MetricGroupTest, GivesTheSameMetricWhenAskedTwice) {
  Counter& first = root_.counter("x", "");
  EXPECT_EQ(&first, &root_.counter("x", "Other help."));
  EXPECT_EQ(&first, &root_.counter("x_total", ""));
  EXPECT_EQ(&root_.histogram("h", ""), &root_.histogram("h", ""));
  EXPECT_EQ(&root_.meter("m", ""), &root_.meter("m_total", ""));
  EXPECT_EQ(root_.group("a"), root_.group("a"));
  EXPECT_EQ(root_.group("a", "b"), root_.group("a", "b"));
  EXPECT_EQ(refused(), 0);
}

TEST_F(MetricGroupTest, GivesTheSameMetricWhateverTheOrderOfLabels) {
  const auto one = root_.group("a", "1")->group("b", "2");
  const auto two = root_.group("b", "2")->group("a", "1");
  EXPECT_EQ(&one->gauge("x", ""), &two->gauge("x", ""));
  one->close();
  EXPECT_TRUE(reported("lymer_x", {{"a", "1"}, {"b", "2"}}));
  two->close();
  EXPECT_FALSE(reported("lymer_x", {{"a", "1"}, {"b", "2"}}));
}

TEST_F(MetricGroupTest, GivesAnUnreportedMetricForANameOfAnotherKind) {
  root_.counter("x", "").add(7);
  Gauge& other = root_.gauge("x_total", "");
  other.set(99);
  EXPECT_EQ(reported("lymer_x_total"), 7);
  EXPECT_EQ(refused(), 1);
  EXPECT_EQ(&other, &root_.gauge("x_total", ""));  // One for all: asking for ever takes no memory.
}

TEST_F(MetricGroupTest, GivesUnreportedMetricsBeyondTheLimit) {
  for (int i = 0; i < 60; ++i) root_.gauge("g" + std::to_string(i), "").set(i);
  EXPECT_EQ(registry_.collect().size(), 51U);
  EXPECT_EQ(refused(), 10);
  EXPECT_EQ(reported("lymer_g49"), 49);
  EXPECT_EQ(reported("lymer_g50"), std::nullopt);
}

TEST_F(MetricGroupTest, GivesClosedGroupsBeyondTheLimit) {
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(root_.group("k", std::to_string(i))->is_closed());
  const auto beyond = root_.group("k", "50");
  EXPECT_TRUE(beyond->is_closed());
  EXPECT_EQ(refused(), 1);
  beyond->counter("x", "").add();
  beyond->close();
  root_.group("k", "7")->close();
  EXPECT_FALSE(root_.group("k", "50")->is_closed());
}

TEST_F(MetricGroupTest, ClosingEndsReportsOfAllBelow) {
  const auto job = root_.group("job", "a");
  const auto task = job->group("task", "t");
  Counter& counter = task->counter("x", "");
  Histogram& histogram = task->histogram("h", "");
  job->close();
  EXPECT_TRUE(task->is_closed());
  EXPECT_EQ(registry_.collect().size(), 1U);
  counter.add();  // Nobody hears it, but it is there.
  histogram.observe(1);
  EXPECT_EQ(counter.value(), 1U);
  EXPECT_EQ(&counter, &task->counter("x", ""));
  task->gauge("late", "").set(1);
  EXPECT_TRUE(task->group("user")->is_closed());
  EXPECT_EQ(registry_.collect().size(), 1U);
  EXPECT_EQ(refused(), 0);
  job->close();  // Once more does nothing.
}

// For AddressSanitizer: nobody but the groups above holds what is written to.
TEST_F(MetricGroupTest, KeepsWhatIsBelowWhetherReportedOrNot) {
  for (int i = 0; i < 50; ++i) (void)root_.group("k", std::to_string(i));
  const auto beyond = root_.group("k", "beyond");
  const auto closed = root_.group("k", "0");
  const auto unreported = unreported_metrics();
  for (const auto& above : {beyond, closed, unreported}) {
    const std::weak_ptr<MetricGroup> below = above->group("operator", "sort");
    ASSERT_FALSE(below.expired());
    Counter& counter = below.lock()->group("user")->counter("x", "");
    counter.add();
    above->close();
    counter.add();
    EXPECT_EQ(counter.value(), 2U);
    EXPECT_EQ(&counter, &above->group("operator", "sort")->group("user")->counter("x", ""));
  }
}

// As above, of groups that were reported until then.
TEST_F(MetricGroupTest, KeepsWhatIsBelowAGroupThatWasClosed) {
  const auto job = root_.group("job", "a");
  const std::weak_ptr<MetricGroup> below = job->group("task", "t");
  ASSERT_FALSE(below.expired());
  Counter& counter = below.lock()->counter("x", "");
  ASSERT_FALSE(below.lock()->is_closed());
  job->close();
  ASSERT_FALSE(below.expired());
  counter.add();
  EXPECT_EQ(below.lock()->counter("x", "").value(), 1U);
  EXPECT_EQ(reported("lymer_x_total", {{"job", "a"}, {"task", "t"}}), std::nullopt);
}

TEST_F(MetricGroupTest, MakesANewGroupAfterClosing) {
  const auto before = root_.group("job", "a");
  before->counter("x", "").add(5);
  before->close();
  const auto after = root_.group("job", "a");
  EXPECT_NE(before, after);
  EXPECT_EQ(&after->counter("x", ""), &root_.group("job", "a")->counter("x", ""));
  EXPECT_EQ(reported("lymer_x_total", {{"job", "a"}}), 0);
}

TEST_F(MetricGroupTest, AsksFunctionsUntilTheGroupIsClosed) {
  const auto group = root_.group("job", "a");
  auto alive = std::make_shared<int>(4);
  group->gauge("g", "", [alive] { return *alive; });
  group->counter("c", "", [alive] { return *alive * 10; });
  EXPECT_EQ(reported("lymer_g", {{"job", "a"}}), 4);
  EXPECT_EQ(reported("lymer_c_total", {{"job", "a"}}), 40);
  group->close();
  EXPECT_EQ(alive.use_count(), 1);  // The functions are gone, and what they held.
  EXPECT_FALSE(reported("lymer_g", {{"job", "a"}}));
}

TEST_F(MetricGroupTest, RefusesASecondFunction) {
  root_.gauge("g", "", [] { return 1; });
  root_.gauge("g", "", [] { return 2; });
  root_.gauge("g", "").set(3);
  EXPECT_EQ(reported("lymer_g"), 1);
  EXPECT_EQ(refused(), 2);
}

TEST_F(MetricGroupTest, FunctionsMayAskForMetrics) {
  root_.gauge("g", "", [&] {
    root_.group("job", "a")->counter("x", "").add();
    return 1;
  });
  EXPECT_EQ(reported("lymer_g"), 1);
  EXPECT_EQ(reported("lymer_x_total", {{"job", "a"}}), 2);
}

TEST_F(MetricGroupTest, PicksTheRangeOfAHistogramByItsUnit) {
  root_.histogram("size_bytes", "").observe(std::int64_t{1} << 39);
  root_.histogram("delay_seconds", "").observe(1e-5);
  for (const auto& each : registry_.collect()) {
    if (each.type != MetricType::kHistogram) continue;
    EXPECT_EQ(each.histogram.cumulative().front().count, 0U) << each.name;
    EXPECT_EQ(each.histogram.cumulative().back().count, 1U) << each.name;
  }
}

TEST(MetricGroup, OutlivesTheRegistry) {
  const ManualClock clock(EventTime::from_millis(0));
  std::shared_ptr<MetricGroup> group;
  {
    MetricRegistry registry(clock);
    group = registry.root().group("job", "a");
  }
  group->counter("x", "").add();
  group->meter("m", "").mark();
  group->close();
}

// For ThreadSanitizer: jobs come and go and write while others report.
TEST(MetricGroup, IsSafeWhileOthersWriteCloseAndReport) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock, 200);
  std::atomic<int> running = 3;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 100; ++round) {
        const auto job = registry.root().group("job", std::to_string(thread));
        const auto user = job->group("operator", std::to_string(round % 7))->group("user");
        Counter& counter = user->counter("events", "Events.");
        Meter& meter = user->meter("marks", "Marks.");
        Histogram& histogram = user->histogram("delay_seconds", "Delay.");
        double level = 0;  // Gone at the end of the round, as what a function reads may be.
        user->gauge("level", "Level.", [&level] { return level; });
        for (int i = 0; i < 50; ++i) {
          counter.add();
          meter.mark();
          histogram.observe(0.001 * i);
        }
        job->close();
        level = -1;
        histogram.observe(1);
      }
      --running;
    });
  }
  while (running > 0) {
    const auto samples = registry.collect();
    ASSERT_TRUE(std::ranges::is_sorted(samples, std::less<>()));
    for (const auto& each : samples) ASSERT_GE(each.value, 0) << each.name;
  }
  threads.clear();
  ASSERT_EQ(registry.collect().size(), 1U);
  EXPECT_EQ(registry.collect()[0].value, 0);
}

TEST(UnreportedMetrics, AreOfEveryKind) {
  const auto group = unreported_metrics()->group("job", "none");
  group->counter("c", "").add();
  group->gauge("g", "").set(1);
  group->meter("m", "").mark();
  group->histogram("h", "").observe(1);
  EXPECT_EQ(group->counter("c", "").value(), 1U);
  EXPECT_EQ(group->meter("m", "").count(), 1U);
  group->close();
}

}  // namespace
}  // namespace lymer::runtime
