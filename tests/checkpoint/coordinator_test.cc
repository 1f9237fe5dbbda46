// When checkpoints are taken, given up and kept: each option against a job that the test plays.
// Not here: real jobs (tests/checkpoint/recovery_test.cc), files (checkpoint_store_test.cc).
#include "checkpoint/coordinator.h"

#include <atomic>
#include <memory>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/forked_writer.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using runtime::CheckpointOrder;
using runtime::Epoch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Coordinating : public ::testing::Test {
 protected:
  Coordinating() : store_(files_, temp_.path("checkpoints"), [this] { return ++random_; }) {}

  // A job of so many tasks, each with one operator.
  void make(const CheckpointOptions& options, std::size_t tasks = 2) {
    coordinator_ = std::make_unique<Coordinator>(store_, options, clock_);
    runtime::StreamJob job;
    const auto schema = support::schema_of({{"n", support::kInteger}});
    (void)job.from_rows("rows", schema, {}).uid("rows");
    attach(job, tasks, tasks);
  }
  // A source, and an operator that is another task.
  void make_piped(const CheckpointOptions& options) {
    coordinator_ = std::make_unique<Coordinator>(store_, options, clock_);
    runtime::StreamJob job;
    const auto schema = support::schema_of({{"n", support::kInteger}});
    const auto rows = job.from_rows("rows", schema, {}).uid("rows");
    rows.for_each("end", [](const auto&) {}).uid("end").chaining(runtime::Chaining::kNever);
    is_piped_ = true;
    attach(job, 1, 2);
  }
  void attach(const runtime::StreamJob& job, std::size_t parallelism, std::size_t tasks) {
    const auto graph = job.job_graph(parallelism);
    coordinator_->attach(*graph, tasks, [this](const CheckpointOrder& order) {
      static constexpr const char* kKinds[] = {"trigger", "overtake", "complete", "abort"};
      orders_.push_back(std::string(kKinds[static_cast<int>(order.kind)]) + " " +
                        std::to_string(order.epoch.value()) + (order.overtakes ? " at once" : ""));
    });
  }
  std::vector<std::string> tick(Duration passed = {}) {
    clock_.sleep(passed);
    const auto ticked = coordinator_->tick();
    error_ = ticked ? "" : ticked.error().to_string();
    return std::exchange(orders_, {});
  }
  void answer(std::size_t task, std::uint64_t epoch, bool is_last = false) {
    runtime::TaskSnapshot snapshot;
    snapshot.task = task;
    snapshot.epoch = Epoch(epoch);
    snapshot.is_last = is_last;
    if (is_piped_ && task == 1) {
      snapshot.parts.push_back({"end", 0, {}});
    } else {
      snapshot.parts.push_back({"rows", static_cast<std::uint32_t>(task), {}});
    }
    snapshot.parts.back().state.put_operator_state("at", std::vector<std::byte>(epoch));
    coordinator_->on_snapshot(std::move(snapshot));
  }
  void answer_all(std::uint64_t epoch) {
    answer(0, epoch);
    answer(1, epoch);
  }
  std::vector<std::uint64_t> kept() {
    std::vector<std::uint64_t> epochs;
    const auto listed = store_.list();
    for (const CheckpointInfo& each : *listed) epochs.push_back(each.epoch.value());
    return epochs;
  }

  support::TempFiles temp_;
  PosixFileSystem files_;
  std::uint64_t random_ = 0;
  CheckpointStore store_;
  ManualClock clock_{EventTime{}};
  std::unique_ptr<Coordinator> coordinator_;
  bool is_piped_ = false;
  std::vector<std::string> orders_;
  std::string error_;
};

constexpr Duration kSecond = Duration::seconds(1);

