// Calls of librdkafka's transactional API, repeated while that can help.
// Not here: threads (kafka/producer.cc).
#include "kafka/transaction_client.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/failpoint.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr int kWaitMillis = 100;  // Of one wait among many.
constexpr std::size_t kMessageBytes = 512;

double in_seconds(Duration duration) { return static_cast<double>(duration.to_millis()) / 1000.0; }
int millis(Duration duration) { return static_cast<int>(duration.to_millis()); }

void set_defaults(Properties& properties, const ProducerOptions& options) {
  properties.set_default("partitioner", "murmur2_random");  // Java's.
  properties.set_default("reconnect.backoff.max.ms", "500");
  properties.set_default("queue.buffering.max.kbytes", "65536");
  if (options.guarantee != Guarantee::kNone) properties.set("enable.idempotence", "true");
  if (options.guarantee != Guarantee::kExactlyOnce) return;
  properties.set("transactional.id", options.transactional_id);
  properties.set_default("transaction.timeout.ms",
                         std::to_string(options.transaction_timeout.to_millis()));
}

rd_kafka_vu_t field(rd_kafka_vtype_t type) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  return made;
}

rd_kafka_vu_t bytes_field(rd_kafka_vtype_t type, const std::string& bytes) {
  rd_kafka_vu_t made = field(type);
  // librdkafka copies it; its interface has no const.
  made.u.mem.ptr =
      const_cast<char*>(bytes.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  made.u.mem.size = bytes.size();
  return made;
}

std::vector<rd_kafka_vu_t> fields_of(const Record& record) {
  std::vector<rd_kafka_vu_t> fields;
  fields.push_back(field(RD_KAFKA_VTYPE_TOPIC));
  fields.back().u.cstr = record.topic.c_str();
  fields.push_back(field(RD_KAFKA_VTYPE_MSGFLAGS));
  fields.back().u.i = RD_KAFKA_MSG_F_COPY;
  fields.push_back(bytes_field(RD_KAFKA_VTYPE_VALUE, record.value));
  if (record.key) fields.push_back(bytes_field(RD_KAFKA_VTYPE_KEY, *record.key));
  if (record.partition) {
    fields.push_back(field(RD_KAFKA_VTYPE_PARTITION));
    fields.back().u.i32 = *record.partition;
  }
  if (record.time) {
    fields.push_back(field(RD_KAFKA_VTYPE_TIMESTAMP));
    fields.back().u.i64 = record.time->to_millis();
  }
  for (const auto& [name, value] : record.headers) {
    fields.push_back(field(RD_KAFKA_VTYPE_HEADER));
    fields.back().u.header.name = name.c_str();
    fields.back().u.header.val = value.data();
    fields.back().u.header.size = static_cast<std::int64_t>(value.size());
  }
  return fields;
}

}  // namespace

Result<std::unique_ptr<TransactionClient>> TransactionClient::make(Properties properties,
                                                                   const ProducerOptions& options,
                                                                   FileSystem& files) {
  set_defaults(properties, options);
  const std::string* timeout = properties.find("transaction.timeout.ms");
  auto made =
      std::make_unique<TransactionClient>(Passkey{}, options, timeout == nullptr ? "" : *timeout);
  TransactionClient* self = made.get();
  LYMER_ASSIGN_OR_RETURN(
      made->client_,
      Client::make(
          Client::Kind::kProducer, properties, files, [self](const rd_kafka_message_t& sent) {
            if (sent.err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
            ++self->lost_;
            if (self->options_.guarantee == Guarantee::kNone) return;
            (void)self->fail(
                failure_of(text("sending to topic `{}`", rd_kafka_topic_name(sent.rkt)), sent.err));
          }));
  return made;
}

bool TransactionClient::is_due(double since) const {
  return clock_.monotonic_seconds() - since >= in_seconds(options_.deadline);
}

// The first error says why; those behind it follow from it.
Result<void> TransactionClient::fail(Failure failure) {
  if (error_) return *error_;
  std::array<char, kMessageBytes> words{};
  const rd_kafka_resp_err_t fatal =
      rd_kafka_fatal_error(client_->get(), words.data(), words.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure.is_fenced = failure.is_fenced || failure_of("", fatal).is_fenced;
    failure.error.message += text(": {}", words.data());
  }
  error_ = std::move(failure.error);
  if (failure.is_fenced) {
    error_->code = ErrorCode::kInvalidArgument;  // To start again would drive the other one out.
    error_ = error_->within(
        text("another process has taken over this job, or a transaction took longer than "
             "transaction.timeout.ms ({})",
             transaction_timeout_));
  }
  return *error_;
}

Result<void> TransactionClient::refused_at_start(const Failure& failure) const {
  std::string words = failure.error.message;
  if (words.find("transaction timeout is larger") != std::string::npos ||
      words.find(rd_kafka_err2str(RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT)) !=
          std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 text("transaction.timeout.ms={} is longer than the broker allows "
                      "(transaction.max.timeout.ms there): {}",
                      transaction_timeout_, words)};
  }
  const std::string trouble = client_->last_trouble();
  return trouble.empty() ? failure.error
                         : Error{failure.error.code, text("{} ({})", words, trouble)};
}

