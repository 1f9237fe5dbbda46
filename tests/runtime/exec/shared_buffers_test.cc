// Jobs on a common pool of memory: they end with as little as there can be, keep to the bound, and
// do not starve each other.
// Not here: the pool as such (tests/runtime/exec/buffer_pool_test.cc).
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/exec/dispatcher.h"
#include "runtime/exec/execution.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});
constexpr std::uint64_t kCount = 50'000;

// Many channels, of which each key group uses another.
void build(StreamJob& job, FunctionSink::See see) {
  job.generate("numbers", kSchema,
               [](std::uint64_t number, RowBuilder& row, EventTime& time) {
                 row.set(0, Value::of(static_cast<std::int64_t>(number)));
                 time = support::ms(static_cast<std::int64_t>(number));
                 return number < kCount;
               })
      .key_by({0})
      .stream()
      .filter("pass", [](const EventView&) { return true; })
      .partition(Partitioning::kShuffle)
      .for_each("see", std::move(see));
}

TEST(SharedBuffers, LetAJobEndOnMinimumSharesAlone) {
  for (const std::size_t min_bytes : {std::size_t{0}, std::size_t{1000}}) {
    StreamJob job;
    std::atomic<std::uint64_t> seen = 0;
    build(job, [&](const EventView&) { ++seen; });
    ExecutionOptions options{.workers = 2};
    options.channels.min_bytes = min_bytes;
    options.buffers = std::make_shared<BufferPool>(0);
    SystemClock clock;
    EXPECT_TRUE(job.run(clock, 4, options).has_value());
    EXPECT_EQ(seen, kCount);
    EXPECT_EQ(options.buffers->used(), 0U);
  }
}

double value_of(MetricRegistry& registry, const std::string& name) {
  for (const MetricSample& each : registry.collect()) {
    if (each.name == name) return each.value;
  }
  return -1;
}

TEST(SharedBuffers, HoldTheBoundOfAJobWithSlowReceivers) {
  constexpr std::size_t kPool = std::size_t{4} << 20U;
  StreamJob job;
  SystemClock clock;
  std::atomic<std::uint64_t> seen = 0;
  const auto pool = std::make_shared<BufferPool>(kPool);
  std::atomic<std::size_t> most = 0;
  build(job, [&](const EventView&) {
    if (++seen % 500 == 0) clock.sleep(Duration::millis(1));
    if (const std::size_t used = pool->used(); used > most) most = used;
  });
  MetricRegistry registry(clock);
  ExecutionOptions options{.workers = 2};
  options.buffers = pool;
  options.metrics = registry.root().group("job", "slow");
  {
    Execution execution(job.job_graph(4).value(), options, clock);
    EXPECT_EQ(value_of(registry, "lymer_buffer_pool_bytes"), static_cast<double>(kPool));
    EXPECT_EQ(value_of(registry, "lymer_buffer_pool_used_bytes"),
              static_cast<double>(32 * options.channels.min_bytes));
    ASSERT_TRUE(execution.run().has_value());
  }
  EXPECT_EQ(seen, kCount);
  // A batch is a little more than a minimum share at most.
  EXPECT_LE(most, kPool + 32 * options.channels.min_bytes);
  EXPECT_EQ(value_of(registry, "lymer_buffer_pool_bytes"), -1) << "gone with the job";
}

// One job stands still with all that it could borrow; the other ends nevertheless.
TEST(SharedBuffers, LetJobsProgressBesideEachOther) {
  SystemClock clock;
  Dispatcher jobs(clock, 10, std::make_shared<BufferPool>(std::size_t{1} << 20U));
  std::atomic<bool> is_held = true;
  std::atomic<std::uint64_t> held_seen = 0;
  std::atomic<std::uint64_t> free_seen = 0;
  StreamJob held;
  build(held, [&](const EventView&) {
    while (is_held) std::this_thread::yield();
    ++held_seen;
  });
  StreamJob free;
  build(free, [&](const EventView&) { ++free_seen; });
  const JobId first = jobs.submit("held", held.job_graph(2).value(), {.workers = 3});
  const JobId second = jobs.submit("free", free.job_graph(2).value(), {.workers = 3});
  EXPECT_TRUE(jobs.wait(second).has_value());
  EXPECT_EQ(free_seen, kCount);
  EXPECT_EQ(held_seen, 0U);
  is_held = false;
  EXPECT_TRUE(jobs.wait(first).has_value());
  EXPECT_EQ(held_seen, kCount);
}

}  // namespace
}  // namespace lymer::runtime
