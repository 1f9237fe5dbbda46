// Checkpoints of jobs that cannot get on: barriers that wait and barriers that overtake, and what
// the two modes promise. A gate in the sinks, which the test opens, makes each order certain.
// Not here: single tasks (tests/runtime/exec/overtaking_test.cc), kills at random moments
// (tests/checkpoint/recovery_test.cc).
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "runtime/base/file_system.h"
#include "runtime/exec/execution.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using runtime::CheckpointMode;
using runtime::CheckpointOrder;
using runtime::Epoch;
using runtime::RowBuilder;
using runtime::Stream;
using runtime::StreamJob;
using runtime::Value;
using support::Ledger;
using ::testing::SizeIs;

constexpr std::uint64_t kEvents = 100'000;
// As many rows as this are more than a sink, and the channel before it, have room for.
constexpr std::uint64_t kEnough = 4 * 1024;
constexpr Duration kLook = Duration::millis(1);
const runtime::SchemaRef kSchema =
    support::schema_of({{"user", support::kText}, {"n", support::kInteger}});

// Lets as many pass as it was told, each for itself.
class Turnstile {
 public:
  // Waits for its turn.
  void pass(std::size_t who) {
    std::unique_lock lock(mutex_);
    ++arrived_[who];
    turned_.wait(lock, [&] { return is_open_ || passed_[who] < allowed_; });
    ++passed_[who];
  }
  // One more for each.
  void allow() {
    const std::lock_guard lock(mutex_);
    ++allowed_;
    turned_.notify_all();
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    turned_.notify_all();
  }
  // Each of the first `count` stands at it for the n-th time.
  [[nodiscard]] bool have_arrived(std::size_t count, std::size_t n) {
    const std::lock_guard lock(mutex_);
    for (std::size_t who = 0; who < count; ++who) {
      if (arrived_[who] < n) return false;
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable turned_;
  bool is_open_ = false;
  std::size_t allowed_ = 0;
  std::map<std::size_t, std::size_t> arrived_;
  std::map<std::size_t, std::size_t> passed_;
};

// A sink that has to pass before it writes.
class SlowSink final : public runtime::Sink {
 public:
  SlowSink(std::unique_ptr<Sink> sink, std::size_t subtask, std::shared_ptr<Turnstile> turnstile)
      : sink_(std::move(sink)), subtask_(subtask), turnstile_(std::move(turnstile)) {}
  Result<void> recover(const std::vector<runtime::Transaction>& held, Epoch next) override {
    return sink_->recover(held, next);
  }
  Result<void> begin(Epoch epoch) override { return sink_->begin(epoch); }
  Result<void> write(const runtime::EventBatch& batch) override {
    turnstile_->pass(subtask_);
    return sink_->write(batch);
  }
  Result<runtime::Transaction> pre_commit(Epoch epoch) override { return sink_->pre_commit(epoch); }
  Result<void> commit(const runtime::Transaction& transaction) override {
    return sink_->commit(transaction);
  }
  Result<void> abort(Epoch epoch) override { return sink_->abort(epoch); }
  Result<void> close() override { return sink_->close(); }

 private:
  std::unique_ptr<Sink> sink_;
  std::size_t subtask_;
  std::shared_ptr<Turnstile> turnstile_;
};

// Hands on answers and counts them.
class Counting final : public runtime::SnapshotListener {
 public:
  void hand_to(Coordinator& coordinator) { coordinator_ = &coordinator; }
  void on_snapshot(runtime::TaskSnapshot snapshot) override {
    coordinator_->on_snapshot(std::move(snapshot));
    ++answers_;
  }
  [[nodiscard]] std::size_t answers() const noexcept { return answers_; }

 private:
  Coordinator* coordinator_ = nullptr;
  std::atomic<std::size_t> answers_ = 0;
};

// One run of a job, from the newest checkpoint if there is one. The coordinator's time is the
// test's.
class JobRun {
 public:
  JobRun(CheckpointStore& store, const StreamJob& job, std::size_t parallelism,
         CheckpointOptions options, CheckpointMode mode = CheckpointMode::kExactlyOnce) {
    auto newest = store.read_newest([](const Error& error) { ADD_FAILURE() << error.to_string(); });
    EXPECT_TRUE(newest);
    auto graph = job.job_graph(parallelism);
    EXPECT_TRUE(graph) << graph.error().to_string();
    runtime::ExecutionOptions how{.workers = 16, .channels = {.max_batches = 2}};
    how.checkpoints.mode = mode;
    Epoch last{0};
    if (*newest) {
      last = (*newest)->epoch;
      how.checkpoints.find_overtaken = find_overtaken_in(**newest).value();
      how.checkpoints.find_state =
          find_state_in(std::make_shared<const Snapshot>(std::move(**newest)));
    }
    options.interval = Duration::seconds(1);
    coordinator_ = std::make_unique<Coordinator>(store, options, time_, last);
    answers_.hand_to(*coordinator_);
    how.checkpoints.listener = &answers_;
    execution_ = std::make_unique<runtime::Execution>(*graph, how, clock_);
    coordinator_->attach(*graph, execution_->task_count(),
                         [this](const CheckpointOrder& order) { execution_->tell(order); });
    EXPECT_TRUE(execution_->start());
    tick();
  }

  void tick(Duration passed = {}) {
    time_.sleep(passed);
    const auto ticked = coordinator_->tick();
    EXPECT_TRUE(ticked) << ticked.error().to_string();
  }
  // Looks until it is so, and ticks.
  template <typename Condition>
  void until(Condition is_so) {
    while (!is_so()) {
      tick();
      ASSERT_FALSE(execution_->wait(kLook)) << execution_->end().error().to_string();
    }
  }
  void begin_checkpoint() { tick(Duration::seconds(1)); }
  void finish_checkpoint() {
    until([this] { return completed() == 1; });
  }
  [[nodiscard]] std::size_t completed() const {
    return static_cast<std::size_t>(std::ranges::count(
        coordinator_->history(), CheckpointState::kComplete, &CheckpointRecord::state));
  }
  void stop(Turnstile& turnstile) {
    execution_->cancel();
    turnstile.open();  // Who stands there stops behind it.
    EXPECT_TRUE(execution_->end());
  }
  void end() {
    while (!execution_->wait(kLook)) tick();
    const auto ended = execution_->end();
    EXPECT_TRUE(ended) << ended.error().to_string();
  }

  [[nodiscard]] const CheckpointRecord& newest() const { return coordinator_->history().back(); }
  [[nodiscard]] std::size_t answers() const { return answers_.answers(); }
  [[nodiscard]] std::size_t tasks() const { return execution_->task_count(); }

 private:
  SystemClock clock_;
  ManualClock time_{EventTime{}};
  Counting answers_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<runtime::Execution> execution_;
};

// Sums by user and counts in windows; the sums go through a sink that waits at the turnstile.
struct SlowJob {
  std::shared_ptr<std::atomic<std::uint64_t>> made =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<Turnstile> turnstile = std::make_shared<Turnstile>();
  StreamJob job;

  explicit SlowJob(Ledger& ledger) {
    const Stream rows =
        job.generate("rows", kSchema,
                     [count = made](std::uint64_t number, RowBuilder& row, EventTime& time) {
                       const std::uint64_t mixed = number * 0x9e3779b97f4a7c15U >> 33U;
                       row.set(0, Value::of("user" + std::to_string(mixed % 61)));
                       row.set(1, Value::of(static_cast<std::int64_t>(number)));
                       time = support::ms(static_cast<std::int64_t>(number));
                       ++*count;
                       return number < kEvents;
                     })
            .parallelism(1);
    (void)rows.key_by({0}).sum(1).sink_to("sums", slow(ledger, "sum")).slot_group("slow");
    (void)rows.key_by({0})
        .window(runtime::WindowAssigner::tumbling(Duration::millis(700)))
        .aggregate("windows", kSchema, largest())
        .sink_to("largest", ledger.sink("largest", kSchema));
  }
  std::function<std::unique_ptr<runtime::Sink>(runtime::SourceShare)> slow(
      Ledger& ledger, const std::string& name) const {
    return [inner = ledger.sink(name, kSchema),
            way = turnstile](runtime::SourceShare share) -> std::unique_ptr<runtime::Sink> {
      return std::make_unique<SlowSink>(inner(share), share.subtask, way);
    };
  }
  static runtime::WindowFunction largest() {
    using Most = std::pair<std::string, std::int64_t>;
    return runtime::aggregate_window<Most>(
        {"", 0},
        [](Most& most, const runtime::WindowEvent& event) {
          most.first = event.row.get(0, support::kText).as_string();
          most.second = std::max(most.second, event.row.get(1, support::kInteger).as_int());
        },
        [](Most& most, const Most& other) { most.second = std::max(most.second, other.second); },
        [](const Most& most, const runtime::WindowView&, const runtime::EmitRow& emit) {
          emit(support::row_of(kSchema, {most.first, most.second}));
        });
  }
  // The sinks stand before their first batch, and before them is all that has room. That is less
  // than `kEnough` where a sink stands with a restored batch.
  void fill(JobRun& run, std::size_t sinks, std::uint64_t enough = kEnough) const {
    run.until([&] { return turnstile->have_arrived(sinks, 1) && *made >= enough; });
  }
};

Ledger::Lines straight() {
  Ledger ledger;
  const SlowJob slow(ledger);
  slow.turnstile->open();
  SystemClock clock;
  EXPECT_TRUE(slow.job.run(clock, 1));
  return ledger.lines();
}

class Overtaking : public ::testing::Test {
 protected:
  Overtaking() : store_(files_, temp_.path("checkpoints"), [this] { return ++random_; }) {}

  support::TempFiles temp_;
  PosixFileSystem files_;
  std::uint64_t random_ = 0;
  CheckpointStore store_;
};

TEST_F(Overtaking, BarriersThatWaitDoNotPassASlowSink) {
  Ledger ledger;
  const SlowJob slow(ledger);
  JobRun run(store_, slow.job, 2, {});
  slow.fill(run, 2);
  run.begin_checkpoint();
  // A batch later there are others before the barrier: of more than 4 at most one has passed.
  slow.turnstile->allow();
  run.until([&] { return slow.turnstile->have_arrived(2, 2); });
  run.tick();
  EXPECT_EQ(run.completed(), 0U);
  EXPECT_LT(run.answers(), run.tasks());
  slow.turnstile->open();
  run.finish_checkpoint();
  EXPECT_FALSE(run.newest().is_unaligned);
  EXPECT_EQ(run.newest().overtaken_bytes, 0U);
  run.stop(*slow.turnstile);
}

TEST_F(Overtaking, BarriersThatOvertakePassASlowSinkBehindOneBatch) {
  Ledger ledger;
  const SlowJob slow(ledger);
  JobRun run(store_, slow.job, 2, {.unaligned = true});
  slow.fill(run, 2);
  run.begin_checkpoint();
  run.until([&] { return run.answers() == run.tasks() - 2; });  // All but the sinks.
  slow.turnstile->allow();
  run.finish_checkpoint();
  EXPECT_FALSE(slow.turnstile->have_arrived(1, 3)) << "it took more than the batch it had";
  EXPECT_TRUE(run.newest().is_unaligned);
  EXPECT_GT(run.newest().overtaken_bytes, 0U);
  run.stop(*slow.turnstile);
}

TEST_F(Overtaking, BarriersOvertakeAfterTheAlignedTimeout) {
  Ledger ledger;
  const SlowJob slow(ledger);
  JobRun run(store_, slow.job, 2, {.aligned_timeout = Duration::seconds(30)});
  slow.fill(run, 2);
  run.begin_checkpoint();
  slow.turnstile->allow();
  run.until([&] { return slow.turnstile->have_arrived(2, 2); });
  run.tick(Duration::millis(29'999));
  EXPECT_EQ(run.completed(), 0U);
  run.tick(Duration::millis(1));
  run.until([&] { return run.answers() == run.tasks() - 2; });
  slow.turnstile->allow();
  run.finish_checkpoint();
  EXPECT_TRUE(run.newest().is_unaligned);
  EXPECT_GT(run.newest().overtaken_bytes, 0U);
  run.stop(*slow.turnstile);
}

// Stopped behind each checkpoint, with all that was overtaken still on its way.
class OvertakingAndRecovery : public Overtaking,
                              public ::testing::WithParamInterface<std::vector<std::size_t>> {};

INSTANTIATE_TEST_SUITE_P(
    Parallelism, OvertakingAndRecovery,
    ::testing::Values(std::vector<std::size_t>{1, 1}, std::vector<std::size_t>{2, 2},
                      std::vector<std::size_t>{1, 2}, std::vector<std::size_t>{2, 3},
                      std::vector<std::size_t>{3, 1}, std::vector<std::size_t>{1, 2, 3, 2, 1}));

TEST_P(OvertakingAndRecovery, GivesWhatAStraightRunDoes) {
  static const Ledger::Lines kStraight = straight();
  ASSERT_THAT(kStraight, SizeIs(::testing::Gt(kEvents)));
  Ledger ledger;
  for (std::size_t i = 0; i + 1 < GetParam().size(); ++i) {
    const std::size_t sinks = GetParam()[i];
    const SlowJob slow(ledger);
    JobRun run(store_, slow.job, sinks, {.unaligned = true});
    slow.fill(run, sinks, i == 0 ? kEnough : 1);
    run.begin_checkpoint();
    if (i == 0) run.until([&] { return run.answers() == run.tasks() - sinks; });
    // One that goes on with overtaken batches gives these first, for which the sinks have to move.
    run.until([&] {
      slow.turnstile->allow();
      return run.completed() == 1;
    });
    EXPECT_TRUE(run.newest().is_unaligned);
    EXPECT_TRUE(i > 0 || run.newest().overtaken_bytes > 0);
    run.stop(*slow.turnstile);
  }
  const SlowJob slow(ledger);
  slow.turnstile->open();
  JobRun run(store_, slow.job, GetParam().back(), {});
  run.end();
  EXPECT_EQ(ledger.unknown_commits(), 0U);
  EXPECT_EQ(ledger.repeated_epochs(), 0U);
  EXPECT_TRUE(ledger.lines() == kStraight);  // Too long to be printed.
}

// ---- The modes ---------------------------------------------------------------------------------

// Two sources that stop where they are told: the one ahead in its middle, the other at its
// beginning and before its end.
struct Uneven {
  static constexpr std::uint64_t kRows = 30'000;
  std::shared_ptr<std::atomic<std::uint64_t>> seen =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<Turnstile> ahead = std::make_shared<Turnstile>();
  std::shared_ptr<Turnstile> behind = std::make_shared<Turnstile>();
  StreamJob job;

  explicit Uneven(Ledger& ledger) {
    const Stream first = rows("ahead", ahead, {10'000});
    const Stream second = rows("behind", behind, {0, 20'000});
    (void)first.union_with(second)
        .map("seen", kSchema,
             [count = seen](const runtime::EventView& event, RowBuilder& row) {
               ++*count;
               row.copy(event.row);
             })
        .slot_group("both")
        .sink_to("rows", ledger.sink("row", kSchema));
  }
  Stream rows(const std::string& name, const std::shared_ptr<Turnstile>& way,
              const std::vector<std::uint64_t>& stops) {
    return job
        .generate(name, kSchema,
                  [name, way, stops](std::uint64_t number, RowBuilder& row, EventTime& time) {
                    if (std::ranges::find(stops, number) != stops.end()) way->pass(0);
                    row.set(0, Value::of(name));
                    row.set(1, Value::of(static_cast<std::int64_t>(number)));
                    time = support::ms(static_cast<std::int64_t>(number));
                    return number < kRows;
                  })
        .parallelism(1)
        .slot_group(name);
  }
  void open() const {
    ahead->open();
    behind->open();
  }
};

class Modes : public Overtaking {
 protected:
  // A checkpoint while one input is ahead, then a second run from there to the end.
  Ledger::Lines stop_and_go_on(CheckpointMode mode) {
    Ledger ledger;
    {
      const Uneven uneven(ledger);
      JobRun run(store_, uneven.job, 1, {}, mode);
      run.until(
          [&] { return uneven.ahead->have_arrived(1, 1) && uneven.behind->have_arrived(1, 1); });
      run.begin_checkpoint();
      uneven.ahead->open();
      run.until([&] { return run.answers() >= 1; });
      // What was made behind the barrier passes, or does not.
      if (mode == CheckpointMode::kAtLeastOnce) {
        run.until([&] { return *uneven.seen == Uneven::kRows; });
      }
      uneven.behind->allow();
      run.finish_checkpoint();
      run.stop(*uneven.behind);
    }
    const Uneven uneven(ledger);
    uneven.open();
    JobRun run(store_, uneven.job, 1, {}, mode);
    run.end();
    return ledger.lines();
  }
  static Ledger::Lines all() {
    Ledger ledger;
    const Uneven uneven(ledger);
    uneven.open();
    SystemClock clock;
    EXPECT_TRUE(uneven.job.run(clock, 1));
    return ledger.lines();
  }
};

TEST_F(Modes, ExactlyOnceGivesEachEventOnce) {
  const Ledger::Lines expected = all();
  ASSERT_THAT(expected, SizeIs(2 * Uneven::kRows));
  EXPECT_TRUE(stop_and_go_on(CheckpointMode::kExactlyOnce) == expected);
}

TEST_F(Modes, AtLeastOnceLosesNoneAndGivesSomeTwice) {
  const Ledger::Lines lines = stop_and_go_on(CheckpointMode::kAtLeastOnce);
  const Ledger::Lines expected = all();
  EXPECT_GT(lines.size(), expected.size());
  Ledger::Lines once = lines;
  once.erase(std::ranges::unique(once).begin(), once.end());
  EXPECT_TRUE(once == expected);
}

}  // namespace
}  // namespace lymer::checkpoint
