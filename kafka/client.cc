// Configuration in, client out; callbacks back to their object.
// Not here: threads; librdkafka has its own, and who polls is the caller's matter.
#include "kafka/client.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/clock.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr int kWarning = 4;  // Of syslog; what is less grave has a greater number.
constexpr std::size_t kMessageBytes = 512;
constexpr int kWaitMillis = 100;  // Between two questions.

using Configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

int millis(Duration duration) { return static_cast<int>(duration.to_millis()); }

Result<void> set(rd_kafka_conf_t* configuration, const ResolvedProperty& property) {
  std::array<char, kMessageBytes> words{};
  const rd_kafka_conf_res_t is_set = rd_kafka_conf_set(
      configuration, property.name.c_str(), property.value.c_str(), words.data(), words.size());
  if (is_set == RD_KAFKA_CONF_OK) return {};
  const bool hides = property.is_secret && is_set != RD_KAFKA_CONF_UNKNOWN;
  return Error{
      ErrorCode::kInvalidArgument,
      text("Kafka property `{}`: {}", property.name,
           hides ? "librdkafka does not take its value, which is a secret" : words.data())};
}

}  // namespace

Failure failure_of(const std::string& action, rd_kafka_error_t* error) {
  Failure failure = failure_of(action, rd_kafka_error_code(error));
  failure.error.message = text("{}: {}", action, rd_kafka_error_string(error));
  if (rd_kafka_error_is_fatal(error) != 0) {
    failure.kind = FailureKind::kFatal;
  } else if (rd_kafka_error_txn_requires_abort(error) != 0) {
    failure.kind = FailureKind::kAbortable;
  } else if (rd_kafka_error_is_retriable(error) != 0) {
    failure.kind = FailureKind::kRetriable;
  }
  rd_kafka_error_destroy(error);
  return failure;
}

// An error without more about it is worth no second try: what can be tried again says so.
Failure failure_of(const std::string& action, rd_kafka_resp_err_t code) {
  const bool is_retriable = code == RD_KAFKA_RESP_ERR__QUEUE_FULL ||
                            code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
                            code == RD_KAFKA_RESP_ERR__TRANSPORT;
  Failure failure{.kind = is_retriable ? FailureKind::kRetriable : FailureKind::kAbortable,
                  .error = {ErrorCode::kIo, text("{}: {}", action, rd_kafka_err2str(code))},
                  .is_fenced = is_fenced(code)};
  if (failure.is_fenced || code == RD_KAFKA_RESP_ERR__FATAL) failure.kind = FailureKind::kFatal;
  return failure;
}

bool passes_by_itself(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
      return true;
    default:
      return false;
  }
}

Client::~Client() {
  if (client_ == nullptr) return;
  // What is in the queue of a producer goes nowhere any more.
  if (rd_kafka_type(client_) == RD_KAFKA_PRODUCER) {
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  }
  rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Result<std::unique_ptr<Client>> Client::make(Kind kind, const Properties& properties,
                                             FileSystem& files, OnDelivery on_delivery) {
  LYMER_ASSIGN_OR_RETURN(auto resolved, properties.resolve(files));
  Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  auto made = std::make_unique<Client>(Passkey{});
  for (const ResolvedProperty& each : resolved) {
    LYMER_RETURN_IF_ERROR(set(configuration.get(), each));
    if (each.name == "bootstrap.servers") made->brokers_ = each.value;
  }
  std::erase_if(resolved, [](const ResolvedProperty& each) { return !each.is_secret; });
  made->secrets_ = std::move(resolved);
  made->on_delivery_ = std::move(on_delivery);
  rd_kafka_conf_set_opaque(configuration.get(), made.get());
  rd_kafka_conf_set_log_cb(configuration.get(), on_log);
  if (made->on_delivery_) rd_kafka_conf_set_dr_msg_cb(configuration.get(), on_delivered);
  std::array<char, kMessageBytes> words{};
  made->client_ = rd_kafka_new(kind == Kind::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                               configuration.get(), words.data(), words.size());
  if (made->client_ == nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 text("Kafka properties: {}", without_secrets(words.data(), made->secrets_))};
  }
  (void)configuration.release();  // The client has it now.
  return made;
}

void Client::on_log(const rd_kafka_t* client, int level, const char* facility, const char* words) {
  (void)facility;
  auto* self = client == nullptr ? nullptr : static_cast<Client*>(rd_kafka_opaque(client));
  if (self == nullptr || level > kWarning) return;
  std::string trouble = without_secrets(words, self->secrets_);
  // `[thrd:...]: ` in front is for who reads librdkafka.
  if (const std::size_t end = trouble.find("]: ");
      trouble.starts_with("[thrd:") && end != std::string::npos) {
    trouble.erase(0, end + 3);
  }
  if (trouble.ends_with("brokers are down")) return;  // Why was said before.
  const std::lock_guard lock(self->mutex_);
  self->trouble_ = std::move(trouble);
}

void Client::on_delivered(rd_kafka_t* client, const rd_kafka_message_t* record, void* opaque) {
  (void)client;
  static_cast<Client*>(opaque)->on_delivery_(*record);
}

std::string Client::last_trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

Error Client::within_trouble(const std::string& what) const {
  const std::string trouble = last_trouble();
  return Error{ErrorCode::kIo, trouble.empty() ? what : text("{} ({})", what, trouble)};
}

Result<void> Client::reach(Duration patience) const {
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_, 0, nullptr, &found, millis(patience));
  const Metadata metadata(found, rd_kafka_metadata_destroy);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return within_trouble(text("no Kafka broker answers at `{}` within {} s: {}", brokers_,
                             static_cast<double>(patience.to_millis()) / 1000.0,
                             rd_kafka_err2str(code)));
}

// Of all topics, as asking for one may make it.
Result<std::optional<std::int32_t>> Client::partitions_of(const std::string& topic,
                                                          Duration patience) const {
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_, 1, nullptr, &found, millis(patience));
  const Metadata metadata(found, rd_kafka_metadata_destroy);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return within_trouble(text("asking `{}` for its topics: {}", brokers_, rd_kafka_err2str(code)));
  }
  const std::span topics(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt));
  const auto one = std::ranges::find_if(
      topics, [&](const rd_kafka_metadata_topic_t& each) { return topic == each.topic; });
  if (one == topics.end()) return std::optional<std::int32_t>();
  if (one->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return within_trouble(text("topic `{}`: {}", topic, rd_kafka_err2str(one->err)));
  }
  return std::optional<std::int32_t>(one->partition_cnt);
}

Result<Client::Bounds> Client::bounds_of(const std::string& topic, std::int32_t partition,
                                         Duration patience) const {
  // An empty queue, to wait at: that of the client may hold what others wait for.
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> none(
      rd_kafka_queue_new(client_), rd_kafka_queue_destroy);
  const SystemClock clock;
  const double begun = clock.monotonic_seconds();
  while (true) {
    Bounds bounds;
    const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
        client_, topic.c_str(), partition, &bounds.first, &bounds.end, millis(patience));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return bounds;
    const bool is_due =
        clock.monotonic_seconds() - begun >= static_cast<double>(patience.to_millis()) / 1000.0;
    if (is_due || !passes_by_itself(code)) return within_trouble(rd_kafka_err2str(code));
    rd_kafka_event_t* event = rd_kafka_queue_poll(none.get(), kWaitMillis);
    if (event != nullptr) rd_kafka_event_destroy(event);
  }
}

}  // namespace lymer::kafka