TEST_F(Coordinating, TakesOneEachInterval) {
  make({.interval = kSecond});
  EXPECT_THAT(tick(), IsEmpty());
  EXPECT_THAT(tick(Duration::millis(900)), IsEmpty());
  EXPECT_THAT(tick(Duration::millis(100)), ElementsAre("trigger 1"));
  answer(0, 1);
  EXPECT_THAT(tick(), IsEmpty());
  answer(1, 1);
  EXPECT_THAT(tick(), ElementsAre("complete 1"));
  EXPECT_EQ(coordinator_->last_complete(), Epoch(1));
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 2"));
  ASSERT_THAT(coordinator_->history(), SizeIs(1));
  EXPECT_EQ(coordinator_->history()[0].state, CheckpointState::kComplete);
  EXPECT_EQ(coordinator_->history()[0].tasks, 2U);
  EXPECT_GT(coordinator_->history()[0].bytes, 0U);
}

TEST_F(Coordinating, TakesNoneWithoutInterval) {
  make({.interval = {}});
  EXPECT_THAT(tick(Duration::minutes(60)), IsEmpty());
}

TEST_F(Coordinating, PausesBetweenTwo) {
  make({.interval = kSecond, .min_pause = Duration::seconds(5)});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  answer_all(1);
  EXPECT_THAT(tick(Duration::seconds(3)), ElementsAre("complete 1"));
  EXPECT_THAT(tick(Duration::seconds(4)), IsEmpty());
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 2"));
}

TEST_F(Coordinating, TakesNoMoreAtOnceThanItMay) {
  make({.interval = kSecond, .max_concurrent = 2});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 2"));
  EXPECT_THAT(tick(kSecond), IsEmpty());
  answer_all(1);
  EXPECT_THAT(tick(), ElementsAre("complete 1", "trigger 3"));
}

TEST_F(Coordinating, LetsBarriersOvertakeAtOnce) {
  make({.interval = kSecond, .max_concurrent = 2, .unaligned = true});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1 at once"));
  // One at a time, also where it is asked for.
  coordinator_->request_savepoint(temp_.path("savepoint"));
  EXPECT_THAT(tick(kSecond), IsEmpty());
  answer_all(1);
  EXPECT_THAT(tick(), ElementsAre("complete 1", "trigger 2"));
  EXPECT_TRUE(coordinator_->history().back().is_unaligned);
  answer_all(2);
  EXPECT_THAT(tick(), ElementsAre("trigger 3 at once"));
  EXPECT_TRUE(coordinator_->history().back().is_savepoint);
  EXPECT_FALSE(coordinator_->history().back().is_unaligned);
}

TEST_F(Coordinating, LetsBarriersOvertakeAfterAWhile) {
  make({.interval = kSecond, .unaligned = true, .aligned_timeout = Duration::seconds(5)});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  EXPECT_THAT(tick(Duration::millis(4999)), IsEmpty());
  EXPECT_THAT(tick(Duration::millis(1)), ElementsAre("overtake 1"));
  EXPECT_THAT(tick(Duration::seconds(5)), IsEmpty());  // It is said once.
  answer_all(1);
  EXPECT_THAT(tick(), ElementsAre("complete 1", "trigger 2"));
  EXPECT_TRUE(coordinator_->history().back().is_unaligned);
}

TEST_F(Coordinating, KeepsWhatEachPhaseTookAndHowMuchWasOvertaken) {
  make({.interval = kSecond, .unaligned = true});
  (void)tick();
  (void)tick(kSecond);
  for (std::size_t task = 0; task < 2; ++task) {
    runtime::TaskSnapshot snapshot;
    snapshot.task = task;
    snapshot.epoch = Epoch(1);
    snapshot.alignment_seconds = task == 0 ? 3.0 : 1.0;
    snapshot.snapshot_seconds = task == 0 ? 0.5 : 0.75;
    snapshot.overtaken_bytes = 100 + task;
    coordinator_->on_snapshot(std::move(snapshot));
  }
  (void)tick(Duration::seconds(4));
  ASSERT_THAT(coordinator_->history(), SizeIs(1));
  const CheckpointRecord& record = coordinator_->history()[0];
  EXPECT_EQ(record.seconds, 4.0);
  EXPECT_EQ(record.longest_alignment_seconds, 3.0);
  EXPECT_EQ(record.longest_snapshot_seconds, 0.75);
  EXPECT_EQ(record.overtaken_bytes, 201U);
}

