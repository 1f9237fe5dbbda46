// A data directory with all that is in it, over several starts.
// Not here: the lease (tests/server/data_directory_test.cc), the log (tests/server/log/).
#include "server/server_storage.h"

#include <memory>

#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

class ServerStorageTest : public ::testing::Test {
 protected:
  ServerStorageTest() {
    settings_.data_dir = files_.path("data");
    settings_.log_group_wait = Duration::millis(1);
    settings_.log_idempotency_keys = 1;
    settings_.checkpoint_interval = Duration::seconds(3);
  }
  auto open() {
    return ServerStorage::open(
        settings_, system_,
        {.on_taken = [this](const Error&) { ++taken_; }, .should_stop = [] { return true; }},
        clock_);
  }
  static log::Append append(const std::string& key, const std::string& record) {
    log::Append made{.stream = "s", .records = {}, .idempotency_key = key};
    made.records.add(record);
    return made;
  }

  const support::TempFiles files_;
  PosixFileSystem system_;
  SystemClock clock_;
  Settings settings_;
  int taken_ = 0;
};

TEST_F(ServerStorageTest, IsOfOneProcessAndKeepsItsLog) {
  {
    const auto storage = open();
    ASSERT_TRUE(storage) << storage.error().to_string();
    ASSERT_TRUE((*storage)->log().append(append("k", "one")));
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kLimit);
    EXPECT_EQ(taken_, 1);
  }
  const auto again = open();
  ASSERT_TRUE(again) << again.error().to_string();
  const auto repeated = (*again)->log().append(append("k", "one"));
  ASSERT_TRUE(repeated);
  EXPECT_TRUE(repeated->is_repeated);
  EXPECT_EQ((*again)->log().find("s")->ends.next, 1U);
}

TEST_F(ServerStorageTest, DoesWhatTheSettingsSay) {
  const auto storage = open();
  ASSERT_TRUE(storage) << storage.error().to_string();
  const CheckpointSettings checkpoints = (*storage)->checkpoints("default");
  EXPECT_EQ(checkpoints.directory, files_.path("data/checkpoints/default"));
  EXPECT_EQ(checkpoints.options.interval, Duration::seconds(3));
  log::DurableLog& log = (*storage)->log();
  ASSERT_TRUE(log.append(append("k", "one")));
  ASSERT_TRUE(log.append(append("l", "two")));  // One key is remembered.
  const auto forgotten = log.append(append("k", "one"));
  ASSERT_TRUE(forgotten);
  EXPECT_FALSE(forgotten->is_repeated);
}

TEST_F(ServerStorageTest, RemovesWhatNeedNotBeKept) {
  settings_.log_keep_bytes.value = 5;  // As many as `three` has.
  const auto storage = open();
  ASSERT_TRUE(storage) << storage.error().to_string();
  log::DurableLog& log = (*storage)->log();
  for (const char* record : {"one", "two", "three"}) {
    ASSERT_TRUE(log.append(append("", record)));
  }
  ASSERT_TRUE((*storage)->apply_retention());
  EXPECT_EQ(log.find("s")->ends.first, 2U);
  EXPECT_EQ(log.find("s")->stream.retention.age, settings_.log_keep_time);
}

}  // namespace
}  // namespace lymer::server
