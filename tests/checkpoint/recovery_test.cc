// A job that is stopped at random moments and goes on from its newest checkpoint, with the same
// number of subtasks and with others, with its state in memory and in a database by turns: what its
// sinks committed equals a straight run.
// Not here: processes that are killed (tests/crash/), single parts (the other tests here).
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/detect.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "runtime/base/file_system.h"
#include "runtime/exec/execution.h"
#include "runtime/stream/stream.h"
#include "tests/cep/letters.h"
#include "tests/support/events.h"
#include "tests/support/ledger.h"
#include "tests/support/state_backends.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using cep::kUserSlot;
using cep::letter_schema;
using runtime::RowBuilder;
using runtime::Stream;
using runtime::StreamJob;
using runtime::Value;
using support::BackendKind;
using support::Ledger;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kEvents = 12'000;  // Each is ten times slower.
#else
constexpr std::uint64_t kEvents = 60'000;
#endif
const runtime::SchemaRef kCounts =
    support::schema_of({{"user", support::kText}, {"n", support::kInteger}}, "counts");

// Letters of many users, a little out of order.
bool make_letter(std::uint64_t number, RowBuilder& row, EventTime& time) {
  static constexpr const char* kLetters[] = {"a", "b", "c", "d", "e"};
  const std::uint64_t mixed = number * 0x9e3779b97f4a7c15U >> 33U;
  row.set(0, Value::of("user" + std::to_string(mixed % 97)));
  row.set(1, Value::of(kLetters[mixed / 97 % 5]));
  time = support::ms(static_cast<std::int64_t>(number / 20 + mixed % 7));
  return number < kEvents;
}

runtime::WindowFunction count() {
  using Total = std::pair<std::string, std::int64_t>;
  return runtime::aggregate_window<Total>(
      {"", 0},
      [](Total& total, const runtime::WindowEvent& event) {
        total.first = event.row.get(0, support::kText).as_string();
        ++total.second;
      },
      [](Total& total, const Total& other) { total.second += other.second; },
      [](const Total& total, const runtime::WindowView&, const runtime::EmitRow& emit) {
        emit(support::row_of(kCounts, {total.first, total.second}));
      });
}

// A pattern, windows, and a pattern of sessions, each to a sink of its own.
void build(StreamJob& job, Ledger& ledger) {
  const Stream letters =
      job.generate("letters", letter_schema(), make_letter, Duration::millis(8)).parallelism(1);
  const cep::Detected found = cep::detect(letters.key_by({kUserSlot}), "abc", [] {
    return cep::make_rule({.name = "abc",
                           .spec = {.stages = {cep::begin("a"), cep::then("b"), cep::then("c")},
                                    .window = Duration::millis(200)}});
  });
  (void)Stream(found.matches).sink_to("matches", ledger.sink("match", found.matches.schema()));
  (void)Stream(found.timeouts).sink_to("timeouts", ledger.sink("timeout", found.timeouts.schema()));
  const Stream sliding =
      letters.key_by({kUserSlot})
          .window(runtime::WindowAssigner::sliding(Duration::millis(300), Duration::millis(100)))
          .aggregate("sliding", kCounts, count());
  (void)sliding.sink_to("counts", ledger.sink("count", kCounts));
  const Stream sessions = letters.key_by({kUserSlot})
                              .window(runtime::WindowAssigner::session(Duration::millis(30)))
                              .aggregate("sessions", kCounts, count());
  (void)sessions.key_by({0}).sum(1).sink_to("sums", ledger.sink("sum", kCounts));
  // A source that ends before the other.
  const auto make_few = [](std::uint64_t number, RowBuilder& row, EventTime& time) {
    return make_letter(number, row, time) && number < kEvents / 3;
  };
  const Stream few =
      job.generate("few", letter_schema(), make_few, Duration::millis(8)).parallelism(1);
  (void)few.key_by({kUserSlot})
      .window(runtime::WindowAssigner::tumbling(Duration::millis(100)))
      .aggregate("tumbling", kCounts, count())
      .sink_to("few counts", ledger.sink("few", kCounts));
}

struct Attempt {
  std::size_t parallelism = 2;
  // It is stopped once it has completed so many checkpoints and been looked at so often since;
  // never without a number.
  std::optional<std::uint64_t> checkpoints = {};
  std::uint64_t looks = 0;
  BackendKind backend = BackendKind::kMemory;
};

// What became of one run.
struct Outcome {
  bool has_ended = false;
  bool has_gone_on = false;  // From a checkpoint.
};