TEST_F(Coordinating, GivesUpWhatANewerOneOvertakes) {
  make({.interval = kSecond, .max_concurrent = 2});
  (void)tick();
  (void)tick(kSecond);
  (void)tick(kSecond);
  answer_all(2);
  EXPECT_THAT(tick(), ElementsAre("abort 1", "complete 2"));
}

TEST_F(Coordinating, GivesUpWhatTakesTooLong) {
  make({.interval = kSecond, .timeout = Duration::seconds(10), .tolerable_failures = 1});
  (void)tick();
  (void)tick(kSecond);
  answer(0, 1);
  EXPECT_THAT(tick(Duration::seconds(9)), IsEmpty());
  EXPECT_THAT(tick(kSecond), ElementsAre("abort 1", "trigger 2"));
  EXPECT_EQ(error_, "");
  EXPECT_THAT(coordinator_->history().back().error, HasSubstr("1 of 2 tasks"));
  answer(1, 1);  // Nobody waits for it any more.
  answer_all(2);
  EXPECT_THAT(tick(), ElementsAre("complete 2"));
}

TEST_F(Coordinating, FailsTheJobAfterTooManyFailures) {
  make({.interval = kSecond, .timeout = kSecond, .tolerable_failures = 1});
  (void)tick();
  (void)tick(kSecond);
  EXPECT_THAT(tick(kSecond), ElementsAre("abort 1", "trigger 2"));
  EXPECT_EQ(error_, "");
  EXPECT_THAT(tick(kSecond), ElementsAre("abort 2"));
  EXPECT_THAT(error_, HasSubstr("checkpoint 2 failed"));
}

TEST_F(Coordinating, CountsFailuresFromTheLastSuccess) {
  make({.interval = kSecond, .timeout = kSecond, .tolerable_failures = 1});
  (void)tick();
  std::uint64_t epoch = 0;
  for (int round = 0; round < 4; ++round) {
    (void)tick(kSecond);
    ++epoch;
    if (round % 2 == 1) answer_all(epoch);
    (void)tick(round % 2 == 0 ? kSecond : Duration{});
    if (round % 2 == 0) answer_all(++epoch);
    (void)tick();
    EXPECT_EQ(error_, "");
  }
}

TEST_F(Coordinating, KeepsTheNewest) {
  make({.interval = kSecond, .retained = 2});
  (void)tick();
  for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) {
    (void)tick(kSecond);
    answer_all(epoch);
    (void)tick();
  }
  EXPECT_THAT(kept(), ElementsAre(4, 3));
}

TEST_F(Coordinating, NeedsNoAnswerFromTasksThatHaveEnded) {
  make({.interval = kSecond});
  (void)tick();
  answer(0, 0, true);
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  answer(1, 1);
  EXPECT_THAT(tick(), ElementsAre("complete 1"));
}

TEST_F(Coordinating, TakesALastOneWhenAllHaveEnded) {
  make({.interval = Duration::minutes(60)});
  answer(0, 0, true);
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 1", "complete 1"));
  EXPECT_THAT(tick(), IsEmpty());
  EXPECT_THAT(kept(), ElementsAre(1));
}

TEST_F(Coordinating, WritesSavepointsWhereItIsTold) {
  make({.interval = {}});
  (void)tick();
  coordinator_->request_savepoint(temp_.path("save"));
  EXPECT_THAT(tick(), ElementsAre("trigger 1"));
  answer_all(1);
  EXPECT_THAT(tick(), IsEmpty()) << "nothing is safe by it";
  EXPECT_THAT(kept(), IsEmpty());
  const auto read = store_.read(temp_.path("save"));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(read->is_savepoint);
  EXPECT_THAT(read->parts, SizeIs(2));
}

TEST_F(Coordinating, GoesOnWhereASavepointFails) {
  make({.interval = {}});
  (void)tick();
  temp_.write("taken", "something else");
  coordinator_->request_savepoint(temp_.path("taken"));
  (void)tick();
  answer_all(1);
  (void)tick();
  EXPECT_EQ(error_, "");
  EXPECT_EQ(coordinator_->history().back().state, CheckpointState::kFailed);
  EXPECT_THAT(coordinator_->history().back().error, HasSubstr("taken"));
}

