// Which partitions there are, where they begin and end.
// Not here: one partition record by record (partition_reader_test.cc).
#include "kafka/consumer.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/consumer_fixture.h"
#include "tests/kafka/topic_writer.h"

namespace lymer::kafka {
namespace {

using ::testing::ElementsAre;

constexpr Duration kPatience = Duration::seconds(30);

class ConsumerTest : public ConsumerFixture {};

TEST_F(ConsumerTest, ListsPartitionsInOrder) {
  const auto found = consumer->partitions([](const std::string&) { return true; }, kPatience);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_THAT(*found, ElementsAre(Partition{"t", 0}, Partition{"t", 1}, Partition{"u", 0}));
  EXPECT_EQ(to_string(found->front()), "t-0");
}

TEST_F(ConsumerTest, FindsTheEnds) {
  write(cluster.brokers(), {{.topic = "u", .value = "a"}, {.topic = "u", .value = "b"}});
  EXPECT_EQ(*consumer->end_of({"u", 0}, kPatience), 2);
  EXPECT_THAT(*consumer->begin_at(StartLatest{}, {{"u", 0}, {"t", 0}}, kPatience),
              ElementsAre(2, 0));
}

TEST_F(ConsumerTest, WaitsForTheLeaderOfATopicThatWasJustMade) {
  constexpr std::int16_t kListOffsets = 2;  // Of the protocol.
  cluster.answer_with(kListOffsets, std::vector(8, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
  const auto end = consumer->end_of({"u", 0}, kPatience);
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(*end, 0);
  cluster.answer_with(kListOffsets, std::vector(8, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto refused = consumer->end_of({"u", 0}, kPatience);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), ::testing::HasSubstr("finding the ends of `u-0`"));
}

}  // namespace
}  // namespace lymer::kafka
