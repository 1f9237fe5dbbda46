// The steps that jobs and tasks may take.
// Not here: who takes them (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Lifecycle, KeepsTheTimes) {
  Lifecycle<JobState> life(ms(1));
  life.go_to(JobState::kRunning, ms(2));
  life.go_to(JobState::kFinished, ms(5));
  EXPECT_EQ(life.state(), JobState::kFinished);
  EXPECT_THAT(life.entries(),
              ElementsAre(Pair(JobState::kCreated, ms(1)), Pair(JobState::kRunning, ms(2)),
                          Pair(JobState::kFinished, ms(5))));
}

TEST(LifecycleDeathTest, RefusesOtherSteps) {
  Lifecycle<TaskState> life(ms(1));
  EXPECT_DEATH(life.go_to(TaskState::kFinished, ms(2)), "lifecycle");
}

TEST(Lifecycle, EndsWhereNothingFollows) {
  for (const JobState last : {JobState::kFailed, JobState::kCancelled, JobState::kFinished}) {
    EXPECT_TRUE(is_last(last)) << to_string(last);
  }
  for (const JobState other : {JobState::kCreated, JobState::kRunning, JobState::kFailing,
                               JobState::kCancelling, JobState::kRestarting}) {
    EXPECT_FALSE(is_last(other)) << to_string(other);
  }
  for (const TaskState last : {TaskState::kFinished, TaskState::kCancelled, TaskState::kFailed}) {
    EXPECT_TRUE(is_last(last)) << to_string(last);
  }
  EXPECT_TRUE(may_follow(TaskState::kRunning, TaskState::kFailed));
  EXPECT_FALSE(may_follow(TaskState::kFinished, TaskState::kCancelling));
  EXPECT_FALSE(may_follow(JobState::kFinished, JobState::kRunning));
}

}  // namespace
}  // namespace lymer::runtime
