// Makes a topic, or prints what is committed in one: for tests that do not trust the program.
//
//   kafka_topic make BROKERS TOPIC PARTITIONS
//   kafka_topic read BROKERS TOPIC     each record a line: PARTITION, a tab, its value
//
// It shares no code with the product and reads to the end of each partition, with
// isolation.level=read_committed, so that what is undecided is waited for. Not here: what records
// mean.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <librdkafka/rdkafka.h>

namespace {

constexpr int kMillis = 30'000;

int fail(const std::string& why) {
  std::fprintf(stderr, "kafka_topic: %s\n", why.c_str());
  return 1;
}

rd_kafka_t* make_client(rd_kafka_type_t type, const std::string& brokers, const char* isolation) {
  std::array<char, 512> words{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), words.data(), words.size());
  rd_kafka_conf_set(conf, "log_level", "3", words.data(), words.size());
  rd_kafka_conf_set(conf, "isolation.level", isolation, words.data(), words.size());
  rd_kafka_conf_set(conf, "enable.partition.eof", "true", words.data(), words.size());
  return rd_kafka_new(type, conf, words.data(), words.size());
}

int make(const std::string& brokers, const std::string& topic, int partitions) {
  rd_kafka_t* client = make_client(RD_KAFKA_PRODUCER, brokers, "read_committed");
  std::array<char, 512> words{};
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, words.data(), words.size());
  rd_kafka_AdminOptions_t* options =
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_operation_timeout(options, kMillis, words.data(), words.size());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, options, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kMillis);
  if (event == nullptr) return fail("no answer");
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  if (count != 1) return fail(rd_kafka_event_error_string(event));
  const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[0]);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(rd_kafka_err2str(code));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(client);
  return 0;
}

// Up to the high watermark, which stands behind what is undecided.
int read_partition(rd_kafka_t* client, rd_kafka_topic_t* topic, std::int32_t partition,
                   std::int64_t end) {
  if (rd_kafka_consume_start(topic, partition, RD_KAFKA_OFFSET_BEGINNING) != 0) {
    return fail("cannot read");
  }
  (void)client;
  for (int waits = 0; waits < 300;) {
    rd_kafka_message_t* message = rd_kafka_consume(topic, partition, 100);
    if (message == nullptr) {
      ++waits;
      continue;
    }
    const bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && message->offset >= end;
    const bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_record) {
      std::printf("%d\t", static_cast<int>(partition));
      std::fwrite(message->payload, 1, message->len, stdout);
      std::putchar('\n');
    }
    rd_kafka_message_destroy(message);
    if (is_end) {
      rd_kafka_consume_stop(topic, partition);
      return 0;
    }
  }
  return fail("its end does not come");
}

int read(const std::string& brokers, const std::string& name) {
  rd_kafka_t* all = make_client(RD_KAFKA_CONSUMER, brokers, "read_uncommitted");
  rd_kafka_t* client = make_client(RD_KAFKA_CONSUMER, brokers, "read_committed");
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 0, topic, &metadata, kMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("no metadata");
  }
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  for (std::int32_t i = 0; i < partitions; ++i) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (rd_kafka_query_watermark_offsets(all, name.c_str(), i, &begin, &end, kMillis) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail("no watermarks");
    }
    if (end == 0) continue;
    if (const int wrong = read_partition(client, topic, i, end); wrong != 0) return wrong;
  }
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  rd_kafka_destroy(all);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string command = count > 3 ? arguments[1] : "";
  if (command == "make" && count == 5) {
    return make(arguments[2], arguments[3], std::atoi(arguments[4]));
  }
  if (command == "read" && count == 4) return read(arguments[2], arguments[3]);
  return fail("make BROKERS TOPIC PARTITIONS, or read BROKERS TOPIC");
}
