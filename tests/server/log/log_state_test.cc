// Offsets, retention and repetitions, without threads.
// Not here: syncs and readers (tests/server/log/durable_log_test.cc).
#include "server/log/log_state.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::log {
namespace {

using ::testing::HasSubstr;

EventTime at(std::int64_t seconds) { return EventTime::from_millis(seconds * 1000); }

RecordBatch records(std::size_t count, std::string_view record = "0123456789") {
  RecordBatch batch;
  for (std::size_t i = 0; i < count; ++i) batch.add(record);
  return batch;
}

class LogStateTest : public ::testing::Test {
 protected:
  LogStateTest() { EXPECT_TRUE(state_.load(*store_)); }

  // Stages and writes.
  Result<Appended> append(Append append, EventTime now = at(0)) {
    storage::WriteSet set;
    auto answer = state_.stage(append, now, set);
    EXPECT_TRUE(!answer || store_->write(set));
    return answer;
  }
  void retain(EventTime now) {
    storage::WriteSet set;
    ASSERT_TRUE(state_.apply_retention(*store_, now, set));
    ASSERT_TRUE(store_->write(set));
  }
  void put_stream(const std::string& name, Retention retention) {
    storage::WriteSet set;
    ASSERT_TRUE(state_.put_stream(name, retention, at(0), set));
    ASSERT_TRUE(store_->write(set));
  }
  void load_again() {
    state_ = LogState(kLimits);
    ASSERT_TRUE(state_.load(*store_));
  }
  EndsValue ends() { return state_.infos().at("s").ends; }