TEST_F(Coordinating, TakesNoneWhileTasksEndBehindTheirSources) {
  make_piped({.interval = kSecond, .timeout = Duration::seconds(3)});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  answer(0, 0, true);  // The source: it sends no barrier any more.
  EXPECT_THAT(tick(Duration::minutes(5)), IsEmpty()) << "neither another one nor too late";
  EXPECT_EQ(error_, "");
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("complete 1", "trigger 2", "complete 2")) << error_;
}

TEST_F(Coordinating, CountsATaskThatAnsweredAndEndedOnce) {
  make({.interval = kSecond, .timeout = Duration::seconds(3)}, 3);
  (void)tick();
  (void)tick(kSecond);
  answer(0, 1);
  answer(0, 0, true);
  answer(1, 0, true);
  (void)tick(Duration::seconds(3));
  EXPECT_THAT(error_, HasSubstr("2 of 3 tasks"));
}

TEST_F(Coordinating, WritesASavepointAskedForAtTheVeryEnd) {
  make({.interval = {}});
  answer(0, 0, true);
  answer(1, 0, true);
  coordinator_->request_savepoint(temp_.path("save"));
  (void)tick();
  ASSERT_TRUE(store_.read(temp_.path("save")));
  coordinator_->request_savepoint(temp_.path("later"));
  (void)tick();
  EXPECT_TRUE(store_.read(temp_.path("later")));
  EXPECT_EQ(coordinator_->find_savepoint(temp_.path("later"))->state, CheckpointState::kComplete);
  EXPECT_EQ(coordinator_->find_savepoint(temp_.path("never")), nullptr);
}

TEST_F(Coordinating, WritesTheLastSavepointBeforeWhatCommits) {
  make({.interval = {}});
  coordinator_->request_last_savepoint(temp_.path("save"));
  answer(0, 0, true);
  EXPECT_THAT(tick(kSecond), IsEmpty());
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 1", "trigger 2", "complete 2"));
  const auto read = store_.read(temp_.path("save"));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_THAT(read->parts, SizeIs(2));
}

