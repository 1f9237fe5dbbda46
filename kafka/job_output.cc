// The order of a start, and how long transactions may be.
// Not here: sending (kafka/producer.cc).
#include "kafka/job_output.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "kafka/client.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr Duration kBrokersMost = Duration::minutes(15);  // Unless somebody has set it.
constexpr Duration kMargin = Duration::minutes(1);

// Longer than the longest checkpoint, if brokers allow that.
Duration transaction_timeout(const JobOutputOptions& options) {
  const Duration wanted = options.interval + options.timeout + kMargin;
  return std::max(std::min(wanted, kBrokersMost), options.interval + kMargin);
}

// A transaction lasts from one checkpoint to the next.
Result<void> check_timeout(const Properties& properties, Duration interval) {
  const std::string* given = properties.find("transaction.timeout.ms");
  if (given == nullptr) return {};
  std::int64_t millis = 0;
  const auto read = std::from_chars(given->data(), given->data() + given->size(), millis);
  if (read.ec != std::errc() || millis > interval.to_millis()) return {};  // librdkafka's matter.
  return Error{ErrorCode::kInvalidArgument,
               text("transaction.timeout.ms={} is too short: a transaction lasts from one "
                    "checkpoint to the next, and there are {} ms between them, and what it takes "
                    "to write one",
                    *given, interval.to_millis())};
}

}  // namespace

Result<std::unique_ptr<JobOutput>> JobOutput::make(JobOutputOptions options, FileSystem& files) {
  LYMER_ASSIGN_OR_RETURN(Properties properties, Properties::parse(options.settings));
  if (options.settings.guarantee == Guarantee::kExactlyOnce) {
    LYMER_RETURN_IF_ERROR(check_timeout(properties, options.interval));
  }
  return std::make_unique<JobOutput>(Passkey{}, std::move(options), std::move(properties), files);
}

ProducerOptions JobOutput::producer_options() const {
  return {.guarantee = options_.settings.guarantee,
          .transactional_id = text("lymer-{}", options_.job),
          .transaction_timeout = transaction_timeout(options_),
          .buffer_bytes = options_.buffer_bytes,
          .deadline = options_.settings.patience};
}

Result<void> JobOutput::check_topics() const {
  LYMER_ASSIGN_OR_RETURN(const auto client,
                         Client::make(Client::Kind::kProducer, properties_, files_));
  LYMER_RETURN_IF_ERROR(client->reach(options_.settings.patience));
  for (const std::string& each : options_.topics) {
    LYMER_ASSIGN_OR_RETURN(const auto partitions,
                           client->partitions_of(each, options_.settings.patience));
    if (partitions) continue;
    return Error{ErrorCode::kNotFound,
                 text("there is no topic `{}` at `{}`; make it first, with as many partitions as "
                      "its readers need",
                      each, options_.settings.brokers)};
  }
  return {};
}

Result<std::optional<CommitRecord>> JobOutput::begin() {
  {
    const std::lock_guard lock(mutex_);
    producer_ = nullptr;  // It aborts what it has begun.
  }
  LYMER_RETURN_IF_ERROR(check_topics());
  LYMER_ASSIGN_OR_RETURN(std::shared_ptr<Producer> made,
                         Producer::make(properties_, producer_options(), files_));
  {
    const std::lock_guard lock(mutex_);
    producer_ = std::move(made);
  }
  if (!is_transactional()) return std::optional<CommitRecord>();
  commits_.emplace(options_.commit_topic, properties_, options_.settings.patience, files_);
  LYMER_RETURN_IF_ERROR(commits_->make_if_missing());
  return commits_->read(options_.job);
}

Result<void> JobOutput::decide(const CommitRecord& record) {
  return producer()->commit(record.epoch, commits_->message(options_.job, record));
}

Result<void> JobOutput::flush(runtime::Epoch through) { return producer()->flush(through); }

void JobOutput::release(runtime::Epoch through) {
  if (const auto current = producer()) current->release(through);
}

std::shared_ptr<Producer> JobOutput::producer() const {
  const std::lock_guard lock(mutex_);
  return producer_;
}

}  // namespace lymer::kafka
