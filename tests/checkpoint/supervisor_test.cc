// Jobs with faults in the middle: what is started anew, from where, and that what they commit
// equals a run without faults, for each restart strategy.
// Not here: how long to wait (tests/runtime/exec/restart_strategy_test.cc), ends that a job is told
// to come to (job_stop_test.cc beside this file), processes that are killed (tests/crash/).
#include "checkpoint/supervisor.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/file_system.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/part_file_sink.h"
#include "tests/checkpoint/supervised.h"

namespace lymer::checkpoint {
namespace {

using runtime::ExponentialDelay;
using runtime::FailureRate;
using runtime::FixedDelay;
using runtime::JobState;
using runtime::NoRestart;
using runtime::RestartOptions;
using support::Ledger;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- Each strategy, with files -----------------------------------------------------------------

class EachStrategy : public Supervised, public ::testing::WithParamInterface<RestartOptions> {
 protected:
  std::vector<std::string> committed(const std::string& folder) {
    std::vector<std::string> lines;
    for (const auto& each : std::filesystem::directory_iterator(temp_.path(folder))) {
      if (!each.path().filename().string().starts_with("part-")) continue;
      std::ifstream file(each.path());
      for (std::string line; std::getline(file, line);) lines.push_back(line);
    }
    std::ranges::sort(lines);
    return lines;
  }
  GatedJob::SinkMaker file_sink(const std::string& folder) {
    return [this, folder](runtime::SourceShare share) -> std::unique_ptr<runtime::Sink> {
      const auto line = [](const runtime::EventBatch& batch, std::size_t i, std::string& out) {
        const runtime::RowView row(batch.bytes(batch.headers()[i].row), 2);
        out += std::to_string(row.get(0, support::kInteger).as_int()) + " " +
               std::to_string(row.get(1, support::kInteger).as_int());
      };
      return std::make_unique<runtime::PartFileSink>(files_, temp_.path(folder), 1, line, share);
    };
  }
};

INSTANTIATE_TEST_SUITE_P(Restarts, EachStrategy,
                         ::testing::Values(kSoon,
                                           FailureRate{.max_failures = 3,
                                                       .interval = Duration::minutes(10),
                                                       .delay = Duration::millis(1)},
                                           ExponentialDelay{.initial_backoff = Duration::millis(1),
                                                            .max_backoff = Duration::millis(4),
                                                            .multiplier = 2}));

TEST_P(EachStrategy, CommitsFilesThatEqualARunWithoutFaults) {
  {
    GatedJob parts;
    runtime::StreamJob job;
    parts.add(job, "a", file_sink("straight"));
    parts.gate("a").limit = Gate::kRows;
    ASSERT_TRUE(job.run(clock_, 2));
  }
  parts_.add(job_, "a", file_sink("failing"));
  options_.restart = GetParam();
  start();
  for (const std::uint64_t limit : {1000U, 12'000U, 25'000U}) run_into_fault("a", limit);
  parts_.gate("a").limit = Gate::kRows;
  const auto ended = runs_to_its_end();
  EXPECT_TRUE(ended) << ended.error().to_string();
  const std::vector<std::string> expected = committed("straight");
  EXPECT_GT(expected.size(), 1000U);
  EXPECT_EQ(committed("failing"), expected);
  EXPECT_EQ(supervisor_->restarts(), 3U);
  const std::vector<std::uint64_t> begun = parts_.gate("a").begun();
  ASSERT_THAT(begun, SizeIs(4));
  for (std::size_t i = 1; i < begun.size(); ++i) EXPECT_GT(begun[i], begun[i - 1]);
}

// ---- What a failure does -----------------------------------------------------------------------

TEST_F(Supervised, EndsWithTheFirstFailureWhereNothingIsToBeRestarted) {
  add("a");
  options_.restart = NoRestart{};
  start();
  parts_.gate("a").fail_at({10});
  parts_.gate("a").limit = Gate::kRows;
  const auto ended = runs_to_its_end();
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().to_string(), HasSubstr("row 10 is unlucky"));
  EXPECT_EQ(supervisor_->state(), JobState::kFailed);
  EXPECT_EQ(supervisor_->restarts(), 0U);
  EXPECT_THAT(ledger_.lines(), IsEmpty());
}

TEST_F(Supervised, RestartsByItselfOnlyWithCheckpoints) {
  add("a");
  options_.restart.reset();
  options_.checkpoints = {};
  parts_.gate("a").fail_at({10});
  parts_.gate("a").limit = Gate::kRows;
  start();
  EXPECT_FALSE(runs_to_its_end());

  options_.checkpoints = {.store = &store_};
  parts_.gate("a").fail_at({10});
  start();
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 1U);
  expect_straight({"a"});
}

