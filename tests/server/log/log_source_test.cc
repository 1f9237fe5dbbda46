// A stream of the log as a split: from any offset, with or without an end.
// Not here: the log (tests/server/log/durable_log_test.cc).
#include "server/log/log_source.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::log {
namespace {

using runtime::ReadState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogSourceTest : public ::testing::Test {
 protected:
  void append(const std::vector<std::string>& records) {
    RecordBatch batch;
    for (const std::string& each : records) batch.add(each);
    ASSERT_TRUE(log_->append({.stream = "s", .records = batch}));
  }
  auto open(bool is_bounded = false) {
    return open_log_source(*log_, {.stream = "s", .max_record_bytes = 5, .is_bounded = is_bounded});
  }
  // What one read gives, `offset:bytes`.
  std::vector<std::string> read(runtime::SplitReader& reader, ReadState expected,
                                std::size_t most = 100) {
    std::vector<runtime::Record> batch;
    const auto state = reader.read(batch, most);
    EXPECT_TRUE(state) << state.error().to_string();
    EXPECT_EQ(*state, expected);
    std::vector<std::string> records;
    for (const runtime::Record& each : batch) {
      records.push_back(std::to_string(each.offset) + ":" +
                        (each.oversized ? "oversized" : std::string(each.bytes)));
    }
    return records;
  }

  const support::TempFiles temp_;
  ManualClock clock_{EventTime()};
  const std::unique_ptr<DurableLog> log_ =
      DurableLog::open({.directory = temp_.path("log")}, clock_).value();
};

TEST_F(LogSourceTest, GivesWhatComesAndNeverEnds) {
  const auto reader = open();
  EXPECT_THAT(read(*reader, ReadState::kIdle), IsEmpty());
  append({"a", "b"});
  EXPECT_THAT(read(*reader, ReadState::kRecords), ElementsAre("0:a", "1:b"));
  EXPECT_THAT(read(*reader, ReadState::kIdle), IsEmpty());
  append({"c"});
  EXPECT_THAT(read(*reader, ReadState::kRecords), ElementsAre("2:c"));
}

TEST_F(LogSourceTest, GoesOnFromAnOffset) {
  append({"a", "b", "c", "d"});
  const auto reader = open();
  EXPECT_THAT(read(*reader, ReadState::kRecords, 2), ElementsAre("0:a", "1:b"));
  const runtime::SplitPosition position = reader->position();
  EXPECT_EQ(position.offset, 2U);
  const auto other = open();
  ASSERT_TRUE(other->seek(position));
  EXPECT_THAT(read(*other, ReadState::kRecords), ElementsAre("2:c", "3:d"));
}

TEST_F(LogSourceTest, EndsWhereTheStreamEndedIfAskedTo) {
  append({"a", "b", "c"});
  const auto reader = open(true);
  append({"d"});
  EXPECT_THAT(read(*reader, ReadState::kRecords, 2), ElementsAre("0:a", "1:b"));
  EXPECT_THAT(read(*reader, ReadState::kRecords, 2), ElementsAre("2:c"));
  EXPECT_THAT(read(*reader, ReadState::kEnd), IsEmpty());
}

TEST_F(LogSourceTest, OnlyCountsWhatIsTooLong) {
  append({"12345", "123456", "x"});
  EXPECT_THAT(read(*open(), ReadState::kRecords), ElementsAre("0:12345", "1:oversized", "2:x"));
}

TEST_F(LogSourceTest, BeginsWithTheOldestAndSaysWhatWentUnread) {
  append({"a"});
  const auto early = open();
  ASSERT_TRUE(log_->put_stream("s", {.age = Duration::seconds(1), .bytes = 0}));
  clock_.sleep(Duration::seconds(2));
  append({"b"});
  ASSERT_TRUE(log_->apply_retention());
  EXPECT_THAT(read(*open(), ReadState::kRecords), ElementsAre("1:b"));
  std::vector<runtime::Record> batch;
  EXPECT_EQ(early->read(batch, 10).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace lymer::log
