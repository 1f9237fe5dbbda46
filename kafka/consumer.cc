// librdkafka's calls for partitions, lists in and lists out.
// Not here: one partition's records (kafka/partition_reader.cc).
#include "kafka/consumer.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/client.h"
#include "kafka/partition_reader.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

// For the answer to the offsets of a job's end, which nobody depends on.
constexpr int kLastCommitMillis = 5000;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      decltype(&rd_kafka_topic_partition_list_destroy)>;

int millis(Duration duration) { return static_cast<int>(duration.to_millis()); }

PartitionList new_list(std::size_t size) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(size)),
                       rd_kafka_topic_partition_list_destroy);
}

std::span<rd_kafka_topic_partition_t> elements(const PartitionList& list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

void add(const PartitionList& list, const Partition& partition, std::int64_t offset) {
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset =
      offset;
}

Error failed(const std::string& action, const Client& client, rd_kafka_resp_err_t code) {
  const std::string trouble = client.last_trouble();
  return Error{ErrorCode::kIo, text("{}: {}{}", action, rd_kafka_err2str(code),
                                    trouble.empty() ? "" : text(" ({})", trouble))};
}

Result<Client::Bounds> bounds_of(const Client& client, const Partition& partition,
                                 Duration patience) {
  auto bounds = client.bounds_of(partition.topic, partition.number, patience);
  if (bounds) return bounds;
  return bounds.error().within(text("finding the ends of `{}`", to_string(partition)));
}

// What librdkafka fills in for a list: the offset, or an error, of each.
using Lookup = rd_kafka_resp_err_t (*)(rd_kafka_t*, rd_kafka_topic_partition_list_t*, int);

Result<std::vector<std::int64_t>> look_up(const Client& client, const PartitionList& list,
                                          Lookup lookup, const char* action, Duration patience) {
  const rd_kafka_resp_err_t code = lookup(client.get(), list.get(), millis(patience));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(action, client, code);
  std::vector<std::int64_t> offsets;
  for (const rd_kafka_topic_partition_t& each : elements(list)) {
    if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failed(text("{}: `{}-{}`", action, each.topic, each.partition), client, each.err);
    }
    offsets.push_back(each.offset);
  }
  return offsets;
}

}  // namespace

std::string to_string(const Partition& partition) {
  return text("{}-{}", partition.topic, partition.number);
}

Result<std::unique_ptr<Consumer>> Consumer::make(Properties properties, FileSystem& files) {
  properties.set("enable.auto.commit", "false");
  properties.set("enable.auto.offset.store", "false");
  properties.set("enable.partition.eof", "true");
  properties.set_default("group.id", "lymer");
  properties.set_default("isolation.level", "read_committed");
  // An offset that is gone is told, never passed over.
  properties.set_default("auto.offset.reset", "error");
  // librdkafka 2.0.2 fetches slowly once a queue has this many; the bytes bound it.
  properties.set_default("queued.min.messages", "10000000");
  properties.set_default("queued.max.messages.kbytes", "65536");
  properties.set_default("reconnect.backoff.max.ms", "500");
  LYMER_ASSIGN_OR_RETURN(auto client, Client::make(Client::Kind::kConsumer, properties, files));
  rd_kafka_poll_set_consumer(client->get());
  return std::make_unique<Consumer>(std::move(client));
}

Consumer::Consumer(std::unique_ptr<Client> client) : client_(std::move(client)) {}
Consumer::~Consumer() = default;

Result<std::vector<Partition>> Consumer::partitions(
    const std::function<bool(const std::string& topic)>& is_wanted, Duration patience) const {
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client_->get(), 1, nullptr, &found, millis(patience));
  const Metadata metadata(found, rd_kafka_metadata_destroy);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failed("asking Kafka for its topics", *client_, code);
  }
  std::vector<Partition> partitions;
  for (const auto& topic :
       std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) {
    const std::string name = topic.topic;
    if (!is_wanted(name)) continue;
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failed(text("asking Kafka for topic `{}`", name), *client_, topic.err);
    }
    for (std::int32_t i = 0; i < topic.partition_cnt; ++i) partitions.push_back({name, i});
  }
  std::ranges::sort(partitions);
  return partitions;
}

Result<std::vector<std::int64_t>> Consumer::begin_at(const Start& start,
                                                     const std::vector<Partition>& partitions,
                                                     Duration patience) const {
  std::vector<std::int64_t> offsets(partitions.size(), -1);
  const PartitionList list = new_list(partitions.size());
  const auto* time = std::get_if<StartAtTime>(&start);
  for (const Partition& each : partitions) {
    add(list, each, time != nullptr ? time->time.to_millis() : RD_KAFKA_OFFSET_INVALID);
  }
  if (time != nullptr && !partitions.empty()) {
    LYMER_ASSIGN_OR_RETURN(offsets, look_up(*client_, list, rd_kafka_offsets_for_times,
                                            "finding offsets by time", patience));
  } else if (std::holds_alternative<StartCommitted>(start) && !partitions.empty()) {
    LYMER_ASSIGN_OR_RETURN(offsets, look_up(*client_, list, rd_kafka_committed,
                                            "finding committed offsets", patience));
  } else if (const auto* given = std::get_if<StartAtOffsets>(&start)) {
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      const auto found = given->offsets.find(partitions[i]);
      if (found != given->offsets.end()) offsets[i] = found->second;
    }
  }
  const bool is_at_end = time != nullptr || std::holds_alternative<StartLatest>(start);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (offsets[i] >= 0) continue;
    LYMER_ASSIGN_OR_RETURN(const Client::Bounds bounds,
                           bounds_of(*client_, partitions[i], patience));
    offsets[i] = is_at_end ? bounds.end : bounds.first;
  }
  return offsets;
}

Result<std::int64_t> Consumer::end_of(const Partition& partition, Duration patience) const {
  LYMER_ASSIGN_OR_RETURN(const Client::Bounds bounds, bounds_of(*client_, partition, patience));
  return bounds.end;
}

std::unique_ptr<PartitionReader> Consumer::open(const Partition& partition, Span span) const {
  return open_partition(*client_, partition, span);
}

void Consumer::commit(const std::map<Partition, std::int64_t>& next, bool waits_for_answer) const {
  if (next.empty()) return;
  const PartitionList list = new_list(next.size());
  for (const auto& [partition, offset] : next) add(list, partition, offset);
  if (!waits_for_answer) {
    (void)rd_kafka_commit(client_->get(), list.get(), 1);
    return;
  }
  // A wait of librdkafka's own would last until there is a coordinator of the group.
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> answers(
      rd_kafka_queue_new(client_->get()), rd_kafka_queue_destroy);
  if (rd_kafka_commit_queue(client_->get(), list.get(), answers.get(), nullptr, nullptr) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return;
  }
  rd_kafka_event_t* answer = rd_kafka_queue_poll(answers.get(), kLastCommitMillis);
  if (answer != nullptr) rd_kafka_event_destroy(answer);
}

Result<void> Consumer::look_after() const {
  rd_kafka_message_t* message = rd_kafka_consumer_poll(client_->get(), 0);
  if (message != nullptr) rd_kafka_message_destroy(message);  // What passes by itself.
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(client_->get(), nullptr, 0);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return failed("reading from Kafka", *client_, code);
}

}  // namespace lymer::kafka