  static constexpr MemoryLimits kLimits{.keys = 2, .key_age = Duration::hours(1), .producers = 2};
  const support::TempFiles temp_;
  const std::unique_ptr<storage::OrderedStore> store_ =
      storage::OrderedStore::open({.directory = temp_.path("log")}).value();
  LogState state_{kLimits};
};

TEST_F(LogStateTest, GivesDenseOffsetsAlsoBehindARestart) {
  EXPECT_EQ(append({.stream = "s", .records = records(3)})->first, 0U);
  EXPECT_EQ(append({.stream = "s", .records = records(2000)})->first, 3U);
  EXPECT_EQ(append({.stream = "t", .records = records(1)})->first, 0U);
  load_again();
  EXPECT_EQ(append({.stream = "s", .records = records(1)})->first, 2003U);
  EXPECT_EQ(ends().bytes, 20'040U);
}

TEST_F(LogStateTest, AnswersTheSameKeyWithTheFirstAnswer) {
  const Append one{.stream = "s", .records = records(3), .idempotency_key = "k"};
  EXPECT_FALSE(append(one)->is_repeated);
  (void)append({.stream = "s", .records = records(1)});
  load_again();
  const auto again = append(one);
  EXPECT_TRUE(again->is_repeated);
  EXPECT_EQ(again->first, 0U);
  EXPECT_EQ(again->records, 3U);
  EXPECT_EQ(ends().next, 4U);
  const auto other = append({.stream = "s", .records = records(2), .idempotency_key = "k"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kInvalidArgument);
  // Of another stream it is another key.
  EXPECT_FALSE(append({.stream = "t", .records = records(3), .idempotency_key = "k"})->is_repeated);
}

TEST_F(LogStateTest, ForgetsKeysByNumberAndTimeAlsoOnDisk) {
  for (const std::string key : {"a", "b", "c"}) {
    (void)append({.stream = "s", .records = records(1), .idempotency_key = key});
  }
  load_again();
  EXPECT_TRUE(append({.stream = "s", .records = records(1), .idempotency_key = "b"})->is_repeated);
  EXPECT_FALSE(append({.stream = "s", .records = records(1), .idempotency_key = "a"})->is_repeated);
  (void)append({.stream = "s", .records = records(1)}, at(3601));
  load_again();
  EXPECT_FALSE(append({.stream = "s", .records = records(1), .idempotency_key = "c"})->is_repeated);
}

TEST_F(LogStateTest, DoesEachSequenceNumberOfAProducerOnce) {
  const auto produce = [&](std::string producer, std::uint64_t sequence) {
    return append({.stream = "s",
                   .records = records(1),
                   .producer = std::move(producer),
                   .sequence = sequence});
  };
  EXPECT_FALSE(produce("p", 5)->is_repeated);
  EXPECT_TRUE(produce("p", 5)->is_repeated);
  EXPECT_TRUE(produce("p", 4)->is_repeated);
  EXPECT_FALSE(produce("q", 4)->is_repeated);
  load_again();
  EXPECT_TRUE(produce("p", 5)->is_repeated);
  EXPECT_FALSE(produce("p", 6)->is_repeated);
  EXPECT_EQ(ends().next, 3U);
  EXPECT_FALSE(produce("r", 1)->is_repeated);  // Forgets q, whose last append is the oldest.
  EXPECT_FALSE(produce("q", 4)->is_repeated);
}

TEST_F(LogStateTest, RefusesWhatCannotBeAppended) {
  for (const std::string name : {"", "a/b", "a b", "\xc3\xa4"}) {
    const auto refused = append({.stream = name, .records = records(1)});
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message, HasSubstr("named"));
  }
  EXPECT_FALSE(append({.stream = std::string(201, 'x'), .records = records(1)}));
  EXPECT_FALSE(append({.stream = "s", .records = RecordBatch()}));
  EXPECT_FALSE(
      append({.stream = "s", .records = records(1), .idempotency_key = std::string(256, 'x')}));
  EXPECT_FALSE(append({.stream = "s", .records = records(129, std::string(1 << 20, 'x'))}));
  EXPECT_TRUE(state_.infos().empty());
}

TEST_F(LogStateTest, KeepsNoMoreBytesThanAllowed) {
  put_stream("s", {.age = {}, .bytes = 100});
  for (int i = 0; i < 15; ++i) (void)append({.stream = "s", .records = records(1)});
  retain(at(0));
  EXPECT_EQ(ends().first, 5U);
  EXPECT_EQ(ends().bytes, 100U);
  EXPECT_EQ(state_.take_gone().size(), 1U);
  retain(at(0));
  EXPECT_TRUE(state_.take_gone().empty());
  load_again();
  EXPECT_EQ(ends().first, 5U);
  EXPECT_EQ(append({.stream = "s", .records = records(1)})->first, 15U);
}

TEST_F(LogStateTest, KeepsNothingThatIsTooOld) {
  put_stream("s", {.age = Duration::seconds(10), .bytes = 0});
  for (int i = 0; i < 5; ++i) (void)append({.stream = "s", .records = records(1)}, at(i * 5));
  retain(at(20));
  EXPECT_EQ(ends().first, 2U);
  retain(at(1000));
  EXPECT_EQ(ends().first, 5U);
  EXPECT_EQ(ends().next, 5U);
  EXPECT_EQ(ends().bytes, 0U);
  load_again();
  EXPECT_EQ(append({.stream = "s", .records = records(1)})->first, 5U);
}

TEST_F(LogStateTest, BeginsAnewAfterAStreamWasRemoved) {
  const Append one{.stream = "s", .records = records(3), .idempotency_key = "k"};
  (void)append(one);
  const StreamNumber number = state_.infos().at("s").stream.number;
  storage::WriteSet set;
  ASSERT_TRUE(state_.remove_stream("s", set));
  ASSERT_TRUE(store_->write(set));
  EXPECT_EQ(state_.remove_stream("s", set).error().code, ErrorCode::kNotFound);
  load_again();
  EXPECT_TRUE(state_.infos().empty());
  EXPECT_EQ(append(one)->first, 0U);
  EXPECT_NE(state_.infos().at("s").stream.number, number);
}

TEST_F(LogStateTest, RefusesANewerFormat) {
  storage::WriteSet set;
  set.put(key_of(KeyKind::kVersion), "\xff\x01");
  ASSERT_TRUE(store_->write(set));
  EXPECT_EQ(LogState(kLimits).load(*store_).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lymer::log
