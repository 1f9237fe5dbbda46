// Appends of several threads, readers that wait, and disks that fail.
// Not here: processes that are killed (tests/crash/log_test.py).
#include "server/log/durable_log.h"

#include <atomic>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/storage/faulty_environment.h"
#include "tests/support/temp_files.h"

namespace lymer::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RecordBatch batch_of(const std::vector<std::string>& records) {
  RecordBatch batch;
  for (const std::string& each : records) batch.add(each);
  return batch;
}

class DurableLogTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open(LogOptions options = {}) {
    log_ = nullptr;
    options.directory = temp_.path("log");
    options.environment = environment_.get();
    log_ = DurableLog::open(options, clock_).value();
  }
  Result<Appended> append(const std::vector<std::string>& records, std::string key = "") {
    return log_->append(
        {.stream = "s", .records = batch_of(records), .idempotency_key = std::move(key)});
  }
  // All records from an offset on, a few at a time.
  std::vector<std::string> read_all(std::uint64_t offset = 0, ReadLimits limits = {}) {
    std::vector<std::string> all;
    while (true) {
      const auto some = log_->read("s", offset, limits);
      if (!some) {
        ADD_FAILURE() << some.error().to_string();
        return all;
      }
      if (some->records.empty()) return all;
      for (const LogRecord& each : some->records) {
        EXPECT_EQ(each.offset, offset++);
        all.emplace_back(each.bytes);
      }
    }
  }

  const support::TempFiles temp_;
  ManualClock clock_{EventTime::from_millis(1'000'000)};
  storage::DiskFaults faults_;
  const std::unique_ptr<rocksdb::Env> environment_ = storage::faulty_environment(faults_);
  std::unique_ptr<DurableLog> log_;
};

TEST_F(DurableLogTest, GivesBackWhatWasAppendedFromAnyOffset) {
  EXPECT_EQ(append({"a", "b", "c"})->first, 0U);
  EXPECT_EQ(append({"d", ""})->first, 3U);
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c", "d", ""));
  EXPECT_THAT(read_all(2), ElementsAre("c", "d", ""));
  EXPECT_THAT(read_all(1, {.records = 1}), ElementsAre("b", "c", "d", ""));
  EXPECT_THAT(read_all(0, {.bytes = 1}), ElementsAre("a", "b", "c", "d", ""));
  EXPECT_THAT(read_all(5), ElementsAre());
  open();
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c", "d", ""));
  EXPECT_EQ(log_->read("s", 0, {})->records.front().time, clock_.now());
}

TEST_F(DurableLogTest, ReadsOverManyChunks) {
  RecordBatch batch;
  for (int i = 0; i < 5000; ++i) batch.add(std::to_string(i));
  ASSERT_TRUE(log_->append({.stream = "s", .records = batch}));
  const auto some = log_->read("s", 1500, {.records = 3000});
  ASSERT_EQ(some->records.size(), 3000U);
  EXPECT_EQ(some->records.front().bytes, "1500");
  EXPECT_EQ(some->records.back().bytes, "4499");
  EXPECT_EQ(read_all(4999), std::vector<std::string>{"4999"});
}

