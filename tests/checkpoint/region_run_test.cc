// One region through two starts: numbers of tasks, states.
// Not here: who starts it again (tests/checkpoint/supervisor_test.cc).
#include "checkpoint/region_run.h"

#include <mutex>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::checkpoint {
namespace {

using ::testing::ElementsAre;

class Heard final : public runtime::SnapshotListener {
 public:
  void on_snapshot(runtime::TaskSnapshot snapshot) override {
    const std::lock_guard lock(mutex_);
    tasks_.insert(snapshot.task);
  }
  std::set<std::size_t> tasks() {
    const std::lock_guard lock(mutex_);
    return tasks_;
  }

 private:
  std::mutex mutex_;
  std::set<std::size_t> tasks_;
};

constexpr Duration kLong = Duration::minutes(1);

class RegionRunning : public ::testing::Test {
 protected:
  RegionRunning() {
    const auto schema = support::schema_of({{"n", support::kInteger}});
    (void)job_.from_rows("rows", schema, {{EventTime{}, support::row_of(schema, {1})}})
        .parallelism(2);
  }

  SystemClock clock_;
  Heard heard_;
  runtime::StreamJob job_;
};

TEST_F(RegionRunning, CountsItsTasksFromItsFirst) {
  RegionRun region(job_.job_graph(2).value(), 5, &heard_);
  EXPECT_EQ(region.task_count(), 2U);
  EXPECT_EQ(region.execution(), nullptr);
  region.start({.workers = 2}, clock_);
  EXPECT_TRUE(region.is_active());
  while (heard_.tasks().size() < 2) (void)region.execution()->wait(Duration::millis(1));
  EXPECT_THAT(heard_.tasks(), ElementsAre(5, 6));
}

TEST_F(RegionRunning, StartsAgainOnceItWasStopped) {
  RegionRun region(job_.job_graph(2).value(), 0, &heard_);
  for (std::size_t start = 1; start <= 2; ++start) {
    region.start({.workers = 1}, clock_);
    EXPECT_EQ(region.starts(), start);
    region.stop(true);
    EXPECT_EQ(region.state(), RegionRun::State::kStopping);
    EXPECT_TRUE(region.execution()->wait(kLong));
    EXPECT_TRUE(region.have_tasks_ended());
    EXPECT_TRUE(region.end());
    region.become(RegionRun::State::kEnded);
  }
  region.stop(true);
  EXPECT_EQ(region.state(), RegionRun::State::kWaiting) << "there is nothing to stop";
  region.stop(false);
  EXPECT_EQ(region.state(), RegionRun::State::kEnded);
}

TEST_F(RegionRunning, EndsByItselfWithoutListener) {
  RegionRun region(job_.job_graph(2).value(), 0, nullptr);
  region.start({.workers = 1}, clock_);
  EXPECT_TRUE(region.execution()->wait(kLong));
  EXPECT_TRUE(region.have_tasks_ended());
}

}  // namespace
}  // namespace lymer::checkpoint