Result<void> TransactionClient::start() {
  LYMER_RETURN_IF_ERROR(client_->reach(options_.deadline));
  if (!is_transactional()) return {};
  const double begun = clock_.monotonic_seconds();
  while (true) {
    rd_kafka_error_t* error = rd_kafka_init_transactions(client_->get(), millis(options_.deadline));
    if (error == nullptr) return {};
    const Failure failure = failure_of("beginning with transactions", error);
    if (failure.kind != FailureKind::kRetriable || is_due(begun)) return refused_at_start(failure);
  }
}

// It could hang after a fatal error.
Result<void> TransactionClient::begin() {
  if (has_begun_) return {};
  std::array<char, kMessageBytes> words{};
  const auto fatal = rd_kafka_fatal_error(client_->get(), words.data(), words.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(failure_of("beginning a transaction", fatal));
  if (rd_kafka_error_t* error = rd_kafka_begin_transaction(client_->get()); error != nullptr) {
    return fail(failure_of("beginning a transaction", error));
  }
  has_begun_ = true;
  return {};
}

Result<void> TransactionClient::send(const Record& record) {
  if (error_) return *error_;
  if (is_transactional()) LYMER_RETURN_IF_ERROR(begin());
  return produce(record);
}

Result<void> TransactionClient::produce(const Record& record) {
  const std::vector<rd_kafka_vu_t> fields = fields_of(record);
  const double begun = clock_.monotonic_seconds();
  while (true) {
    rd_kafka_error_t* error = rd_kafka_produceva(client_->get(), fields.data(), fields.size());
    if (error == nullptr) return {};
    const bool is_full = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    Failure failure = failure_of(text("sending to topic `{}`", record.topic), error);
    if (!is_full || is_due(begun)) return fail(std::move(failure));
    rd_kafka_poll(client_->get(), kWaitMillis);
    if (error_) return *error_;
  }
}

Result<void> TransactionClient::poll() {
  rd_kafka_poll(client_->get(), 0);
  return error_ ? Result<void>(*error_) : Result<void>();
}

Result<void> TransactionClient::flush() {
  const double begun = clock_.monotonic_seconds();
  while (!error_) {
    const rd_kafka_resp_err_t code = rd_kafka_flush(client_->get(), kWaitMillis);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT || is_due(begun)) {
      const std::string trouble = client_->last_trouble();
      return fail(failure_of(trouble.empty() ? "sending" : text("sending ({})", trouble), code));
    }
  }
  return error_ ? Result<void>(*error_) : Result<void>();
}

Result<void> TransactionClient::commit() {
  LYMER_RETURN_IF_ERROR(flush());
  LYMER_FAILPOINT("kafka.before_commit");
  const double begun = clock_.monotonic_seconds();
  while (true) {
    rd_kafka_error_t* error =
        rd_kafka_commit_transaction(client_->get(), millis(options_.deadline));
    if (error == nullptr) break;
    Failure failure = failure_of("committing a transaction", error);
    if (failure.kind != FailureKind::kRetriable || is_due(begun)) return fail(std::move(failure));
  }
  LYMER_FAILPOINT("kafka.after_commit");
  has_begun_ = false;
  return {};
}

// Readers would wait for what nobody commits any more.
void TransactionClient::end() {
  if (!has_begun_ || error_) return;
  constexpr int kAbortMillis = 5000;
  rd_kafka_error_t* error = rd_kafka_abort_transaction(client_->get(), kAbortMillis);
  if (error != nullptr) rd_kafka_error_destroy(error);
  has_begun_ = false;
}

}  // namespace lymer::kafka
