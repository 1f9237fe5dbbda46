// Jobs on threads: the same results at every parallelism, states, errors, cancelling.
// Not here: single tasks (tests/runtime/exec/task_test.cc).
#include "runtime/exec/execution.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const SchemaRef kEvents =
    support::schema_of({{"user", support::kInteger}, {"n", support::kInteger}});
constexpr std::int64_t kUsers = 50;
constexpr std::uint64_t kEventCount = 20'000;

// Events a little out of order, of many users.
Stream events(StreamJob& job, std::uint64_t count = kEventCount) {
  return job.generate(
      "events", kEvents,
      [count](std::uint64_t number, RowBuilder& row, EventTime& time) {
        const auto i = static_cast<std::int64_t>(number);
        row.set(0, Value::of(i * 7919 % kUsers));
        row.set(1, Value::of(i % 13));
        time = ms(i / 4 + i * 31 % 7);
        return number < count;
      },
      Duration::millis(10));
}

WindowAggregate sum() {
  return aggregate_window<std::pair<std::int64_t, std::int64_t>>(
      {0, 0},
      [](auto& so_far, const WindowEvent& event) {
        so_far.first = event.row.get(0, support::kInteger).as_int();
        so_far.second += event.row.get(1, support::kInteger).as_int();
      },
      [](auto& so_far, const auto& other) { so_far.second += other.second; },
      [](const auto& total, const WindowView&, const EmitRow& emit) {
        emit(support::row_of(kEvents, {total.first, total.second}));
      });
}

// The results of each user, in the order in which they came.
using Results = std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>>;

Results windowed_sums(std::size_t parallelism, std::size_t workers) {
  StreamJob job;
  Results results;
  std::mutex mutex;
  events(job)
      .filter(
          "some",
          [](const EventView& event) { return event.row.get(1, support::kInteger).as_int() != 5; })
      .key_by({0})
      .window(WindowAssigner::sliding(Duration::millis(100), Duration::millis(50)))
      .aggregate("sum", kEvents, sum())
      .for_each("collect", [&](const EventView& event) {
        const std::lock_guard lock(mutex);
        results[event.row.get(0, support::kInteger).as_int()].emplace_back(
            event.header.time.to_millis(), event.row.get(1, support::kInteger).as_int());
      });
  SystemClock clock;
  const auto ran = job.run(clock, parallelism, {.workers = workers});
  EXPECT_TRUE(ran.has_value());
  return results;
}

TEST(Execution, GivesTheSameAtEveryParallelism) {
  const Results expected = windowed_sums(1, 1);
  EXPECT_EQ(expected.size(), static_cast<std::size_t>(kUsers));
  for (const std::size_t parallelism : {2U, 3U, 8U}) {
    for (const std::size_t workers : {1U, 2U, 4U}) {
      EXPECT_EQ(windowed_sums(parallelism, workers), expected) << parallelism << " on " << workers;
    }
  }
}

std::vector<std::string> names_of(const std::vector<std::pair<JobState, EventTime>>& states) {
  std::vector<std::string> names;
  for (const auto& [state, time] : states) names.emplace_back(to_string(state));
  return names;
}

TEST(Execution, TellsItsStates) {
  StreamJob job;
  events(job, 100).for_each("nothing", [](const EventView&) {});
  SystemClock clock;
  Execution execution(job.job_graph(2).value(), {.workers = 2}, clock);
  EXPECT_EQ(execution.state(), JobState::kCreated);
  ASSERT_TRUE(execution.run().has_value());
  const JobReport report = execution.report();
  EXPECT_THAT(names_of(report.states), ElementsAre("created", "running", "finished"));
  ASSERT_EQ(report.tasks.size(), 2U);
  EXPECT_EQ(report.tasks[1].title, "events -> nothing (2/2)");
  std::vector<std::string> states;
  for (const auto& [state, time] : report.tasks[0].states) states.emplace_back(to_string(state));
  EXPECT_THAT(states, ElementsAre("created", "scheduled", "deploying", "running", "finished"));
  EXPECT_EQ(report.slots, 2U);
  EXPECT_EQ(execution.run().error().code, ErrorCode::kInvalidArgument);
}

class Failing final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch, Collector&) override {
    return Error{ErrorCode::kIo, "no room on the disk"};
  }
};

// One job's failure stops no other.
TEST(Execution, FailsAlone) {
  StreamJob bad;
  (void)events(bad)
      .partition(Partitioning::kRebalance)
      .transform("broken", kEvents, [](const SourceShare&) { return std::make_unique<Failing>(); });
  StreamJob good;
  std::atomic<int> seen = 0;
  events(good).for_each("count", [&](const EventView&) { ++seen; });
  SystemClock clock;
  Execution failing(bad.job_graph(3).value(), {}, clock);
  Execution working(good.job_graph(3).value(), {}, clock);
  Result<void> failed;
  {
    const std::jthread other([&] { failed = failing.run(); });
    EXPECT_TRUE(working.run().has_value());
  }
  EXPECT_EQ(seen, static_cast<int>(kEventCount));
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().to_string(), HasSubstr("no room on the disk"));
  EXPECT_THAT(failed.error().to_string(), HasSubstr("broken ("));
  EXPECT_THAT(names_of(failing.report().states),
              ElementsAre("created", "running", "failing", "failed"));
  for (const TaskReport& each : failing.report().tasks) {
    EXPECT_TRUE(is_last(each.states.back().first)) << each.title;
  }
}

TEST(Execution, IsCancelledFromAnotherThread) {
  StreamJob job;
  std::atomic<bool> has_begun = false;
  events(job, std::numeric_limits<std::uint64_t>::max()).for_each("begin", [&](const EventView&) {
    has_begun = true;
  });
  SystemClock clock;
  Execution execution(job.job_graph(2).value(), {}, clock);
  Result<void> ran = Error{ErrorCode::kIo, "not yet"};
  {
    const std::jthread other([&] { ran = execution.run(); });
    while (!has_begun) std::this_thread::yield();
    execution.cancel();
  }
  EXPECT_TRUE(ran.has_value());
  EXPECT_THAT(names_of(execution.report().states),
              ElementsAre("created", "running", "cancelling", "cancelled"));
  execution.cancel();  // Does nothing any more.
}

// With room for one batch everywhere, so that every edge refuses now and then.
TEST(Execution, LosesNothingWhereThereIsLittleRoom) {
  for (const Partitioning how :
       {Partitioning::kHash, Partitioning::kRebalance, Partitioning::kShuffle,
        Partitioning::kGlobal, Partitioning::kRescale, Partitioning::kBroadcast}) {
    StreamJob job;
    std::atomic<std::uint64_t> seen = 0;
    events(job)
        .key_by({0})
        .stream()
        .partition(how)
        .transform("pass", kEvents,
                   [](const SourceShare&) {
                     return std::make_unique<Filter>(kEvents,
                                                     [](const EventView&) { return true; });
                   })
        .parallelism(3)
        .partition(how)
        .transform("pass on", kEvents,
                   [](const SourceShare&) {
                     return std::make_unique<Filter>(kEvents,
                                                     [](const EventView&) { return true; });
                   })
        .parallelism(2)
        .for_each("count", [&](const EventView&) { ++seen; });
    SystemClock clock;
    ASSERT_TRUE(job.run(clock, 2, {.workers = 2, .channels = {.max_batches = 1}}).has_value());
    EXPECT_EQ(seen, (how == Partitioning::kBroadcast ? 6 : 1) * kEventCount) << to_string(how);
  }
}

}  // namespace
}  // namespace lymer::runtime
