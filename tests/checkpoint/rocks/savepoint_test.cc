// Savepoints are canonical: a job is stopped with one three times and goes on with other numbers of
// subtasks and its state elsewhere, from memory to a database and back. What its sinks committed
// equals a straight run.
// Not here: checkpoints at random moments (tests/checkpoint/recovery_test.cc), that the bytes are
// the same (tests/support/operator_harness.h).
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
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
#include "tests/support/state_backends.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using runtime::RowBuilder;
using runtime::Stream;
using runtime::StreamJob;
using runtime::Value;
using support::BackendKind;
using support::Ledger;

constexpr std::uint64_t kStep = 3000;  // Events before each savepoint, and behind the last one.
const runtime::SchemaRef kNumbers =
    support::schema_of({{"user", support::kInteger}, {"n", support::kInteger}}, "numbers");

// How far the source has come, and where it ends; for all runs of a test.
struct Input {
  std::atomic<std::uint64_t> given = 0;
  std::atomic<std::uint64_t> end = std::numeric_limits<std::uint64_t>::max();

  bool make(std::uint64_t number, RowBuilder& row, EventTime& time) {
    if (number >= end) return false;
    row.set(0, Value::of(static_cast<std::int64_t>(number * 7919 % 301)));
    row.set(1, Value::of(static_cast<std::int64_t>(number % 1000)));
    time = support::ms(static_cast<std::int64_t>(number / 10));
    given = std::max(given.load(), number + 1);
    return true;
  }
};

// Of each user how often each remainder came, in a map, and the last numbers, in a list; tells of
// them with each event.
class Remember final : public runtime::ProcessFunction {
 public:
  Result<void> open(runtime::KeyedState& state) override {
    counts_.emplace(state.map<std::int64_t, std::int64_t>("counts"));
    last_.emplace(state.list<std::int64_t>("last"));
    total_.emplace(state.value<std::int64_t>("total"));
    return {};
  }
  Result<void> on_event(const runtime::EventView& event,
                        runtime::ProcessContext& context) override {
    const std::int64_t number = event.row.get(1, support::kInteger).as_int();
    counts_->put(number % 5, counts_->get(number % 5).value_or(0) + 1);
    last_->add(number);
    std::int64_t mixed = total_->get().value_or(0) * 31 % 1'000'003;
    for (const auto& [remainder, count] : counts_->entries()) mixed += remainder * count;
    const std::vector<std::int64_t> last = last_->get();
    for (const std::int64_t each : last) mixed += each;
    if (last.size() == 4) last_->update({last[2], last[3]});
    total_->update(mixed);
    const std::int64_t user = event.row.get(0, support::kInteger).as_int();
    context.emit(runtime::kMainPort, event.header.time, support::row_of(kNumbers, {user, mixed}));
    return {};
  }

 private:
  std::optional<runtime::MapState<std::int64_t, std::int64_t>> counts_;
  std::optional<runtime::ListState<std::int64_t>> last_;
  std::optional<runtime::ValueState<std::int64_t>> total_;
};

runtime::WindowFunction count() {
  return runtime::aggregate_window<std::int64_t>(
      0, [](std::int64_t& total, const runtime::WindowEvent&) { ++total; },
      [](std::int64_t& total, const std::int64_t& other) { total += other; },
      [](std::int64_t total, const runtime::WindowView&, const runtime::EmitRow& emit) {
        emit(support::row_of(kNumbers, {std::int64_t{0}, total}));
      });
}

void build(StreamJob& job, Ledger& ledger, Input& input) {
  const Stream numbers =
      job.generate("numbers", kNumbers,
                   [&input](std::uint64_t number, RowBuilder& row, EventTime& time) {
                     return input.make(number, row, time);
                   })
          .parallelism(1);
  (void)numbers.key_by({0})
      .process("remember", kNumbers, [] { return std::make_unique<Remember>(); })
      .sink_to("memories", ledger.sink("memory", kNumbers));
  (void)numbers.key_by({0})
      .window(runtime::WindowAssigner::session(Duration::millis(29)))
      .aggregate("sessions", kNumbers, count())
      .sink_to("counts", ledger.sink("session", kNumbers));
  (void)numbers.key_by({0}).sum(1).sink_to("sums", ledger.sink("sum", kNumbers));
}

class Savepoints : public ::testing::Test {
 protected:
  // Runs from a savepoint, if there is one, to the next one, or to the end if that is empty.
  void run(std::size_t parallelism, BackendKind backend, const std::string& from,
           const std::string& to) {
    StreamJob job;
    build(job, ledger_, input_);
    const auto graph = job.job_graph(parallelism);
    ASSERT_TRUE(graph);
    runtime::ExecutionOptions options{.workers = 2};
    options.state_backend = support::backend_maker(backend);
    runtime::Epoch last{0};
    if (!from.empty()) {
      auto snapshot = store_.read(from);
      ASSERT_TRUE(snapshot) << snapshot.error().to_string();
      EXPECT_TRUE(snapshot->is_savepoint);
      last = snapshot->epoch;
      options.checkpoints.find_state =
          find_state_in(std::make_shared<const Snapshot>(std::move(*snapshot)));
    }
    Coordinator coordinator(store_, {.interval = Duration::hours(1)}, clock_, last);
    options.checkpoints.listener = &coordinator;
    runtime::Execution execution(*graph, options, clock_);
    coordinator.attach(*graph, execution.task_count(),
                       [&](const runtime::CheckpointOrder& order) { execution.tell(order); });
    const std::uint64_t begin = input_.given;
    bool is_wanted = !to.empty();
    ASSERT_TRUE(execution.start());
    while (!execution.wait(Duration::millis(1))) {
      if (is_wanted && input_.given >= begin + kStep) {
        coordinator.request_savepoint(to);
        is_wanted = false;
      }
      const auto ticked = coordinator.tick();
      ASSERT_TRUE(ticked) << ticked.error().to_string();
      if (!to.empty() && !coordinator.history().empty()) execution.cancel();
    }
    const auto ended = execution.end();
    EXPECT_TRUE(ended) << ended.error().to_string();
    if (to.empty()) return;
    ASSERT_FALSE(coordinator.history().empty());
    EXPECT_EQ(coordinator.history().front().path, to);
    EXPECT_EQ(coordinator.history().front().error, "");
  }

  support::TempFiles temp_;
  PosixFileSystem files_;
  SystemClock clock_;
  std::uint64_t random_ = 0;
  CheckpointStore store_{files_, temp_.path("checkpoints"), [this] { return ++random_; }};
  Input input_;
  Ledger ledger_;
};

TEST_F(Savepoints, GoOnElsewhereWithOtherSubtasks) {
  run(1, BackendKind::kMemory, "", temp_.path("first"));
  run(2, BackendKind::kRocks, temp_.path("first"), temp_.path("second"));
  run(8, BackendKind::kMemory, temp_.path("second"), temp_.path("third"));
  input_.end = input_.given + kStep;
  run(3, BackendKind::kRocks, temp_.path("third"), "");
  Ledger straight;
  StreamJob job;
  build(job, straight, input_);
  ASSERT_TRUE(job.run(clock_, 2));
  EXPECT_GT(straight.lines().size(), 6 * kStep);
  EXPECT_EQ(ledger_.lines(), straight.lines());
  EXPECT_EQ(ledger_.unknown_commits(), 0U);
}

}  // namespace
}  // namespace lymer::checkpoint