TEST_F(Coordinating, CompletesNothingUntilTheLastSavepoint) {
  make({.interval = kSecond});
  (void)tick();
  EXPECT_THAT(tick(kSecond), ElementsAre("trigger 1"));
  coordinator_->request_last_savepoint(temp_.path("save"));
  answer(0, 1);
  answer(1, 0, true);  // It may have ended before the barrier came.
  EXPECT_THAT(tick(), ElementsAre("abort 1"));
  EXPECT_THAT(tick(Duration::minutes(1)), IsEmpty());
  answer(0, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 2", "trigger 3", "complete 3"));
}

TEST_F(Coordinating, CommitsNothingWhereTheLastSavepointFails) {
  make({.interval = {}});
  temp_.write("taken", "something else");
  coordinator_->request_last_savepoint(temp_.path("taken"));
  answer(0, 0, true);
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 1", "abort 1"));
  EXPECT_THAT(error_, HasSubstr("taken"));
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(Coordinating, GivesUpWhatIsInProgressWhenInterrupted) {
  make({.interval = kSecond});
  (void)tick();
  (void)tick(kSecond);
  answer(1, 0, true);
  (void)tick();
  coordinator_->interrupt("a task failed");
  EXPECT_THAT(std::exchange(orders_, {}), ElementsAre("abort 1"));
  EXPECT_EQ(coordinator_->history().back().error, "a task failed");
  answer(0, 0, true);  // Of before: it means nothing once its task starts anew.
  coordinator_->request_savepoint(temp_.path("save"));
  EXPECT_THAT(tick(Duration::minutes(1)), IsEmpty()) << "nothing is begun meanwhile";
  coordinator_->forget_tasks(0, 1);
  coordinator_->go_on();
  EXPECT_THAT(tick(), ElementsAre("trigger 2")) << "the savepoint";
  answer(0, 2);
  EXPECT_THAT(tick(), ElementsAre("trigger 3")) << "the other has ended still";
}

TEST_F(Coordinating, TakesTheLastOneAgainWhereATaskHadToStartAgain) {
  make({.interval = {}});
  answer(0, 0, true);
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 1", "complete 1"));
  coordinator_->interrupt("a sink failed to commit");
  coordinator_->forget_tasks(1, 1);
  coordinator_->go_on();
  EXPECT_THAT(tick(), IsEmpty());
  answer(1, 0, true);
  EXPECT_THAT(tick(), ElementsAre("trigger 2", "complete 2"));
}

TEST_F(Coordinating, SaysWhatBecameOfSavepointsWhenTheJobIsOver) {
  make({.interval = {}});
  (void)tick();
  coordinator_->request_savepoint(temp_.path("begun"));
  (void)tick();
  coordinator_->request_savepoint(temp_.path("asked for"));
  coordinator_->request_last_savepoint(temp_.path("last"));
  coordinator_->abandon("the job was cancelled");
  for (const char* each : {"begun", "asked for", "last"}) {
    const auto* record = coordinator_->find_savepoint(temp_.path(each));
    ASSERT_NE(record, nullptr) << each;
    EXPECT_EQ(record->state, CheckpointState::kFailed);
    EXPECT_EQ(record->error, "the job was cancelled");
  }
}

TEST_F(Coordinating, TakesSavepointsAloneIfTold) {
  make({.interval = kSecond});
  (void)tick();
  coordinator_->take_periodic(false);
  EXPECT_THAT(tick(Duration::minutes(1)), IsEmpty());
  coordinator_->request_savepoint(temp_.path("save"));
  EXPECT_THAT(tick(), ElementsAre("trigger 1"));
  coordinator_->take_periodic(true);
  EXPECT_THAT(tick(kSecond), IsEmpty()) << "one at once";
  answer_all(1);
  EXPECT_THAT(tick(), ElementsAre("trigger 2"));
}

// Each subtask that there is now gets what is its: key groups once, operator state of all.
TEST(FindStateIn, DealsKeyGroupsOut) {
  auto snapshot = std::make_shared<Snapshot>();
  for (std::uint32_t subtask = 0; subtask < 2; ++subtask) {
    OperatorPart part{"op", subtask, {}};
    for (std::uint16_t group = 0; group < 64; ++group) {
      part.state.put(runtime::KeyGroup(static_cast<std::uint16_t>(subtask * 64 + group)), "keys",
                     {});
    }
    part.state.put_operator_state("all", std::vector<std::byte>(subtask + 1));
    snapshot->parts.push_back(std::move(part));
  }
  const runtime::FindState find = find_state_in(snapshot);
  std::vector<std::uint16_t> groups;
  for (std::size_t subtask = 0; subtask < 3; ++subtask) {
    const auto state = find("op", {subtask, 3}).value();
    ASSERT_TRUE(state);
    EXPECT_THAT(state->operator_states("all"), ElementsAre(SizeIs(1), SizeIs(2)));
    for (const runtime::KeyGroup group : state->key_groups()) groups.push_back(group.value());
  }
  EXPECT_THAT(groups, SizeIs(128));
  for (std::uint16_t i = 0; i < 128; ++i) EXPECT_EQ(groups[i], i);
  EXPECT_FALSE(find("other", {}).value());
}

TEST(FindOvertakenIn, GivesWhatWasOnItsWayToAnOperator) {
  const auto channel = [](std::uint32_t sender, bool is_output) {
    runtime::OvertakenChannel made{
        .channel = {.edge = {"rows", "op", runtime::kMainPort, 0}, .sender = sender},
        .is_output = is_output,
        .elements = {}};
    return made;
  };
  Snapshot snapshot;
  snapshot.parts.push_back({"overtaken/rows", 0, {}});
  snapshot.parts.back().state.put_operator_state(
      runtime::kOvertakenName, runtime::encode_overtaken(std::vector{channel(1, true)}));
  snapshot.parts.push_back({"overtaken/op", 0, {}});
  snapshot.parts.back().state.put_operator_state(
      runtime::kOvertakenName, runtime::encode_overtaken(std::vector{channel(2, false)}));
  const auto find = find_overtaken_in(snapshot);
  ASSERT_TRUE(find);
  EXPECT_EQ((*find)("rows"), nullptr);
  const auto* found = (*find)("op");
  ASSERT_NE(found, nullptr);
  ASSERT_THAT(*found, SizeIs(2));
  EXPECT_EQ((*found)[0].channel.sender, 2U);  // What had left comes first.
  EXPECT_EQ((*found)[1].channel.sender, 1U);

  snapshot.parts.back().state.put_operator_state(runtime::kOvertakenName, {});
  const auto damaged = find_overtaken_in(snapshot);
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().to_string(), HasSubstr("overtaken/op"));
}

TEST(CheckOperators, NamesWhatTheJobDoesNotHave) {
  runtime::StreamJob job;
  const auto schema = support::schema_of({{"n", support::kInteger}});
  (void)job.from_rows("rows", schema, {}).uid("rows");
  const auto graph = job.job_graph(1);
  ASSERT_TRUE(graph);
  Snapshot snapshot;
  snapshot.parts.push_back({"rows", 0, {}});
  snapshot.parts.push_back({"overtaken/rows", 0, {}});
  EXPECT_TRUE(check_operators(snapshot, *graph));
  snapshot.parts.push_back({"gone", 0, {}});
  const auto checked = check_operators(snapshot, *graph);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().to_string(), HasSubstr("`gone`"));
}

