// Made with the admin API, read with a consumer that belongs to no group.
// Not here: transactions.
#include "kafka/commit_topic.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "kafka/client.h"
#include "runtime/base/clock.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr int kWaitMillis = 100;  // Of one wait among many.
constexpr std::size_t kMessageBytes = 512;

template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

double in_seconds(Duration duration) { return static_cast<double>(duration.to_millis()) / 1000.0; }
int millis(Duration duration) { return static_cast<int>(duration.to_millis()); }

// Gives what the broker says, empty for a success.
std::string outcome_of(rd_kafka_event_t* event) {
  if (event == nullptr) return "no answer";
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return rd_kafka_event_error_string(event);
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (const rd_kafka_topic_result_t* each : std::span(results, count)) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(each);
    // Another job may have been quicker.
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    const char* words = rd_kafka_topic_result_error_string(each);
    return words == nullptr ? rd_kafka_err2str(code) : words;
  }
  return {};
}

Result<void> make_compacted(const Client& client, const std::string& name, Duration patience) {
  std::array<char, kMessageBytes> words{};
  constexpr int kReplicasOfBroker = -1;
  const Owned<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(name.c_str(), CommitTopic::kPartitions, kReplicasOfBroker, words.data(),
                            words.size()),
      rd_kafka_NewTopic_destroy);
  if (topic == nullptr) return Error{ErrorCode::kInvalidArgument, words.data()};
  rd_kafka_NewTopic_set_config(topic.get(), "cleanup.policy", "compact");
  const Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS),
      rd_kafka_AdminOptions_destroy);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), millis(patience), words.data(),
                                              words.size());
  const Owned<rd_kafka_queue_t> answers(rd_kafka_queue_new(client.get()), rd_kafka_queue_destroy);
  rd_kafka_NewTopic_t* one = topic.get();
  rd_kafka_CreateTopics(client.get(), &one, 1, options.get(), answers.get());
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(answers.get(), 2 * millis(patience)),
                                      rd_kafka_event_destroy);
  const std::string wrong = outcome_of(event.get());
  if (wrong.empty()) return {};
  return Error{ErrorCode::kIo,
               text("making the topic `{}`, in which checkpoints are decided: {}", name, wrong)};
}

// Reads one partition from its beginning.
class Reader {
 public:
  Reader(const Client& client, const std::string& name, std::int32_t partition)
      : topic_(rd_kafka_topic_new(client.get(), name.c_str(), nullptr), rd_kafka_topic_destroy),
        partition_(partition),
        is_started_(rd_kafka_consume_start(topic_.get(), partition, RD_KAFKA_OFFSET_BEGINNING) ==
                    0) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  Reader(Reader&&) = delete;
  Reader& operator=(Reader&&) = delete;
  ~Reader() {
    if (is_started_) rd_kafka_consume_stop(topic_.get(), partition_);
  }
  [[nodiscard]] bool is_started() const noexcept { return is_started_; }
  // Null if nothing has come.
  [[nodiscard]] Owned<rd_kafka_message_t> next() const {
    return {rd_kafka_consume(topic_.get(), partition_, kWaitMillis), rd_kafka_message_destroy};
  }

 private:
  Owned<rd_kafka_topic_t> topic_;
  std::int32_t partition_;
  bool is_started_;
};

std::string_view bytes_in(const void* begin, std::size_t size) {
  return {static_cast<const char*>(begin), size};
}

}  // namespace

Result<void> CommitTopic::make_if_missing() {
  LYMER_ASSIGN_OR_RETURN(const auto client,
                         Client::make(Client::Kind::kProducer, properties_, files_));
  LYMER_RETURN_IF_ERROR(client->reach(patience_));
  const SystemClock clock;
  const double begun = clock.monotonic_seconds();
  bool is_made = false;
  while (true) {
    LYMER_ASSIGN_OR_RETURN(const auto partitions, client->partitions_of(name_, patience_));
    if (partitions && *partitions > 0) {
      partitions_ = *partitions;
      return {};
    }
    if (!is_made) LYMER_RETURN_IF_ERROR(make_compacted(*client, name_, patience_));
    is_made = true;
    if (clock.monotonic_seconds() - begun >= in_seconds(patience_)) {
      return Error{ErrorCode::kIo, text("the topic `{}` was made, and no broker has it", name_)};
    }
    rd_kafka_poll(client->get(), kWaitMillis);
  }
}

std::int32_t CommitTopic::partition_of(const std::string& job) const {
  const std::uint64_t hash = hash64(std::as_bytes(std::span(job)));
  return static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(std::max(partitions_, 1)));
}

Record CommitTopic::message(const std::string& job, const CommitRecord& record) const {
  return {.topic = name_, .key = job, .value = encode(record), .partition = partition_of(job)};
}

// What is undecided yet included: who reads committed records alone ends before it.
Result<std::int64_t> CommitTopic::end_of(std::int32_t partition) const {
  Properties properties = properties_;
  properties.set("isolation.level", "read_uncommitted");
  LYMER_ASSIGN_OR_RETURN(const auto client,
                         Client::make(Client::Kind::kConsumer, properties, files_));
  const auto bounds = client->bounds_of(name_, partition, patience_);
  if (!bounds) return bounds.error().within(text("asking for the end of the topic `{}`", name_));
  return bounds->end;
}

Result<std::optional<CommitRecord>> CommitTopic::read(const std::string& job) const {
  const std::int32_t partition = partition_of(job);
  LYMER_ASSIGN_OR_RETURN(const std::int64_t end, end_of(partition));
  std::optional<CommitRecord> newest;
  if (end == 0) return newest;
  Properties properties = properties_;
  properties.set("isolation.level", "read_committed");
  properties.set("enable.partition.eof", "true");
  properties.set("auto.offset.reset", "error");
  LYMER_ASSIGN_OR_RETURN(const auto client,
                         Client::make(Client::Kind::kConsumer, properties, files_));
  const Reader reader(*client, name_, partition);
  const Error failed{ErrorCode::kIo,
                     text("reading partition {} of the topic `{}`", partition, name_)};
  if (!reader.is_started()) return failed;
  const SystemClock clock;
  const double begun = clock.monotonic_seconds();
  while (clock.monotonic_seconds() - begun < in_seconds(patience_)) {
    const auto message = reader.next();
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (message->offset >= end) return newest;
      continue;  // A transaction is open there; when it is decided more comes.
    }
    if (passes_by_itself(message->err)) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failed.within(rd_kafka_message_errstr(message.get()));
    }
    if (bytes_in(message->key, message->key_len) != job) continue;
    LYMER_ASSIGN_OR_RETURN(newest, decode_commit_record(bytes_in(message->payload, message->len)));
  }
  return failed.within(
      text("what is committed was not known after {} s; a transaction of another job may be open "
           "there",
           in_seconds(patience_)));
}

}  // namespace lymer::kafka
