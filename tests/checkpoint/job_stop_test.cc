// The ends that a job is told to come to, with savepoints and without, and jobs that go on from
// those: together they commit what one run does.
// Not here: failures (supervisor_test.cc beside this file).
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/supervisor.h"
#include "tests/checkpoint/supervised.h"

namespace lymer::checkpoint {
namespace {

using runtime::JobState;
using support::Ledger;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Stopping : public Supervised {
 protected:
  [[nodiscard]] std::string save() const { return temp_.path("save"); }
  // Another job, with checkpoints elsewhere, goes on from the savepoint and reads all.
  void go_on(std::size_t parallelism, const std::string& savepoint) {
    supervisor_.reset();
    other_store_ = std::make_unique<CheckpointStore>(files_, temp_.path("other"),
                                                     [this] { return random_(); });
    options_.checkpoints.store = other_store_.get();
    options_.checkpoints.first = read(savepoint);
    start(parallelism);
  }
  [[nodiscard]] CheckpointState state_of(const std::string& savepoint) const {
    const CheckpointRecord* record = supervisor_->find_savepoint(savepoint);
    EXPECT_NE(record, nullptr) << "nobody knows of " << savepoint;
    return record == nullptr ? CheckpointState::kInProgress : record->state;
  }

  std::unique_ptr<CheckpointStore> other_store_;
};

TEST_F(Stopping, CommitsWithTheSavepointAndGoesOnFromItAtAnyParallelism) {
  for (const char* each : {"a", "b"}) add(each);
  start(2);
  parts_.gate("b").limit = Gate::kRows;  // It may have ended.
  ASSERT_TRUE(reads("a", 9000));
  ASSERT_TRUE(supervisor_->stop_with_savepoint(save(), false));
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kFinished);
  EXPECT_EQ(state_of(save()), CheckpointState::kComplete);
  EXPECT_THAT(ledger_.lines(), ::testing::Not(IsEmpty()));
  EXPECT_TRUE(read(save())->is_savepoint);
  const Ledger::Lines before = ledger_.lines();

  go_on(3, save());
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_GT(parts_.gate("a").begun().back(), 9000U);
  const Ledger::Lines after = ledger_.lines();
  EXPECT_TRUE(std::ranges::includes(after, before));
  expect_straight({"a", "b"});
}

// Rows 0 to 1023, a millisecond apart, of 37 keys: two windows of each are complete, and one of the
// last 24 rows is open.
TEST_F(Stopping, EndsTimeOnlyIfItDrains) {
  for (const bool drains : {false, true}) {
    Ledger ledger;
    GatedJob parts;
    runtime::StreamJob job;
    parts.add(job, "a", ledger.sink("a", GatedJob::schema()));
    parts.gate("a").limit = 1000;
    Supervisor supervisor(job.job_graph(2).value(), options_, clock_);
    ASSERT_TRUE(supervisor.start());
    while (parts.gate("a").read < 1000) ASSERT_FALSE(supervisor.advance(kLook));
    const std::string path = temp_.path(drains ? "drained" : "as it is");
    ASSERT_TRUE(supervisor.stop_with_savepoint(path, drains));
    while (!supervisor.advance(kLook)) {
    }
    EXPECT_TRUE(supervisor.outcome());
    EXPECT_THAT(ledger.lines(), SizeIs(drains ? 2 * 37 + 24 : 2 * 37));
    EXPECT_TRUE(read(path));
  }
}

TEST_F(Stopping, FinishesWithoutSavepointAndGoesOnFromItsLastCheckpoint) {
  add("a");
  start();
  ASSERT_TRUE(reads("a", 9000));
  supervisor_->finish(false);
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kFinished);
  supervisor_.reset();

  auto newest = store_.read_newest([](const Error&) {});
  ASSERT_TRUE(newest && *newest);
  options_.checkpoints.first = std::make_shared<const Snapshot>(**newest);
  start(1);
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  expect_straight({"a"});
}

TEST_F(Stopping, ComesToItsEndAlthoughACommitFailsOnTheWay) {
  add("a");
  options_.checkpoints.options.interval = Duration::hours(1);  // So all is committed at the end.
  start();
  parts_.gate("a").limit = 9000;
  ASSERT_TRUE(runs_until([&] { return parts_.gate("a").read >= 9000; }));
  parts_.gate("a").failing_commits = 1;
  ASSERT_TRUE(supervisor_->stop_with_savepoint(save(), false));
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 1U);
  EXPECT_EQ(state_of(save()), CheckpointState::kComplete);

  go_on(2, save());
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  expect_straight({"a"});
}

