// Runs of rules over a disk that fails now and then: what they commit equals a run over one that
// does not, or they say why they gave up.
// Not here: restarts of jobs in general (tests/checkpoint/supervisor_test.cc).
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/exec/restart_strategy.h"
#include "tests/server/engine_run.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::server {
namespace {

using support::FileOperation;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FailingDisk : public EngineRun {
 protected:
  FailingDisk() {
    files_in_use_ = &disk_;
    std::string events;
    for (int second = 1; second < 50; second += 2) {
      events += event_line("u", "a", second) + event_line("u", "b", second + 1);
    }
    disk_.set_content("/e.ndjson", events);
    options_.results_path = "/results";
    options_.timeouts_path = options_.late_path = options_.rejects_path = "";
    options_.checkpoints.directory = "/state";
  }
  Result<void> run_rules() {
    engine_ = make(stream_text("e", "/e.ndjson") + rule_text("ab", "e")).value();
    return engine_->run([] { return false; });
  }
  std::size_t committed() {
    std::size_t lines = 0;
    const auto names = disk_.list("/results");
    if (!names) return 0;
    for (const std::string& name : *names) {
      if (!name.starts_with("part-")) continue;
      const std::string content = disk_.content("/results/" + name);
      lines += static_cast<std::size_t>(std::ranges::count(content, '\n'));
    }
    return lines;
  }
  // Of a disk that never fails.
  static constexpr std::size_t kMatches = 25;

  support::FaultyFileSystem disk_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(FailingDisk, HasItsMatchesWithoutFaults) {
  EXPECT_TRUE(run_rules());
  EXPECT_EQ(committed(), kMatches);
  EXPECT_EQ(engine_->restarts(), 0U);
}

TEST_F(FailingDisk, GoesOnWhereOutputFailedForATime) {
  disk_.inject({.operation = FileOperation::kSyncFile, .path_part = "/results", .times = 2});
  const auto outcome = run_rules();
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(committed(), kMatches);
  EXPECT_EQ(engine_->restarts(), 2U);
  EXPECT_THAT(engine_->failures(), SizeIs(2));
  EXPECT_EQ(engine_->counters().matches, kMatches) << "of the last start";
}

TEST_F(FailingDisk, OpensInputAgain) {
  disk_.inject({.operation = FileOperation::kRead, .path_part = "/e.ndjson", .times = 1});
  disk_.inject({.operation = FileOperation::kOpen,
                .path_part = "/e.ndjson",
                .passed_over = 1,  // So the run begins.
                .times = 1});
  const auto outcome = run_rules();
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(committed(), kMatches);
  EXPECT_EQ(engine_->restarts(), 2U);
}

TEST_F(FailingDisk, GoesOnWhereCheckpointsFailedForATime) {
  disk_.inject({.operation = FileOperation::kCreate, .path_part = "/state", .times = 1});
  EXPECT_TRUE(run_rules());
  EXPECT_EQ(committed(), kMatches);
  EXPECT_EQ(engine_->restarts(), 1U);
}

TEST_F(FailingDisk, GivesUpAfterAFewRestarts) {
  disk_.inject({.operation = FileOperation::kSyncFile, .path_part = "/results"});
  const auto outcome = run_rules();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().to_string(),
              AllOf(HasSubstr("after 3 restarts"), HasSubstr("fixed-delay:attempts=3,delay=1s"),
                    HasSubstr("Input/output error")));
  EXPECT_EQ(committed(), 0U);
  disk_.heal();
  EXPECT_TRUE(run_rules()) << "it can be run another day";
  EXPECT_EQ(committed(), kMatches);
}

TEST_F(FailingDisk, EndsWithTheFirstFailureIfItIsTold) {
  options_.restart = runtime::NoRestart{};
  disk_.inject({.operation = FileOperation::kSyncFile, .path_part = "/results", .times = 1});
  EXPECT_FALSE(run_rules());
  EXPECT_EQ(engine_->restarts(), 0U);
}

}  // namespace
}  // namespace lymer::server
