// Puts records into topics of a cluster, for tests of who reads them.
// Not here: the product's own producer (kafka/producer.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace lymer::kafka {

struct Written {
  std::string topic;
  std::int32_t partition = 0;
  std::string value;
  std::string key = {};  // None if empty.
  std::int64_t time = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Sends all of them, and waits until the cluster has them.
inline void write(const std::string& brokers, const std::vector<Written>& records) {
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  ASSERT_EQ(rd_kafka_conf_set(configuration, "bootstrap.servers", brokers.c_str(), nullptr, 0),
            RD_KAFKA_CONF_OK);
  const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
      rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nullptr, 0), rd_kafka_destroy);
  for (const Written& each : records) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(each.headers.size());
    for (const auto& [name, value] : each.headers) {
      rd_kafka_header_add(headers, name.c_str(), -1, value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    std::string value = each.value;
    const void* key = each.key.empty() ? nullptr : each.key.data();
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        client.get(), RD_KAFKA_V_TOPIC(each.topic.c_str()), RD_KAFKA_V_PARTITION(each.partition),
        RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_KEY(key, each.key.size()),
        RD_KAFKA_V_TIMESTAMP(each.time), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ASSERT_EQ(code, RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  ASSERT_EQ(rd_kafka_flush(client.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace lymer::kafka