TEST_F(Supervised, GivesUpWhenTheStrategyDoesAndSaysAfterWhat) {
  add("a");
  add("b");
  options_.restart = FixedDelay{.attempts = 2, .delay = Duration::millis(1)};
  start();
  parts_.gate("a").always_fails = true;
  parts_.gate("a").limit = Gate::kRows;
  const auto ended = runs_to_its_end();
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().to_string(),
              AllOf(HasSubstr("given up after 2 restarts"),
                    HasSubstr("fixed-delay:attempts=2,delay=1ms"), HasSubstr("is unlucky")));
  const SupervisorReport report = supervisor_->report();
  EXPECT_EQ(report.states.back().first, JobState::kFailed);
  EXPECT_THAT(report.failures, SizeIs(3));
  EXPECT_EQ(report.regions[0].starts, 3U);
  EXPECT_EQ(report.regions[1].starts, 1U);
  EXPECT_EQ(report.regions[1].last.states.back().first, JobState::kCancelled);
}

TEST_F(Supervised, KeepsTheNewestFailuresWithTheirTimeAndTask) {
  add("a");
  options_.restart = FixedDelay{.attempts = 20, .delay = {}};
  const EventTime begun = clock_.now();
  parts_.gate("a").always_fails = true;
  start();
  EXPECT_FALSE(runs_to_its_end());
  const SupervisorReport report = supervisor_->report();
  ASSERT_THAT(report.failures, SizeIs(Supervisor::kFailures));
  for (const JobFailure& each : report.failures) {
    EXPECT_THAT(each.task, HasSubstr("a fails"));
    EXPECT_THAT(each.error, HasSubstr("is unlucky"));
    EXPECT_GE(each.time, begun);
  }
}

TEST_F(Supervised, SaysInWhichStateItIs) {
  add("a");
  start();
  run_into_fault("a", 1000);
  EXPECT_EQ(supervisor_->state(), JobState::kRestarting);
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  std::vector<JobState> states;
  for (const auto& [state, time] : supervisor_->report().states) states.push_back(state);
  EXPECT_THAT(states, ElementsAre(JobState::kCreated, JobState::kRunning, JobState::kRestarting,
                                  JobState::kRunning, JobState::kFinished));
}

TEST_F(Supervised, WaitsAsLongAsTheStrategySays) {
  add("a");
  options_.restart = FixedDelay{.delay = Duration::minutes(5)};
  ManualClock clock{EventTime{}};
  supervisor_ = std::make_unique<Supervisor>(job_.job_graph(1).value(), options_, clock);
  parts_.gate("a").fail_at({10});
  ASSERT_TRUE(supervisor_->start());
  ASSERT_TRUE(runs_until([&] { return supervisor_->restarts() == 1; }));
  clock.sleep(Duration::minutes(5) - Duration::millis(10));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(supervisor_->advance(kLook));
  EXPECT_EQ(parts_.gate("a").makes, 1);
  ASSERT_TRUE(runs_until([&] { return parts_.gate("a").makes == 2; }));
  EXPECT_GE(clock.now(), EventTime{} + Duration::minutes(5));
  supervisor_.reset();  // Before its clock.
}

TEST_F(Supervised, DoesNotTryAgainWhatIsWrongInItself) {
  class Wrong final : public runtime::Sink {
   public:
    Result<void> begin(runtime::Epoch) override { return {}; }
    Result<void> write(const runtime::EventBatch&) override {
      return Error{ErrorCode::kUnsupported, "no rows of this kind"};
    }
    Result<runtime::Transaction> pre_commit(runtime::Epoch) override {
      return runtime::Transaction();
    }
    Result<void> commit(const runtime::Transaction&) override { return {}; }
    Result<void> abort(runtime::Epoch) override { return {}; }
    Result<void> close() override { return {}; }
  };
  parts_.add(job_, "a", [](const runtime::SourceShare&) { return std::make_unique<Wrong>(); });
  parts_.gate("a").limit = Gate::kRows;
  start();
  EXPECT_FALSE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 0U);
}

TEST_F(Supervised, CountsARestoreThatFailsAsAFailure) {
  add("a");
  start();
  parts_.gate("a").failing_restores = 1;
  run_into_fault("a", 1000);
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->restarts(), 2U);
  EXPECT_THAT(supervisor_->failures().back().error, HasSubstr("it cannot be restored"));
  expect_straight({"a"});
}

TEST_F(Supervised, CommitsOnceWhatCouldNotBeCommittedAtFirst) {
  add("a");
  start();
  ASSERT_TRUE(reads("a", 1000));
  parts_.gate("a").failing_commits = 3;
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_GE(supervisor_->restarts(), 1U);
  expect_straight({"a"});
}

TEST_F(Supervised, StartsFromTheBeginningWithoutCheckpoint) {
  add("a");
  options_.checkpoints.options.interval = Duration::hours(1);
  parts_.gate("a").limit = Gate::kRows;
  parts_.gate("a").fail_at({5000});
  start();
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_THAT(parts_.gate("a").begun(), ElementsAre(0U, 0U));
  expect_straight({"a"});
}

TEST_F(Supervised, DoesNotBeginAgainWhereItsCheckpointsAreGone) {
  add("a");
  options_.checkpoints.options.min_pause = Duration::hours(1);  // So there is one.
  options_.restart = FixedDelay{.attempts = 2, .delay = {}};
  parts_.gate("a").limit = 5000;
  start();
  ASSERT_TRUE(
      runs_until([&] { return supervisor_->coordinator()->last_complete() == runtime::Epoch{1}; }));
  std::filesystem::remove_all(temp_.path("checkpoints"));
  parts_.gate("a").fail_at({8000});
  parts_.gate("a").limit = Gate::kRows;
  const auto ended = runs_to_its_end();
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().to_string(), HasSubstr("checkpoint 1 is gone"));
  EXPECT_EQ(parts_.gate("a").makes, 1);
}

