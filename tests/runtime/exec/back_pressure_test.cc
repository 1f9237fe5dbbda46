// A sink at a hundredth of its speed: those before it wait, nothing piles up, and the levels point
// at it. Two seconds; LYMER_BACK_PRESSURE_SECONDS=60 for a minute.
// Not here: single channels (tests/runtime/exec/task_channel_test.cc).
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/exec/execution.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

// Sanitizers keep what is given back.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsMemory = false;
#else
constexpr bool kCountsMemory = true;
#endif

double seconds_to_run() {
  const char* given = std::getenv("LYMER_BACK_PRESSURE_SECONDS");
  return given == nullptr ? 2 : std::atof(given);
}

// In pages; 0 where the system does not tell.
std::int64_t resident_pages() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long long size = 0;
  long long resident = 0;
  const int read = std::fscanf(file, "%lld %lld", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident : 0;
}

// Each operator in a slot of its own, so that none of them waits for the thread of another.
void build(StreamJob& job, SystemClock& clock) {
  job.generate("events", kSchema,
               [](std::uint64_t number, RowBuilder& row, EventTime& time) {
                 row.set(0, Value::of(static_cast<std::int64_t>(number)));
                 time = support::ms(static_cast<std::int64_t>(number));
                 return true;
               })
      .parallelism(1)
      .map("pass", kSchema, [](const EventView& event, RowBuilder& row) { row.copy(event.row); })
      .parallelism(1)
      .chaining(Chaining::kNever)
      .slot_group("middle")
      .for_each("slow",
                [&clock](const EventView& event) {
                  const std::int64_t n = event.row.get(0, support::kInteger).as_int();
                  if (n % 100 == 0) clock.sleep(Duration::millis(2));
                })
      .parallelism(1)
      .chaining(Chaining::kNever)
      .slot_group("end");
}

TEST(BackPressure, StopsSourcesAndPointsAtTheBottleneck) {
  SystemClock clock;
  StreamJob job;
  build(job, clock);
  MetricRegistry metrics(clock);
  ExecutionOptions options{.workers = 3, .channels = {}};
  options.metrics = metrics.root().group("job", "slow");
  options.latency_interval = Duration::millis(10);
  Execution execution(job.job_graph(1).value(), options, clock);
  const double started = clock.monotonic_seconds();
  ASSERT_TRUE(execution.start());
  const auto half = Duration::millis(static_cast<std::int64_t>(seconds_to_run() * 500));
  ASSERT_FALSE(execution.wait(half));
  const std::int64_t pages = resident_pages();
  ASSERT_FALSE(execution.wait(half));
  const std::int64_t pages_later = resident_pages();
  const double elapsed = clock.monotonic_seconds() - started;
  const JobReport report = execution.report();
  const auto samples = metrics.collect();
  execution.cancel();
  ASSERT_TRUE(execution.end());

  if (kCountsMemory) {
    EXPECT_LE(static_cast<double>(pages_later), static_cast<double>(pages) * 1.05);
  }
  ASSERT_EQ(report.tasks.size(), 3U);
  for (const TaskReport& task : report.tasks) {
    EXPECT_NEAR(task.seconds.sum(), elapsed, 0.1 * elapsed + 0.2) << task.title;
    EXPECT_NEAR(task.shares.sum(), 1, 0.01) << task.title;
  }
  EXPECT_EQ(report.tasks[0].back_pressure, BackPressureLevel::kHigh) << "the source";
  EXPECT_EQ(report.tasks[1].back_pressure, BackPressureLevel::kHigh) << "the one before the sink";
  EXPECT_EQ(report.tasks[2].back_pressure, BackPressureLevel::kOk) << "the sink, which";
  EXPECT_GT(report.tasks[2].shares.busy, 0.5) << "is what keeps them waiting";

  double observed = 0;
  for (const MetricSample& each : samples) {
    if (each.name != "lymer_latency_seconds" || each.labels.at("task") != "slow") continue;
    observed += static_cast<double>(each.histogram.count);
    EXPECT_GT(each.histogram.quantile(0.5), 0);
  }
  EXPECT_GT(observed, 0) << "latency markers arrive";
}

}  // namespace
}  // namespace lymer::runtime
