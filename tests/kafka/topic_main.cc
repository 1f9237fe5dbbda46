// Makes a topic, writes to one, or prints what is committed in it: for tests that do not trust the
// program.
//
//   kafka_topic make BROKERS TOPIC PARTITIONS
//   kafka_topic read BROKERS TOPIC     each record a line: PARTITION, a tab, its value
//   kafka_topic commit BROKERS TOPIC   each line of standard input a record, in one transaction
//   kafka_topic abort BROKERS TOPIC    the same, but the transaction is aborted
//
// It shares no code with the product and reads to the end of each partition, with
// isolation.level=read_committed, so that what is undecided is waited for. A topic whose first
// records the broker has removed already is an error: nobody can say what was in it. Not here: what
// records mean.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <librdkafka/rdkafka.h>

namespace {

constexpr int kMillis = 30'000;
constexpr int kWaitMillis = 100;  // Of one wait among many.
constexpr int kWaits = 300;

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
  if (type == RD_KAFKA_CONSUMER) {
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", words.data(), words.size());
    rd_kafka_conf_set(conf, "auto.offset.reset", "error", words.data(), words.size());
  } else {
    rd_kafka_conf_set(conf, "transactional.id", "kafka-topic", words.data(), words.size());
  }
  return rd_kafka_new(type, conf, words.data(), words.size());
}

// Brokers hear of a new topic one after the other, and of its leaders later still.
int wait_for_leaders(rd_kafka_t* client, const std::string& topic, int partitions) {
  for (int waits = 0; waits < kWaits; ++waits) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client, 1, nullptr, &metadata, kMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail("no metadata");
    }
    int led = 0;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& one = metadata->topics[i];
      if (topic != one.topic) continue;
      for (int each = 0; each < one.partition_cnt; ++each) led += one.partitions[each].leader >= 0;
    }
    rd_kafka_metadata_destroy(metadata);
    if (led == partitions) return 0;
    rd_kafka_poll(client, kWaitMillis);
  }
  return fail("the topic has no leaders");
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
  const int waited = wait_for_leaders(client, topic, partitions);
  rd_kafka_destroy(client);
  return waited;
}

int fail(rd_kafka_error_t* error) { return fail(rd_kafka_error_string(error)); }

int write(const std::string& brokers, const std::string& topic, bool is_committed) {
  rd_kafka_t* client = make_client(RD_KAFKA_PRODUCER, brokers, "read_committed");
  if (rd_kafka_error_t* wrong = rd_kafka_init_transactions(client, kMillis)) return fail(wrong);
  if (rd_kafka_error_t* wrong = rd_kafka_begin_transaction(client)) return fail(wrong);
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  for (std::string line; std::getline(std::cin, line);) {
    while (rd_kafka_produce(handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, line.data(),
                            line.size(), nullptr, 0, nullptr) != 0) {
      const rd_kafka_resp_err_t code = rd_kafka_last_error();
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return fail(rd_kafka_err2str(code));
      rd_kafka_poll(client, kWaitMillis);
    }
  }
  // Also what is aborted has to be in the topic, or a reader could not be seen to leave it out.
  if (rd_kafka_flush(client, kMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) return fail("not sent");
  rd_kafka_error_t* wrong = is_committed ? rd_kafka_commit_transaction(client, kMillis)
                                         : rd_kafka_abort_transaction(client, kMillis);
  if (wrong != nullptr) return fail(wrong);
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(client);
  return 0;
}

// Up to the high watermark, which stands behind what is undecided.
int read_partition(rd_kafka_topic_t* topic, std::int32_t partition, std::int64_t end) {
  if (rd_kafka_consume_start(topic, partition, RD_KAFKA_OFFSET_BEGINNING) != 0) {
    return fail("cannot read");
  }
  for (int waits = 0; waits < kWaits;) {
    rd_kafka_message_t* message = rd_kafka_consume(topic, partition, kWaitMillis);
    if (message == nullptr) {
      ++waits;
      continue;
    }
    const bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && message->offset >= end;
    const bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!is_record && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      return fail(rd_kafka_message_errstr(message));
    }
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
    if (begin != 0) return fail("the broker has removed records of " + name);
    if (end == 0) continue;
    if (const int wrong = read_partition(topic, i, end); wrong != 0) return wrong;
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
  if ((command == "commit" || command == "abort") && count == 4) {
    return write(arguments[2], arguments[3], command == "commit");
  }
  return fail("make BROKERS TOPIC PARTITIONS, or read, commit or abort BROKERS TOPIC");
}
