// The newest record of a job, among those of others.
// Not here: what is undecided, which the mock does not hide (tests/kafka/kill_test.py).
#include "kafka/commit_topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/producer.h"
#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

TEST(CommitTopic, GivesTheNewestRecordOfAJob) {
  const MockCluster cluster;
  cluster.make_topic("commits", 1);
  PosixFileSystem files;
  const auto properties = Properties::parse({.brokers = cluster.brokers()}).value();
  CommitTopic topic("commits", properties, kPatience, files);
  ASSERT_TRUE(topic.make_if_missing());
  EXPECT_EQ(topic.read("a").value(), std::nullopt);
  const auto producer =
      Producer::make(properties, {.guarantee = Guarantee::kAtLeastOnce}, files).value();
  const CommitRecord first{runtime::Epoch(1), "one"};
  const CommitRecord second{runtime::Epoch(2), "two"};
  const CommitRecord third{runtime::Epoch(3), "three"};
  ASSERT_TRUE(producer->write(
      runtime::Epoch(1),
      {topic.message("a", first), topic.message("a", second), topic.message("b", third)}));
  ASSERT_TRUE(producer->flush(runtime::Epoch(1)));
  EXPECT_EQ(topic.read("a").value(), second);
  EXPECT_EQ(topic.read("b").value(), third);
  EXPECT_EQ(topic.read("c").value(), std::nullopt);
}

TEST(CommitTopic, WaitsForTheLeaderOfATopicThatWasJustMade) {
  constexpr std::int16_t kListOffsets = 2;  // Of the protocol.
  const MockCluster cluster;
  cluster.make_topic("commits", 1);
  PosixFileSystem files;
  const auto properties = Properties::parse({.brokers = cluster.brokers()}).value();
  CommitTopic topic("commits", properties, kPatience, files);
  ASSERT_TRUE(topic.make_if_missing());
  cluster.answer_with(kListOffsets, std::vector(8, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
  const auto read = topic.read("a");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, std::nullopt);
  cluster.answer_with(kListOffsets, std::vector(8, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto refused = topic.read("a");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), ::testing::HasSubstr("authorization failed"));
}

TEST(CommitTopic, RefusesADamagedRecord) {
  const MockCluster cluster;
  cluster.make_topic("commits", 1);
  PosixFileSystem files;
  const auto properties = Properties::parse({.brokers = cluster.brokers()}).value();
  CommitTopic topic("commits", properties, kPatience, files);
  ASSERT_TRUE(topic.make_if_missing());
  const auto producer =
      Producer::make(properties, {.guarantee = Guarantee::kAtLeastOnce}, files).value();
  Record damaged = topic.message("a", {runtime::Epoch(1), "one"});
  damaged.value.back() ^= 1;
  ASSERT_TRUE(producer->write(runtime::Epoch(1), {damaged}));
  ASSERT_TRUE(producer->flush(runtime::Epoch(1)));
  const auto read = topic.read("a");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::kafka
