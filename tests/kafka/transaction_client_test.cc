// Keys, headers, times and partitions on their way to a broker.
// Not here: threads and errors (producer_test.cc beside this file).
#include "kafka/transaction_client.h"

#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {
namespace {

TEST(TransactionClient, SendsAllOfARecord) {
  const MockCluster cluster;
  cluster.make_topic("t", 1);
  PosixFileSystem files;
  const auto properties = Properties::parse({.brokers = cluster.brokers()}).value();
  const auto sender = TransactionClient::make(properties, {.transactional_id = "job"}, files);
  ASSERT_TRUE(sender);
  ASSERT_TRUE((*sender)->start());
  ASSERT_TRUE((*sender)->send({.topic = "t",
                               .key = "k",
                               .value = "v",
                               .headers = {{"h", "1"}},
                               .time = EventTime::from_millis(1234),
                               .partition = 0}));
  ASSERT_TRUE((*sender)->commit());
  const auto client = Client::make(Client::Kind::kConsumer, properties, files).value();
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client->get(), "t", nullptr);
  ASSERT_EQ(rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING), 0);
  rd_kafka_message_t* found = rd_kafka_consume(topic, 0, 20'000);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(std::string(static_cast<const char*>(found->key), found->key_len), "k");
  EXPECT_EQ(std::string(static_cast<const char*>(found->payload), found->len), "v");
  EXPECT_EQ(rd_kafka_message_timestamp(found, nullptr), 1234);
  rd_kafka_headers_t* headers = nullptr;
  ASSERT_EQ(rd_kafka_message_headers(found, &headers), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(rd_kafka_header_cnt(headers), 1U);
  rd_kafka_message_destroy(found);
  rd_kafka_consume_stop(topic, 0);
  rd_kafka_topic_destroy(topic);
}

}  // namespace
}  // namespace lymer::kafka
