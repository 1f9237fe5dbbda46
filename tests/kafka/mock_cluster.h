// librdkafka's cluster in this process: for errors that a broker gives, not for what it keeps.
// Not here: a real broker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace lymer::kafka {

class MockCluster {
 public:
  MockCluster()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0), rd_kafka_destroy),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1), rd_kafka_mock_cluster_destroy) {}

  [[nodiscard]] std::string brokers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }
  void make_topic(const std::string& name, int partitions) const {
    rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1);
  }
  // Records in partition 0, decided or not.
  [[nodiscard]] std::int64_t records_in(const std::string& topic) const {
    const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
        rd_kafka_new(RD_KAFKA_PRODUCER, configuration(), nullptr, 0), rd_kafka_destroy);
    std::int64_t begin = 0;
    std::int64_t end = -1;
    rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), 0, &begin, &end, 20'000);
    return end;
  }
  // The next answers to requests of this kind of the protocol.
  void answer_with(std::int16_t kind, std::vector<rd_kafka_resp_err_t> errors) const {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), kind, errors.size(), errors.data());
  }
  [[nodiscard]] rd_kafka_mock_cluster_t* get() const { return cluster_.get(); }

 private:
  [[nodiscard]] rd_kafka_conf_t* configuration() const {
    rd_kafka_conf_t* made = rd_kafka_conf_new();
    rd_kafka_conf_set(made, "bootstrap.servers", brokers().c_str(), nullptr, 0);
    return made;
  }

  std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster_;
};

}  // namespace lymer::kafka
