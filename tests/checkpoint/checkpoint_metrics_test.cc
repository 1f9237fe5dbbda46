// Checkpoints as series, as Prometheus reads them.
// Not here: when checkpoints end (tests/checkpoint/coordinator_test.cc).
#include "checkpoint/checkpoint_metrics.h"

#include <cstdint>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/metrics/metric_text.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CheckpointRecord complete() {
  CheckpointRecord record;
  record.epoch = runtime::Epoch(7);
  record.state = CheckpointState::kComplete;
  record.begun = EventTime::from_millis(1'700'000'000'000);
  record.seconds = 2;
  record.write_seconds = 0.5;
  record.overtaken_bytes = 30;
  record.bytes = 4000;
  return record;
}

class CheckpointMetricsTest : public ::testing::Test {
 protected:
  std::string page() { return runtime::to_prometheus(registry_.collect()); }

  ManualClock clock_{EventTime{}};
  runtime::MetricRegistry registry_{clock_};
  CheckpointMetrics metrics_{registry_.root().group("job", "j")};
};

TEST_F(CheckpointMetricsTest, BeginWithZeros) {
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoints_total{job=\"j\",kind=\"checkpoint\","
                                "result=\"failed\"} 0\n"));
  EXPECT_THAT(page(), Not(HasSubstr("last_success")));
}

TEST_F(CheckpointMetricsTest, TellOfACompleteOne) {
  metrics_.add(complete());
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoints_total{job=\"j\",kind=\"checkpoint\","
                                "result=\"complete\"} 1\n"));
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoint_size_bytes{job=\"j\"} 4000\n"));
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoint_overtaken_bytes_total{job=\"j\"} 30\n"));
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoint_duration_seconds_sum{job=\"j\","
                                "phase=\"write\"} 0.5\n"));
  EXPECT_THAT(page(), HasSubstr("lymer_checkpoint_last_success_timestamp_seconds{job=\"j\"} "
                                "1700000002\n"));
}

TEST_F(CheckpointMetricsTest, TellSavepointsAndFailuresApart) {
  CheckpointRecord savepoint = complete();
  savepoint.is_savepoint = true;
  metrics_.add(savepoint);
  CheckpointRecord failed;
  failed.state = CheckpointState::kFailed;
  metrics_.add(failed);
  EXPECT_THAT(page(), HasSubstr("{job=\"j\",kind=\"savepoint\",result=\"complete\"} 1\n"));
  EXPECT_THAT(page(), HasSubstr("{job=\"j\",kind=\"checkpoint\",result=\"complete\"} 0\n"));
  EXPECT_THAT(page(), HasSubstr("{job=\"j\",kind=\"checkpoint\",result=\"failed\"} 1\n"));
  EXPECT_THAT(page(), Not(HasSubstr("last_success"))) << "a job does not go on from a savepoint";
}

TEST_F(CheckpointMetricsTest, HearFromACoordinator) {
  support::TempFiles temp;
  PosixFileSystem files;
  CheckpointStore store(files, temp.path("checkpoints"), [] { return std::uint64_t{1}; });
  Coordinator coordinator(store, {.interval = Duration::seconds(1)}, clock_);
  coordinator.report_to(registry_.root().group("job", "j"));
  runtime::StreamJob job;
  (void)job.from_rows("rows", support::schema_of({{"n", support::kInteger}}), {}).uid("rows");
  coordinator.attach(*job.job_graph(1), 1, [](const runtime::CheckpointOrder&) {});
  ASSERT_TRUE(coordinator.tick());
  clock_.sleep(Duration::seconds(1));
  ASSERT_TRUE(coordinator.tick());
  runtime::TaskSnapshot answer;
  answer.epoch = runtime::Epoch(1);
  answer.parts.push_back({"rows", 0, {}});
  coordinator.on_snapshot(std::move(answer));
  ASSERT_TRUE(coordinator.tick());
  EXPECT_THAT(page(), HasSubstr("{job=\"j\",kind=\"checkpoint\",result=\"complete\"} 1\n"));
}

}  // namespace
}  // namespace lymer::checkpoint