TEST_F(DurableLogTest, SaysWhatIsNotThere) {
  (void)append({"a"});
  EXPECT_EQ(log_->read("t", 0, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log_->read("s", 2, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->remove_stream("t").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(log_->put_stream("a/b", {}));
  ASSERT_TRUE(log_->remove_stream("s"));
  EXPECT_EQ(log_->find("s"), std::nullopt);
}

TEST_F(DurableLogTest, TellsWhatRetentionRemoved) {
  ASSERT_TRUE(log_->put_stream("s", {.age = Duration::seconds(10), .bytes = 0}));
  (void)append({"a", "b"});
  clock_.sleep(Duration::seconds(11));
  (void)append({"c"});
  ASSERT_TRUE(log_->apply_retention());
  const auto gone = log_->read("s", 1, {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(gone.error().message, HasSubstr("the first that is there is 2"));
  EXPECT_THAT(read_all(2), ElementsAre("c"));
}

// Several threads append at once: offsets are dense, and each has those of its own in order.
TEST_F(DurableLogTest, SharesSyncsAmongAppendsThatComeTogether) {
  constexpr int kThreads = 8;
  constexpr int kAppends = 25;
  open({.group_wait = Duration::millis(5)});
  const std::uint64_t before = faults_.syncs;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kAppends; ++i) {
        ASSERT_TRUE(append({std::to_string(t) + ":" + std::to_string(i)}));
      }
    });
  }
  for (std::thread& each : threads) each.join();
  const std::vector<std::string> all = read_all();
  EXPECT_EQ(all.size(), std::size_t{kThreads} * kAppends);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
  // Each append waits for its own, so no group has more than one of each thread.
  EXPECT_LT(faults_.syncs - before, std::uint64_t{kThreads} * kAppends);
}

TEST_F(DurableLogTest, AnswersAKeyOnceWhateverGroupItIsIn) {
  EXPECT_FALSE(append({"a"}, "k")->is_repeated);
  std::vector<std::future<Appended>> answers;
  for (int i = 0; i < 4; ++i) {
    auto promise = std::make_shared<std::promise<Appended>>();
    answers.push_back(promise->get_future());
    log_->submit({.stream = "s", .records = batch_of({"b"}), .idempotency_key = "l"},
                 [promise](Result<Appended> result) { promise->set_value(result.value()); });
  }
  int repeated = 0;
  for (auto& each : answers) {
    const Appended answer = each.get();
    EXPECT_EQ(answer.first, 1U);
    repeated += answer.is_repeated ? 1 : 0;
  }
  EXPECT_EQ(repeated, 3);
  EXPECT_THAT(read_all(), ElementsAre("a", "b"));
}

TEST_F(DurableLogTest, WakesThoseWhoWait) {
  std::atomic<int> heard = 0;
  const DurableLog::Subscription subscription(*log_, [&] { ++heard; });
  auto waiting =
      std::async(std::launch::async, [&] { return log_->wait("s", 0, Duration::seconds(60)); });
  ASSERT_TRUE(append({"a"}));
  EXPECT_TRUE(waiting.get());
  EXPECT_GE(heard, 1);
  EXPECT_FALSE(log_->wait("s", 1, Duration::millis(1)));
}

TEST_F(DurableLogTest, RefusesMoreThanMayWait) {
  open({.group_wait = Duration::seconds(60), .waiting_bytes = 10});
  std::promise<bool> answered;
  log_->submit({.stream = "s", .records = batch_of({"12345678901"})},
               [&](const Result<Appended>& result) { answered.set_value(result.has_value()); });
  // The log's thread waits for others before it takes any.
  const auto refused = append({"x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  log_ = nullptr;  // What waited is appended all the same.
  EXPECT_TRUE(answered.get_future().get());
}

// Whatever the disk does, what was answered is there, and nothing twice.
TEST_F(DurableLogTest, LosesNothingAnsweredWhereTheDiskIsFull) {
  ASSERT_TRUE(append({"a"}, "1"));
  faults_.is_full = true;
  const auto failed = append({"b", "c"}, "2");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().to_string(), HasSubstr("No space left"));
  EXPECT_FALSE(append({"b", "c"}, "2"));
  faults_.is_full = false;
  EXPECT_EQ(append({"b", "c"}, "2")->first, 1U);
  EXPECT_EQ(append({"d"}, "3")->first, 3U);
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c", "d"));
  open();
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(DurableLogTest, AppendsOnceWhereASyncFailed) {
  ASSERT_TRUE(append({"a"}, "1"));
  faults_.syncs_fail = true;
  EXPECT_FALSE(append({"b"}, "2"));
  faults_.syncs_fail = false;
  const auto again = append({"b"}, "2");  // It may have been there.
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first, 1U);
  EXPECT_EQ(append({"c"})->first, 2U);
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c"));
  open();
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace lymer::log
