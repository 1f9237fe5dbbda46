// Jobs on threads: the same results at every parallelism, states, errors, cancelling.
// Not here: single tasks (tests/runtime/exec/task_test.cc).
#include "runtime/exec/execution.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_registry.h"
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

// Writes down the control records that come to it.
class Controlled final : public Operator {
 public:
  explicit Controlled(std::function<void(std::uint64_t)> note) : note_(std::move(note)) {}
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return emit_or_keep(std::move(batch), out);
  }
  Result<Progress> on_mark(StreamElement mark, Collector& out) override {
    if (const auto* record = std::get_if<ControlRecord>(&mark)) note_(record->version);
    return Operator::on_mark(std::move(mark), out);
  }

 private:
  std::function<void(std::uint64_t)> note_;
};

TEST(Execution, SendsControlRecordsToEverySubtaskOnceAndInOrder) {
  constexpr std::size_t kSubtasks = 4;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, std::vector<std::uint64_t>> seen;  // By subtask.
  StreamJob job;
  const Stream from = events(job, std::numeric_limits<std::uint64_t>::max());
  (void)job.transform({from.key_by_all({{{0}}}, false)}, "controlled", kEvents,
                      [&](const SourceShare& share) {
                        return std::make_unique<Controlled>([&, share](std::uint64_t version) {
                          const std::lock_guard lock(mutex);
                          seen[share.subtask].push_back(version);
                          changed.notify_all();
                        });
                      });
  SystemClock clock;
  Execution execution(job.job_graph(kSubtasks).value(), {.workers = 2}, clock);
  ASSERT_TRUE(execution.start().has_value());
  constexpr std::uint64_t kVersions = 20;
  for (std::uint64_t version = 1; version <= kVersions; ++version) execution.send({version, ""});
  std::vector<std::uint64_t> all(kVersions);
  std::iota(all.begin(), all.end(), 1);
  {
    std::unique_lock lock(mutex);
    const bool have_all = changed.wait_for(lock, std::chrono::minutes(5), [&] {
      return seen.size() == kSubtasks &&
             std::ranges::all_of(seen, [&](const auto& each) { return each.second == all; });
    });
    EXPECT_TRUE(have_all);
  }
  execution.cancel();
  EXPECT_TRUE(execution.wait(Duration::minutes(5)));
  EXPECT_TRUE(execution.end().has_value());
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

// ---- Jobs without an end -----------------------------------------------------------------------

// What a sink that is told when to commit has seen.
struct SinkCalls {
  std::atomic<int> written = 0;
  std::atomic<int> committed = 0;
  std::atomic<int> aborted = 0;
};

class CountingSink final : public Sink {
 public:
  explicit CountingSink(SinkCalls& calls) : calls_(calls) {}
  Result<void> begin(Epoch) override { return {}; }
  Result<void> write(const EventBatch& batch) override {
    calls_.written += static_cast<int>(batch.size());
    return {};
  }
  Result<Transaction> pre_commit(Epoch) override { return Transaction(); }
  Result<void> commit(const Transaction&) override { return add(calls_.committed); }
  Result<void> abort(Epoch) override { return add(calls_.aborted); }
  Result<void> close() override { return {}; }

 private:
  static Result<void> add(std::atomic<int>& count) {
    ++count;
    return {};
  }
  SinkCalls& calls_;
};

constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();

// Counts events without end in one window that ends with time alone.
struct EndlessJob {
  EndlessJob() {
    const Stream all = events(job, kEndless).filter("seen", [this](const EventView&) {
      ++seen;
      return true;
    });
    sink_to(all, events_out);
    sink_to(all.window_all(WindowAssigner::tumbling(Duration::days(100'000)))
                .aggregate("count", kEvents,
                           aggregate_window<std::int64_t>(
                               0, [](auto& so_far, const WindowEvent&) { ++so_far; },
                               [](auto& so_far, const auto& other) { so_far += other; },
                               [this](const auto& total, const WindowView&, const EmitRow& emit) {
                                 counted += total;
                                 emit(support::row_of(kEvents, {0, total}));
                               })),
            windows_out);
  }
  static void sink_to(const Stream& stream, SinkCalls& calls) {
    stream
        .sink_to("sink",
                 [&calls](const SourceShare&) { return std::make_unique<CountingSink>(calls); })
        .parallelism(1);
  }
  void wait_for_events() const {
    while (events_out.written == 0) std::this_thread::yield();
  }

  StreamJob job;
  std::atomic<std::int64_t> seen = 0;
  std::atomic<std::int64_t> counted = 0;
  SinkCalls events_out;
  SinkCalls windows_out;
};

TEST(Execution, FinishesInGoodOrder) {
  for (const bool drains : {false, true}) {
    EndlessJob of;
    SystemClock clock;
    Execution execution(of.job.job_graph(2).value(), {.workers = 2}, clock);
    ASSERT_TRUE(execution.start().has_value());
    EXPECT_EQ(execution.start().error().code, ErrorCode::kInvalidArgument);
    of.wait_for_events();
    EXPECT_FALSE(execution.wait(Duration::millis(1)));
    execution.finish(drains);
    execution.finish(!drains);  // The first says how.
    EXPECT_TRUE(execution.wait(Duration::minutes(5)));
    EXPECT_EQ(execution.state(), JobState::kRunning) << "until it is ended";
    EXPECT_TRUE(execution.end().has_value());
    EXPECT_THAT(names_of(execution.report().states), ElementsAre("created", "running", "finished"));
    EXPECT_EQ(of.events_out.written, of.seen);
    EXPECT_EQ(of.counted, drains ? of.seen.load() : 0);
    EXPECT_EQ(of.windows_out.written, drains ? 1 : 0);
    EXPECT_EQ(of.events_out.committed, 1);
    EXPECT_EQ(of.windows_out.committed, 1);
    EXPECT_EQ(of.events_out.aborted + of.windows_out.aborted, 0);
  }
}

TEST(Execution, CommitsNothingWhenItIsCancelled) {
  EndlessJob of;
  SystemClock clock;
  Execution execution(of.job.job_graph(2).value(), {.workers = 2}, clock);
  ASSERT_TRUE(execution.start().has_value());
  of.wait_for_events();
  execution.cancel();
  execution.finish(true);  // Too late.
  EXPECT_TRUE(execution.wait(Duration::minutes(5)));
  EXPECT_TRUE(execution.end().has_value());
  EXPECT_EQ(execution.state(), JobState::kCancelled);
  EXPECT_EQ(of.counted, 0);
  EXPECT_EQ(of.events_out.committed + of.windows_out.committed, 0);
  EXPECT_EQ(of.events_out.aborted, 1);
  EXPECT_EQ(of.windows_out.aborted, 1);
}

TEST(Execution, FinishesBeforeItHasBegun) {
  EndlessJob of;
  SystemClock clock;
  Execution execution(of.job.job_graph(2).value(), {.workers = 2}, clock);
  execution.finish(true);
  EXPECT_TRUE(execution.run().has_value());
  EXPECT_EQ(of.seen, 0);
  EXPECT_EQ(of.windows_out.committed, 1);
}

TEST(Execution, IsCancelledWhenItGoes) {
  EndlessJob of;
  SystemClock clock;
  {
    Execution execution(of.job.job_graph(2).value(), {.workers = 2}, clock);
    ASSERT_TRUE(execution.start().has_value());
    of.wait_for_events();
  }
  EXPECT_EQ(of.events_out.committed, 0);
  EXPECT_EQ(of.events_out.aborted, 1);
}

// ---- Sources in step ---------------------------------------------------------------------------

// Numbers at times so far apart; notes how far it is, and where it went ahead of the other.
struct Reader {
  static constexpr std::uint64_t kBatch = 1024;

  Stream stream(StreamJob& job, const std::string& name, const Reader& other, Duration drift) {
    return job
        .generate(name, kEvents,
                  [this, &other, drift](std::uint64_t number, RowBuilder& row, EventTime& time) {
                    const auto at = [this](std::uint64_t of) {
                      return ms(static_cast<std::int64_t>(of) * step);
                    };
                    // A batch that has begun is read to its end.
                    const bool begins = number > 0 && number % kBatch == 0;
                    if (begins && at(number - 1) > at_least(other) + drift) ++too_far;
                    row.set(0, Value::of(std::int64_t{1}));
                    row.set(1, Value::of(static_cast<std::int64_t>(number)));
                    time = at(number);
                    position = number < count ? time.to_millis() : EventTime::max().to_millis();
                    return number < count;
                  })
        .parallelism(1);
  }
  static EventTime at_least(const Reader& other) { return ms(other.position); }

  std::uint64_t count;
  std::int64_t step;
  std::atomic<std::int64_t> position = 0;
  std::atomic<int> too_far = 0;
};

TEST(Execution, ReadsSourcesInStep) {
  for (const std::int64_t drift : {0, 20'000}) {
    for (const std::size_t workers : {1U, 2U}) {
      Reader slow{.count = 50'000, .step = 1};
      Reader fast{.count = 20'000, .step = 100};
      StreamJob job;
      std::atomic<std::uint64_t> seen = 0;
      slow.stream(job, "slow", fast, Duration::millis(drift))
          .union_with(fast.stream(job, "fast", slow, Duration::millis(drift)))
          .for_each("count", [&](const EventView&) { ++seen; });
      ExecutionOptions options{.workers = workers};
      options.source_drift = Duration::millis(drift);
      SystemClock clock;
      ASSERT_TRUE(job.run(clock, 2, options).has_value());
      EXPECT_EQ(seen, 70'000U);
      EXPECT_EQ(slow.too_far, 0) << drift << " on " << workers;
      EXPECT_EQ(fast.too_far, 0) << drift << " on " << workers;
    }
  }
}

// A source that waits for another hears of the end all the same.
TEST(Execution, FinishesSourcesThatWait) {
  for (const bool cancels : {false, true}) {
    Reader still{.count = kEndless, .step = 0};
    Reader fast{.count = kEndless, .step = 1};
    StreamJob job;
    std::atomic<bool> has_begun[2] = {false, false};
    still.stream(job, "still", fast, {}).for_each("one", [&](const EventView&) {
      has_begun[0] = true;
    });
    fast.stream(job, "fast", still, {}).for_each("other", [&](const EventView&) {
      has_begun[1] = true;
    });
    ExecutionOptions options{.workers = 2};
    options.source_drift = Duration{};
    SystemClock clock;
    Execution execution(job.job_graph(1).value(), options, clock);
    ASSERT_TRUE(execution.start().has_value());
    for (const auto& each : has_begun) {
      while (!each) std::this_thread::yield();
    }
    if (cancels) {
      execution.cancel();
    } else {
      execution.finish(true);
    }
    EXPECT_TRUE(execution.wait(Duration::minutes(5)));
    EXPECT_TRUE(execution.end().has_value());
    EXPECT_EQ(fast.too_far, 0);
  }
}

// ---- Metrics -----------------------------------------------------------------------------------

// The values of one name, by the labels `task`, `subtask` and `operator`.
std::map<std::string, double> values_of(MetricRegistry& registry, const std::string& name) {
  std::map<std::string, double> values;
  for (const MetricSample& each : registry.collect()) {
    if (each.name != name) continue;
    EXPECT_EQ(each.labels.at("job"), "test");
    std::string labels = each.labels.at("task") + " " + each.labels.at("subtask");
    if (each.labels.contains("operator")) labels += " " + each.labels.at("operator");
    values[labels] = each.value;
  }
  return values;
}

bool keep(const EventView&) { return true; }

TEST(Execution, TellsTheMetricsOfItsTasks) {
  SystemClock clock;
  MetricRegistry registry(clock);
  const auto late_rows = [](std::uint64_t number, RowBuilder& row, EventTime& time) {
    row.set(0, Value::of(std::int64_t{1}));
    row.set(1, Value::of(std::int64_t{2}));
    time = ms(number == 0 ? 1000 : 1);
    return number < 4;
  };
  {
    StreamJob job;
    job.generate("rows", kEvents, late_rows)
        .parallelism(1)
        .key_by({0})
        .window(WindowAssigner::tumbling(Duration::millis(10)))
        .aggregate("sum", kEvents, sum())
        .uid("sums")
        .for_each("nothing", [](const EventView&) {});
    ExecutionOptions options{.workers = 2};
    options.metrics = registry.root().group("job", "test");
    Execution execution(job.job_graph(2).value(), options, clock);
    ASSERT_TRUE(execution.run().has_value());
    for (const char* part : {"busy", "idle", "backpressured"}) {
      const std::string name = std::string("lymer_operator_") + part + "_seconds_total";
      std::vector<std::string> tasks;
      for (const auto& [labels, value] : values_of(registry, name)) tasks.push_back(labels);
      EXPECT_THAT(tasks, ElementsAre("rows -> key_by 0", "sum -> nothing 0", "sum -> nothing 1"));
    }
    double late = 0;
    for (const auto& [labels, value] : values_of(registry, "lymer_events_late_total")) {
      EXPECT_THAT(labels, HasSubstr("sums"));
      late += value;
    }
    EXPECT_EQ(late, 3);
  }
  EXPECT_TRUE(values_of(registry, "lymer_operator_busy_seconds_total").empty());
  EXPECT_TRUE(values_of(registry, "lymer_events_late_total").empty());
}

TEST(Execution, TellsTasksOfOneNameApart) {
  SystemClock clock;
  MetricRegistry registry(clock);
  StreamJob job;
  const Stream all = events(job, 100).partition(Partitioning::kRebalance);
  (void)all.filter("same", keep);
  (void)all.filter("same", keep);
  ExecutionOptions options;
  options.metrics = registry.root().group("job", "test");
  Execution execution(job.job_graph(1).value(), options, clock);
  ASSERT_TRUE(execution.run().has_value());
  std::vector<std::string> tasks;
  for (const auto& [labels, value] : values_of(registry, "lymer_operator_busy_seconds_total")) {
    tasks.push_back(labels);
  }
  EXPECT_THAT(tasks, ElementsAre("events 0", "same #2 0", "same 0"));
}

TEST(Execution, IsAskedForMetricsAtAnyTime) {
  SystemClock clock;
  MetricRegistry registry(clock);
  std::atomic<bool> is_over = false;
  const std::jthread asking([&] {
    while (!is_over) (void)registry.collect();
  });
  for (int i = 0; i < 20; ++i) {
    StreamJob job;
    events(job, 5000).key_by({0}).sum(1).for_each("nothing", [](const EventView&) {});
    ExecutionOptions options{.workers = 2};
    options.metrics = registry.root().group("job", "test");
    Execution execution(job.job_graph(2).value(), options, clock);
    EXPECT_TRUE(execution.run().has_value());
    EXPECT_FALSE(values_of(registry, "lymer_operator_busy_seconds_total").empty());
  }
  is_over = true;
}

// Keeps but a reference to a metric, as operators do.
class Referring final : public Operator {
 public:
  Result<void> open(const OperatorContext& context) override {
    counter_ = &context.metrics->group("rule", "r")->counter("seen", "");
    return {};
  }
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    counter_->add(batch.size());
    return emit_or_keep(std::move(batch), out);
  }

 private:
  Counter* counter_ = nullptr;
};

// For the sanitizers: its threads write metrics until they end.
TEST(Execution, GoesWhileItsTasksWriteMetrics) {
  SystemClock clock;
  MetricRegistry registry(clock);
  for (int i = 0; i < 10; ++i) {
    EndlessJob of;
    (void)events(of.job, kEndless).transform("refer", kEvents, [](const SourceShare&) {
      return std::make_unique<Referring>();
    });
    ExecutionOptions options{.workers = 2};
    options.metrics = i % 2 == 0 ? nullptr : registry.root().group("job", "test");
    {
      Execution execution(of.job.job_graph(2).value(), options, clock);
      options.metrics.reset();
      ASSERT_TRUE(execution.start().has_value());
      of.wait_for_events();
    }
    EXPECT_EQ(of.events_out.aborted, 1);
    EXPECT_TRUE(values_of(registry, "lymer_operator_busy_seconds_total").empty());
  }
}

}  // namespace
}  // namespace lymer::runtime
