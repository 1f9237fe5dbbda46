// Backends of tasks: apart, cleared away, and telling what goes wrong to who runs the job.
// Not here: tables (tests/runtime/state/state_table_test.cc), lifetimes
// (tests/checkpoint/rocks/expiry_filter_test.cc), recovery (tests/checkpoint/recovery_test.cc).
#include "checkpoint/rocks/rocks_backend.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/rocks/database_memory.h"
#include "checkpoint/rocks/working_directory.h"
#include "runtime/key_group.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using runtime::StateAddress;
using runtime::Value;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const runtime::SchemaRef kNumbers =
    support::schema_of({{"user", support::kInteger}, {"n", support::kInteger}}, "numbers");

bool make_number(std::uint64_t number, runtime::RowBuilder& row, EventTime& time) {
  row.set(0, Value::of(static_cast<std::int64_t>(number % 7)));
  row.set(1, Value::of(static_cast<std::int64_t>(number)));
  time = support::ms(static_cast<std::int64_t>(number));
  return number < 500;
}

Result<void> run_sums(support::Ledger& ledger, const runtime::ExecutionOptions& options) {
  runtime::StreamJob job;
  (void)job.generate("numbers", kNumbers, make_number)
      .parallelism(1)
      .key_by({0})
      .sum(1)
      .sink_to("sums", ledger.sink("sum", kNumbers));
  SystemClock clock;
  return job.run(clock, 2, options);
}

TEST(RocksBackend, GivesEachTaskADatabaseOfItsOwn) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const StateAddress ann{runtime::key_hash_of({}), {}, {}};
  {
    const auto make = rocks_backends(files, {.directory = temp.path("work")});
    ASSERT_TRUE(make) << make.error().to_string();
    const auto one = (*make)();
    const auto other = (*make)();
    ASSERT_TRUE(one && other);
    EXPECT_TRUE(std::filesystem::is_empty(temp.path("work/work-1"))) << "nobody has any state";
    const auto values = (*one)->make_values({});
    values->put(ann, {});
    EXPECT_EQ((*other)->make_values({})->size(), 0U);
    EXPECT_EQ(values->size(), 1U);
    EXPECT_TRUE((*one)->status());
    EXPECT_TRUE(std::filesystem::exists(temp.path("work/work-1/task-2")));
  }
  EXPECT_FALSE(std::filesystem::exists(temp.path("work/work-1")));
}

TEST(RocksBackend, RunsAJobWithTheResultsOfMemory) {
  const support::TempFiles temp;
  PosixFileSystem files;
  support::Ledger in_memory;
  ASSERT_TRUE(run_sums(in_memory, {}));
  support::Ledger on_disk;
  const auto make = rocks_backends(files, {.directory = temp.path("work")});
  ASSERT_TRUE(make);
  const Result<void> ran = run_sums(on_disk, {.state_backend = *make});
  ASSERT_TRUE(ran) << ran.error().to_string();
  EXPECT_THAT(in_memory.lines(), Not(IsEmpty()));
  EXPECT_EQ(on_disk.lines(), in_memory.lines());
}

// The working directory is taken away before the databases are opened.
TEST(RocksBackend, EndsTheJobWithWhatIsWrong) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const auto make = rocks_backends(files, {.directory = temp.path("work")});
  ASSERT_TRUE(make);
  std::filesystem::remove_all(temp.path("work/work-1"));
  (void)temp.write("work/work-1", "a file in its place");
  support::Ledger ledger;
  const Result<void> ran = run_sums(ledger, {.state_backend = *make});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::kIo);
  EXPECT_THAT(ran.error().to_string(),
              AllOf(HasSubstr("the state database"), HasSubstr("cannot be opened")));
  EXPECT_THAT(ledger.lines(), IsEmpty());
}

}  // namespace
}  // namespace lymer::checkpoint