Outcome run(CheckpointStore& store, Ledger& ledger, const Attempt& attempt) {
  SystemClock clock;
  StreamJob job;
  build(job, ledger);
  auto newest = store.read_newest([](const Error& error) { ADD_FAILURE() << error.to_string(); });
  EXPECT_TRUE(newest);
  auto graph = job.job_graph(attempt.parallelism);
  EXPECT_TRUE(graph);
  runtime::Epoch last{0};
  runtime::ExecutionOptions options{.workers = 2};
  options.source_drift = Duration{};
  options.state_backend = support::backend_maker(attempt.backend);
  // By turns, too, a copy of the process writes each snapshot.
  if (attempt.looks % 2 == 0) options.checkpoints.copied_state_bytes = 0;
  if (*newest) {
    last = (*newest)->epoch;
    EXPECT_TRUE(check_operators(**newest, *graph));
    options.checkpoints.find_state =
        find_state_in(std::make_shared<const Snapshot>(std::move(**newest)));
  }
  Coordinator coordinator(store, {.interval = Duration::millis(2)}, clock, last);
  options.checkpoints.listener = &coordinator;
  runtime::Execution execution(*graph, options, clock);
  coordinator.attach(*graph, execution.task_count(),
                     [&](const runtime::CheckpointOrder& order) { execution.tell(order); });
  EXPECT_TRUE(execution.start());
  bool is_stopped = false;
  std::uint64_t looks = 0;
  while (!execution.wait(Duration::millis(1))) {
    const auto ticked = coordinator.tick();
    EXPECT_TRUE(ticked) << ticked.error().to_string();
    if (is_stopped || !attempt.checkpoints) continue;
    const std::uint64_t completed = coordinator.last_complete().value() - last.value();
    if (completed < *attempt.checkpoints || ++looks <= attempt.looks) continue;
    is_stopped = true;
    execution.cancel();
  }
  const auto ended = execution.end();
  EXPECT_TRUE(ended) << ended.error().to_string();
  return {!is_stopped, last > runtime::Epoch{0}};
}

// What the attempts have, one after the other, and from the beginning again.
struct Course {
  std::vector<std::size_t> parallelism;
  std::vector<BackendKind> backends = {BackendKind::kMemory};
};

class Recovery : public ::testing::TestWithParam<Course> {
 protected:
  Recovery() : store_(files_, temp_.path("checkpoints"), [this] { return random_(); }) {}

  static Ledger::Lines straight() {
    static const Ledger::Lines kLines = [] {
      Ledger ledger;
      StreamJob job;
      build(job, ledger);
      SystemClock clock;
      EXPECT_TRUE(job.run(clock, 2));
      return ledger.lines();
    }();
    return kLines;
  }

  support::TempFiles temp_;
  PosixFileSystem files_;
  std::mt19937_64 random_{20261122};
  CheckpointStore store_;
};

constexpr BackendKind kMemory = BackendKind::kMemory;
constexpr BackendKind kRocks = BackendKind::kRocks;
// Where both change, three of one and four of the other make each meet each.
INSTANTIATE_TEST_SUITE_P(Courses, Recovery,
                         ::testing::Values(Course{{1}}, Course{{2}}, Course{{1, 2, 8, 3}},
                                           Course{{2}, {kRocks}},
                                           Course{{1, 2, 8, 3}, {kRocks, kMemory, kRocks}}));

TEST_P(Recovery, CommitsWhatAStraightRunDoes) {
  ASSERT_GT(straight().size(), 1000U);
  Ledger ledger;
  std::size_t gone_on = 0;
  for (std::size_t attempt = 0;; ++attempt) {
    ASSERT_LT(attempt, 200U) << "it does not get on";
    const auto& [parallelism, backends] = GetParam();
    Attempt how{parallelism[attempt % parallelism.size()], random_() % 3, random_() % 8,
                backends[attempt % backends.size()]};
    if (attempt > 12) how.checkpoints.reset();
    const Outcome outcome = run(store_, ledger, how);
    gone_on += outcome.has_gone_on ? 1 : 0;
    if (outcome.has_ended) break;
  }
  EXPECT_GE(gone_on, 3U) << "it hardly ever went on from a checkpoint";
  EXPECT_EQ(ledger.unknown_commits(), 0U);
  EXPECT_EQ(ledger.repeated_epochs(), 0U);
  EXPECT_EQ(ledger.lines(), straight());
}

// The comparison must see what is wrong.
TEST_F(Recovery, SeesALineThatIsLostOrDoubled) {
  Ledger::Lines lost = straight();
  lost.erase(lost.begin() + 7);
  EXPECT_NE(lost, straight());
  Ledger::Lines doubled = straight();
  doubled.insert(doubled.begin() + 7, doubled[7]);
  EXPECT_NE(doubled, straight());
}

}  // namespace
}  // namespace lymer::checkpoint
