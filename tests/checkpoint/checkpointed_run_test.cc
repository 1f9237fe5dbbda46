// Jobs that end, that fail and go on, and that cannot keep a checkpoint.
// Not here: kills (tests/crash/).
#include "checkpoint/checkpointed_run.h"

#include <cstdint>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/ledger.h"

namespace lymer::checkpoint {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::uint64_t kRows = 20'000;
const runtime::SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

void build(runtime::StreamJob& job, support::Ledger& ledger) {
  const auto make = [](std::uint64_t number, runtime::RowBuilder& row, EventTime& time) {
    row.set(0, runtime::Value::of(static_cast<std::int64_t>(number)));
    time = support::ms(static_cast<std::int64_t>(number));
    return number < kRows;
  };
  (void)job.generate("rows", kSchema, make)
      .parallelism(1)
      .sink_to("ledger", ledger.sink("rows", kSchema))
      .parallelism(1);
}

TEST(CheckpointedRun, CommitsAllOnceAndNothingWhenItIsRunAgain) {
  support::FaultyFileSystem files;
  SystemClock clock;
  support::Ledger ledger;
  for (const std::uint64_t run : {1U, 2U}) {
    runtime::StreamJob job;
    build(job, ledger);
    const auto restored = run_with_checkpoints(
        job, {.directory = "state", .checkpoints = {.interval = Duration::millis(1)}}, files,
        clock);
    ASSERT_TRUE(restored) << restored.error().to_string();
    EXPECT_EQ(restored->value() > 0, run == 2);
    EXPECT_THAT(ledger.lines(), SizeIs(kRows));
  }
  EXPECT_EQ(ledger.unknown_commits(), 0U);
}

TEST(CheckpointedRun, EndsWithTheErrorOfItsCheckpoint) {
  support::FaultyFileSystem files;
  files.inject({.operation = support::FileOperation::kSyncFile, .path_part = "manifest"});
  SystemClock clock;
  support::Ledger ledger;
  runtime::StreamJob job;
  build(job, ledger);
  const auto ended = run_with_checkpoints(
      job, {.directory = "state", .restart = runtime::NoRestart{}}, files, clock);
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().to_string(), HasSubstr("Input/output error"));
  EXPECT_THAT(ledger.lines(), SizeIs(0));
}

TEST(CheckpointedRun, StartsAgainAfterAFailure) {
  support::FaultyFileSystem files;
  files.inject(
      {.operation = support::FileOperation::kSyncFile, .path_part = "manifest", .times = 1});
  SystemClock clock;
  support::Ledger ledger;
  runtime::StreamJob job;
  build(job, ledger);
  const auto ended = run_with_checkpoints(
      job, {.directory = "state", .restart = runtime::FixedDelay{.delay = {}}}, files, clock);
  ASSERT_TRUE(ended) << ended.error().to_string();
  EXPECT_THAT(ledger.lines(), SizeIs(kRows));
}

}  // namespace
}  // namespace lymer::checkpoint
