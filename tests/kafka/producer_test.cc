// What is sent when, what is held back, and what errors do to who asks.
// Not here: that what is not committed is not seen (tests/kafka/kill_test.py).
#include "kafka/producer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {
namespace {

using runtime::Epoch;
using ::testing::HasSubstr;

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kEndTransaction = 26;

class Producing : public ::testing::Test {
 protected:
  Producing() { cluster_.make_topic("t", 1); }
  std::unique_ptr<Producer> make(ProducerOptions options = {}) {
    if (options.guarantee == Guarantee::kExactlyOnce) options.transactional_id = "job";
    auto properties =
        Properties::parse({.brokers = cluster_.brokers(), .guarantee = options.guarantee});
    auto made = Producer::make(*std::move(properties), options, files_);
    EXPECT_TRUE(made) << made.error().to_string();
    return *std::move(made);
  }
  static Record record(std::string value) { return {.topic = "t", .value = std::move(value)}; }

  MockCluster cluster_;
  PosixFileSystem files_;
};

TEST_F(Producing, CommitsWhatWasWritten) {
  const auto producer = make();
  ASSERT_TRUE(producer->write(Epoch(1), {record("a"), record("b")}));
  ASSERT_TRUE(producer->commit(Epoch(1), record("decision")));
  EXPECT_EQ(cluster_.records_in("t"), 3);
}

TEST_F(Producing, HoldsBackWhatIsBehindABarrier) {
  const auto producer = make();
  ASSERT_TRUE(producer->write(Epoch(2), {record("of the next")}));
  ASSERT_TRUE(producer->write(Epoch(1), {record("a")}));
  ASSERT_TRUE(producer->commit(Epoch(1), record("decision")));
  EXPECT_EQ(cluster_.records_in("t"), 2);
  producer->release(Epoch(1));
  ASSERT_TRUE(producer->commit(Epoch(2), record("decision")));
  EXPECT_EQ(cluster_.records_in("t"), 4);
}

TEST_F(Producing, SendsWhatIsHeldBackWithItsOwnCheckpoint) {
  const auto producer = make();
  ASSERT_TRUE(producer->write(Epoch(2), {record("held"), record("held")}));
  ASSERT_TRUE(producer->commit(Epoch(2), record("decision")));
  EXPECT_EQ(cluster_.records_in("t"), 3);
}

TEST_F(Producing, HasNoRoomForMoreThanItsBuffer) {
  const auto producer = make({.buffer_bytes = 1000});
  EXPECT_TRUE(producer->has_room());
  ASSERT_TRUE(producer->write(Epoch(2), {record(std::string(2000, 'x'))}));
  EXPECT_FALSE(producer->has_room());
  ASSERT_TRUE(producer->commit(Epoch(2), record("decision")));
  EXPECT_TRUE(producer->has_room());
}

TEST_F(Producing, TriesAgainWhereThatHelps) {
  const auto producer = make();
  cluster_.answer_with(kEndTransaction, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                         RD_KAFKA_RESP_ERR_NOT_COORDINATOR});
  ASSERT_TRUE(producer->write(Epoch(1), {record("a")}));
  const auto committed = producer->commit(Epoch(1), record("decision"));
  EXPECT_TRUE(committed) << committed.error().to_string();
}

TEST_F(Producing, EndsWhereAnotherHasTakenItsPlace) {
  const auto producer = make();
  cluster_.answer_with(kEndTransaction, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  ASSERT_TRUE(producer->write(Epoch(1), {record("a")}));
  const auto committed = producer->commit(Epoch(1), record("decision"));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::kInvalidArgument) << "nothing to try again";
  EXPECT_THAT(committed.error().to_string(), HasSubstr("another process has taken over"));
  EXPECT_TRUE(producer->has_room()) << "nobody is to wait for it";
  EXPECT_FALSE(producer->write(Epoch(2), {record("b")}));
  EXPECT_FALSE(producer->flush(Epoch(2)));
}

TEST_F(Producing, TellsOfARecordThatBrokersDoNotTake) {
  const auto producer = make({.guarantee = Guarantee::kAtLeastOnce});
  cluster_.answer_with(kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  ASSERT_TRUE(producer->write(Epoch(1), {record("a")}));
  const auto flushed = producer->flush(Epoch(1));
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::kIo);
  EXPECT_THAT(flushed.error().to_string(), HasSubstr("sending to topic `t`"));
}

TEST_F(Producing, CountsWhatIsLostWhereItMay) {
  const auto producer = make({.guarantee = Guarantee::kNone});
  cluster_.answer_with(kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  ASSERT_TRUE(producer->write(Epoch(1), {record("a")}));
  EXPECT_TRUE(producer->flush(Epoch(1)));
  EXPECT_EQ(producer->lost(), 1U);
}

TEST_F(Producing, SendsAtOnceWithoutTransactions) {
  const auto producer = make({.guarantee = Guarantee::kAtLeastOnce});
  ASSERT_TRUE(producer->write(Epoch(9), {record("a")}));
  ASSERT_TRUE(producer->flush(Epoch(9)));
  EXPECT_EQ(cluster_.records_in("t"), 1);
}

TEST(Producer, SaysWhereNobodyAnswers) {
  PosixFileSystem files;
  const auto made =
      Producer::make(Properties::parse({.brokers = "127.0.0.1:1"}).value(),
                     {.transactional_id = "job", .deadline = Duration::millis(300)}, files);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().to_string(), HasSubstr("`127.0.0.1:1` within 0.3 s"));
}

}  // namespace
}  // namespace lymer::kafka
