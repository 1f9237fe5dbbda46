// What a checkpoint holds is appended once.
// Not here: epochs (tests/runtime/operators/sink_operator_test.cc).
#include "server/log/log_sink.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::log {
namespace {

using runtime::Epoch;
using runtime::EventBatch;
using support::at;
using support::batch_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const runtime::SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class LogSinkTest : public ::testing::Test {
 protected:
  // Writes the times of events; those of even ones alone.
  LogSink sink(std::uint64_t start = 7, std::size_t subtask = 0, std::size_t bytes_max = 1000) {
    const auto format = [](const EventBatch& batch, std::size_t index, std::string& out) {
      const std::int64_t time = batch.headers()[index].time.to_millis();
      out += std::to_string(time);
      return time % 2 == 0;
    };
    return {*log_,
            {.stream = "s", .job = "j", .start = start, .bytes_max = bytes_max},
            format,
            {subtask, 2}};
  }
  static runtime::Transaction prepared(LogSink& sink, Epoch epoch, std::int64_t first) {
    EXPECT_TRUE(sink.begin(epoch));
    EXPECT_TRUE(sink.write(batch_of(kSchema, {at(first, {1}), at(first + 1, {2})})));
    EXPECT_TRUE(sink.write(batch_of(kSchema, {at(first + 2, {3})})));
    return sink.pre_commit(epoch).value();
  }
  std::vector<std::string> records() {
    std::vector<std::string> all;
    if (!log_->find("s")) return all;
    const auto some = log_->read("s", 0, {});
    for (const LogRecord& each : some->records) all.emplace_back(each.bytes);
    return all;
  }

  const support::TempFiles temp_;
  ManualClock clock_{EventTime()};
  const std::unique_ptr<DurableLog> log_ =
      DurableLog::open({.directory = temp_.path("log")}, clock_).value();
};

TEST_F(LogSinkTest, AppendsNothingBeforeTheCheckpointIsSafe) {
  LogSink one = sink();
  const runtime::Transaction held = prepared(one, Epoch(3), 2);
  EXPECT_THAT(records(), IsEmpty());
  ASSERT_TRUE(one.commit(held));
  EXPECT_THAT(records(), ElementsAre("2", "4"));
}

TEST_F(LogSinkTest, AppendsOnceWhatIsCommittedAgain) {
  LogSink one = sink();
  const runtime::Transaction third = prepared(one, Epoch(3), 2);
  const runtime::Transaction fourth = prepared(one, Epoch(4), 6);
  ASSERT_TRUE(one.commit(third));
  ASSERT_TRUE(one.commit(fourth));
  LogSink next = sink(8);
  ASSERT_TRUE(next.commit(third));
  ASSERT_TRUE(next.commit(fourth));
  EXPECT_THAT(records(), ElementsAre("2", "4", "6", "8"));
}

// Epochs may begin anew, as where the job begins without its checkpoints.
TEST_F(LogSinkTest, TellsSubtasksAndStartsApart) {
  LogSink one = sink();
  LogSink other = sink(7, 1);
  LogSink again = sink(8);
  ASSERT_TRUE(one.commit(prepared(one, Epoch(3), 2)));
  ASSERT_TRUE(other.commit(prepared(other, Epoch(3), 12)));
  ASSERT_TRUE(again.commit(prepared(again, Epoch(1), 22)));
  EXPECT_THAT(records(), ElementsAre("2", "4", "12", "14", "22", "24"));
}

TEST_F(LogSinkTest, ForgetsWhatWasNotCommitted) {
  LogSink one = sink();
  ASSERT_TRUE(one.begin(Epoch(1)));
  ASSERT_TRUE(one.write(batch_of(kSchema, {at(2, {1})})));
  ASSERT_TRUE(one.abort(Epoch(1)));
  ASSERT_TRUE(one.commit(prepared(one, Epoch(1), 4)));
  EXPECT_THAT(records(), ElementsAre("4", "6"));
  EXPECT_TRUE(one.close());
}

TEST_F(LogSinkTest, AppendsNothingForAnEpochWithoutResults) {
  LogSink one = sink();
  ASSERT_TRUE(one.begin(Epoch(1)));
  ASSERT_TRUE(one.write(batch_of(kSchema, {at(3, {1})})));
  ASSERT_TRUE(one.commit(one.pre_commit(Epoch(1)).value()));
  EXPECT_FALSE(log_->find("s"));
}

TEST_F(LogSinkTest, RefusesTooMuchAndWhatIsDamaged) {
  LogSink one = sink(7, 0, 2);
  ASSERT_TRUE(one.begin(Epoch(1)));
  EXPECT_EQ(one.write(batch_of(kSchema, {at(222, {1})})).error().code, ErrorCode::kLimit);
  runtime::Transaction held = prepared(*std::make_unique<LogSink>(sink()), Epoch(1), 2);
  held.pop_back();
  EXPECT_EQ(one.commit(held).error().code, ErrorCode::kCorrupt);
  held.front() = std::byte{9};
  held.push_back(std::byte{'4'});
  EXPECT_EQ(one.commit(held).error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(records(), IsEmpty());
}

}  // namespace
}  // namespace lymer::log
