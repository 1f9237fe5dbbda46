// Several jobs at once: isolation, ends of each kind, and the archive with its limit.
// Not here: single jobs (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::HasSubstr;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

// A job of so many events; with 0 one that never ends.
JobGraph graph_of(std::uint64_t count, bool fails = false) {
  StreamJob job;
  const Stream events = job.generate("events", kSchema,
                                     [count](std::uint64_t number, RowBuilder& row, EventTime& at) {
                                       row.set(0, Value::of(static_cast<std::int64_t>(number)));
                                       at = support::ms(static_cast<std::int64_t>(number));
                                       return count == 0 || number < count;
                                     });
  class Fails final : public ProcessFunction {
    Result<void> on_event(const EventView&, ProcessContext&) override {
      return Error{ErrorCode::kIo, "broken"};
    }
  };
  if (fails) {
    (void)events.key_by({0}).process("fails", kSchema, [] { return std::make_unique<Fails>(); });
  } else {
    events.for_each("nothing", [](const EventView&) {});
  }
  return job.job_graph(1).value();
}

class DispatcherTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  Dispatcher jobs_{clock_, 2};
};

TEST_F(DispatcherTest, ArchivesWhatHasEnded) {
  const JobId id = jobs_.submit("short", graph_of(10), {.workers = 1});
  EXPECT_TRUE(jobs_.wait(id));
  const auto info = jobs_.find(id);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->is_archived);
  EXPECT_EQ(info->name, "short");
  EXPECT_EQ(info->report.states.back().first, JobState::kFinished);
  EXPECT_EQ(jobs_.graph(id)->vertices.size(), 1U);
  EXPECT_TRUE(jobs_.wait(id)) << "known from the archive";
  EXPECT_EQ(jobs_.slots_in_use(), 0U);
}

TEST_F(DispatcherTest, KeepsAFailureToItself) {
  const JobId endless = jobs_.submit("endless", graph_of(0), {.workers = 1});
  const JobId broken = jobs_.submit("broken", graph_of(10, true), {.workers = 1});
  const auto outcome = jobs_.wait(broken);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().to_string(), HasSubstr("broken"));
  EXPECT_EQ(jobs_.find(broken)->report.states.back().first, JobState::kFailed);
  EXPECT_EQ(jobs_.find(endless)->report.states.back().first, JobState::kRunning);
  EXPECT_EQ(jobs_.slots_in_use(), 1U);
  EXPECT_TRUE(jobs_.cancel(endless));
  EXPECT_TRUE(jobs_.wait(endless));
  EXPECT_EQ(jobs_.find(endless)->report.states.back().first, JobState::kCancelled);
}

TEST_F(DispatcherTest, FinishesAJobInGoodOrder) {
  const JobId id = jobs_.submit("endless", graph_of(0), {.workers = 1});
  EXPECT_TRUE(jobs_.finish(id, true));
  EXPECT_TRUE(jobs_.wait(id));
  EXPECT_EQ(jobs_.find(id)->report.states.back().first, JobState::kFinished);
}

TEST_F(DispatcherTest, ForgetsTheOldestOfTheArchive) {
  std::vector<JobId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(jobs_.submit("job", graph_of(1), {.workers = 1}));
    ASSERT_TRUE(jobs_.wait(ids.back()));
  }
  const auto list = jobs_.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, ids[3]);
  EXPECT_EQ(list[1].id, ids[2]);
  EXPECT_FALSE(jobs_.find(ids[0]));
  EXPECT_EQ(jobs_.wait(ids[0]).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(jobs_.cancel(ids[3]).error().code, ErrorCode::kNotFound) << "it does not run";
}

TEST(Dispatcher, CancelsWhatRunsWhenItGoes) {
  SystemClock clock;
  Dispatcher jobs(clock);
  (void)jobs.submit("endless", graph_of(0), {.workers = 2});
}

}  // namespace
}  // namespace lymer::runtime