TEST_F(Stopping, GoesOnWhereTheSavepointCannotBeWritten) {
  add("a");
  options_.restart = runtime::NoRestart{};  // It is no failure of the job.
  start();
  ASSERT_TRUE(reads("a", 9000));
  temp_.write("save", "something else");
  ASSERT_TRUE(supervisor_->stop_with_savepoint(save(), true));
  ASSERT_TRUE(runs_until([&] { return supervisor_->find_savepoint(save()) != nullptr; }));
  EXPECT_EQ(state_of(save()), CheckpointState::kFailed);
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 0U);
  ASSERT_THAT(supervisor_->failures(), SizeIs(1));
  EXPECT_THAT(supervisor_->failures().back().error, HasSubstr(save()));
  expect_straight({"a"});
}

TEST_F(Stopping, StopsWhileItWaitsToStartAgain) {
  add("a");
  options_.restart = runtime::FixedDelay{.delay = Duration::millis(50)};
  start();
  run_into_fault("a", 9000);
  ASSERT_EQ(supervisor_->state(), JobState::kRestarting);
  ASSERT_TRUE(supervisor_->stop_with_savepoint(save(), false));
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kFinished);

  go_on(2, save());
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  expect_straight({"a"});
}

TEST_F(Stopping, CancelsOnceTheSavepointIsTaken) {
  add("a");
  start();
  ASSERT_TRUE(reads("a", 9000));
  ASSERT_TRUE(supervisor_->cancel_with_savepoint(save()));
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kCancelled);
  EXPECT_EQ(state_of(save()), CheckpointState::kComplete);
  EXPECT_LT(ledger_.lines().size(), straight({"a"}).size());

  go_on(1, save());
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  expect_straight({"a"});
}

TEST_F(Stopping, DoesNotCancelWithoutTheSavepoint) {
  add("a");
  start();
  ASSERT_TRUE(reads("a", 9000));
  temp_.write("save", "something else");
  ASSERT_TRUE(supervisor_->cancel_with_savepoint(save()));
  ASSERT_TRUE(runs_until([&] { return supervisor_->find_savepoint(save()) != nullptr; }));
  EXPECT_TRUE(reads("a", 20'000)) << "it takes checkpoints again";
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kFinished);
  expect_straight({"a"});
}

TEST_F(Stopping, StartsAgainFromTheSavepointUntilItHasACheckpoint) {
  add("a");
  start();
  ASSERT_TRUE(reads("a", 9000));
  ASSERT_TRUE(supervisor_->stop_with_savepoint(save(), false));
  ASSERT_TRUE(runs_to_its_end());
  options_.checkpoints.options.interval = Duration::hours(1);
  parts_.gate("a").fail_at({15'000});
  go_on(2, save());
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 1U);
  const std::vector<std::uint64_t> begun = parts_.gate("a").begun();
  ASSERT_THAT(begun, SizeIs(3));
  EXPECT_EQ(begun[1], begun[2]);
  expect_straight({"a"});
}

TEST_F(Stopping, TakesEverySavepointThatItAgreedTo) {
  add("a");
  parts_.gate("a").limit = Gate::kRows;
  start();
  std::vector<std::string> paths;
  do {
    paths.push_back(temp_.path("save " + std::to_string(paths.size())));
    ASSERT_TRUE(supervisor_->savepoint(paths.back()));
  } while (!supervisor_->advance(kLook));
  EXPECT_TRUE(supervisor_->outcome());
  // The history holds no more than its newest.
  for (std::size_t i = paths.size() - std::min<std::size_t>(paths.size(), 50); i < paths.size();
       ++i) {
    EXPECT_EQ(state_of(paths[i]), CheckpointState::kComplete) << i << " of " << paths.size();
    EXPECT_TRUE(read(paths[i])->is_savepoint);
  }
  EXPECT_FALSE(supervisor_->savepoint(save())) << "it is over";
  expect_straight({"a"});
}

TEST_F(Stopping, SaysThatASavepointWasNotTakenWhereTheJobIsCancelled) {
  add("a");
  options_.restart = runtime::FixedDelay{.delay = Duration::hours(1)};
  start();
  run_into_fault("a", 1000);
  ASSERT_TRUE(supervisor_->savepoint(save()));
  supervisor_->cancel();
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kCancelled);
  EXPECT_EQ(state_of(save()), CheckpointState::kFailed);
}

TEST_F(Stopping, RefusesSavepointsOfAJobWithoutCheckpoints) {
  add("a");
  options_.checkpoints = {};
  start();
  EXPECT_EQ(supervisor_->savepoint(save()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(supervisor_->cancel_with_savepoint(save()));
  EXPECT_FALSE(supervisor_->stop_with_savepoint(save(), false));
  supervisor_->cancel();
  EXPECT_TRUE(runs_to_its_end());
}

}  // namespace
}  // namespace lymer::checkpoint