TEST_F(Supervised, CountsRestartsInItsMetrics) {
  runtime::MetricRegistry metrics(clock_);
  options_.execution.metrics = metrics.root().group("job", "j");
  add("a");
  add("b");
  parts_.gate("b").limit = Gate::kRows;
  start();
  const auto series_of_first = [&] {
    const auto samples = metrics.collect();
    return std::ranges::count_if(samples, [](const runtime::MetricSample& each) {
      const auto region = each.labels.find("region");
      return region != each.labels.end() && region->second == "0";
    });
  };
  EXPECT_GT(series_of_first(), 0);
  run_into_fault("a", 1000);
  ASSERT_TRUE(runs_until([&] { return supervisor_->report().regions[0].starts == 2; }));
  EXPECT_GT(series_of_first(), 0) << "what starts anew is reported again";
  const auto value = [&](const std::string& name) {
    double sum = -1;
    for (const runtime::MetricSample& each : metrics.collect()) {
      if (each.name == name) sum = each.value;
    }
    return sum;
  };
  EXPECT_EQ(value("lymer_restarts_total"), 1);
  EXPECT_EQ(value("lymer_metrics_refused_total"), 0) << "regions have metrics of their own";
  supervisor_.reset();
  EXPECT_EQ(value("lymer_restarts_total"), -1) << "it is gone with the job";
}

// ---- Regions -----------------------------------------------------------------------------------

TEST_F(Supervised, RestartsTheFailedRegionAndNoOther) {
  add("a");
  add("b");
  start();
  parts_.gate("b").limit = 4000;
  for (const std::uint64_t limit : {1000U, 12'000U}) run_into_fault("a", limit);
  parts_.gate("a").limit = Gate::kRows;
  parts_.gate("b").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  expect_straight({"a", "b"});
  const SupervisorReport report = supervisor_->report();
  ASSERT_THAT(report.regions, SizeIs(2));
  EXPECT_EQ(report.regions[0].starts, 3U);
  EXPECT_EQ(report.regions[1].starts, 1U);
  for (const runtime::TaskReport& each : report.regions[1].last.tasks) {
    EXPECT_THAT(each.states, SizeIs(5)) << "created to finished, each once";
  }
  EXPECT_EQ(parts_.gate("b").makes, 1);
  EXPECT_THAT(parts_.gate("b").begun(), ElementsAre(0U));
  EXPECT_EQ(parts_.gate("b").rows, Gate::kRows) << "no row came twice";
  EXPECT_GT(parts_.gate("a").rows, Gate::kRows);
}

TEST_F(Supervised, LetsOtherRegionsGoOnMeanwhile) {
  add("a");
  add("b");
  options_.restart = FixedDelay{.delay = Duration::hours(1)};
  start();
  run_into_fault("a", 1000);
  const std::uint64_t rows = parts_.gate("b").rows;
  parts_.gate("b").limit = rows + 10'000;
  EXPECT_TRUE(runs_until([&] { return parts_.gate("b").rows >= rows + 10'000; }));
  EXPECT_EQ(supervisor_->state(), JobState::kRestarting);
  EXPECT_EQ(parts_.gate("a").makes, 1);
  supervisor_->cancel();
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(supervisor_->state(), JobState::kCancelled);
}

TEST_F(Supervised, RestartsAllWhereItIsToldTo) {
  add("a");
  add("b");
  options_.failover = Failover::kJob;
  start();
  run_into_fault("a", 1000);
  parts_.gate("a").limit = Gate::kRows;
  parts_.gate("b").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(parts_.gate("b").makes, 2);
  expect_straight({"a", "b"});
}

TEST_F(Supervised, RestartsTogetherWhatIsBound) {
  add("a");
  add("b");
  options_.bound = {{"a fails", "b fails"}};
  start();
  run_into_fault("a", 1000);
  parts_.gate("a").limit = Gate::kRows;
  parts_.gate("b").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(parts_.gate("b").makes, 2);
  EXPECT_THAT(supervisor_->report().regions, SizeIs(1));
}

TEST_F(Supervised, RestartsARegionBehindTheEndOfAnother) {
  add("a");
  add("b");
  parts_.gate("b").limit = Gate::kRows;
  start();
  ASSERT_TRUE(runs_until([&] {
    return supervisor_->report().regions[1].last.states.back().first == JobState::kFinished ||
           parts_.gate("b").rows == Gate::kRows;
  }));
  run_into_fault("a", 1000);
  parts_.gate("a").limit = Gate::kRows;
  EXPECT_TRUE(runs_to_its_end());
  EXPECT_EQ(parts_.gate("b").makes, 1);
  expect_straight({"a", "b"});
}

}  // namespace
}  // namespace lymer::checkpoint