// ---- State that a copy of the process writes ---------------------------------------------------

class Copied : public Coordinating {
 protected:
  void SetUp() override {
    if (!ForkedWriter::is_possible()) GTEST_SKIP() << "not under this sanitizer";
    void* const shared = ::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    may_write_ = std::construct_at(static_cast<std::atomic<bool>*>(shared), false);
    make({.interval = Duration::seconds(1), .tolerable_failures = 1}, 1);
    tick();
    EXPECT_THAT(tick(Duration::seconds(1)), ElementsAre("trigger 1"));
  }
  // The first task's answer, whose state comes once it may.
  void answer_by(const ForkedWriter::Write& write) {
    runtime::TaskSnapshot snapshot;
    snapshot.epoch = Epoch(1);
    writer_ = *ForkedWriter::start([may_write = may_write_, write] {
      while (!may_write->load()) ::sched_yield();
      return write();
    });
    snapshot.parts.push_back({"rows", 0, {}, writer_});
    coordinator_->on_snapshot(std::move(snapshot));
  }
  void let_it_write() {
    may_write_->store(true);
    while (!writer_->is_ready()) ::sched_yield();
  }

  std::atomic<bool>* may_write_ = nullptr;  // Both processes have it.
  std::shared_ptr<ForkedWriter> writer_;
};

TEST_F(Copied, ACheckpointIsWholeOnceItIsWritten) {
  runtime::StateSnapshot state;
  state.put_operator_state("at", std::vector<std::byte>(7));
  answer_by([&]() -> Result<std::vector<std::byte>> { return state.serialize(); });
  EXPECT_THAT(tick(), IsEmpty());
  let_it_write();
  EXPECT_THAT(tick(), ElementsAre("complete 1"));
  const auto read = store_.read_newest([](const Error&) {});
  ASSERT_TRUE(read && *read);
  EXPECT_THAT((*read)->parts, SizeIs(1));
  EXPECT_EQ((*read)->parts[0].state, state);
}

TEST_F(Copied, ACheckpointFailsWithWhatTheCopySays) {
  answer_by([]() -> Result<std::vector<std::byte>> { return Error{ErrorCode::kLimit, "no room"}; });
  let_it_write();
  EXPECT_THAT(tick(), ElementsAre("abort 1"));
  EXPECT_THAT(coordinator_->history().back().error, HasSubstr("no room"));
  EXPECT_THAT(kept(), IsEmpty());
}

}  // namespace
}  // namespace lymer::checkpoint
