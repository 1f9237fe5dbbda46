// A batch is copied into one buffer, as decoders read behind a record and librdkafka promises no
// bytes there, and its messages are given back at once.
//
// Offsets have gaps: compaction, and the marks that end transactions. So a reader that is to end at
// an offset ends when librdkafka says that it stands there, not with the record before it.
// Not here: librdkafka's lists and lookups (kafka/consumer.cc).
#include "kafka/partition_reader.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

using runtime::ReadState;
using runtime::Record;
using runtime::RecordMetadata;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Message = std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;
using Header = std::pair<std::string_view, std::optional<std::string_view>>;

// A record's parts in the buffer, as places, since the buffer moves while it grows.
struct Part {
  std::size_t at = 0;
  std::size_t size = 0;
  bool is_there = false;
};
struct HeaderPart {
  Part name;
  Part value;
};
struct Parts {
  Part value;
  Part key;
  std::optional<EventTime> time;
  std::int64_t offset = 0;
  std::size_t first_header = 0;
  std::size_t end_header = 0;
};

class QueueReader final : public PartitionReader {
 public:
  QueueReader(const Client& client, Partition partition, Span span)
      : client_(client), partition_(std::move(partition)), span_(span) {}
  QueueReader(const QueueReader&) = delete;
  QueueReader& operator=(const QueueReader&) = delete;
  QueueReader(QueueReader&&) = delete;
  QueueReader& operator=(QueueReader&&) = delete;
  ~QueueReader() override { leave(); }

  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override;
  runtime::SplitPosition position() const override {
    return {static_cast<std::uint64_t>(span_.next), 0};
  }
  Result<void> seek(runtime::SplitPosition position) override;
  RecordMetadata metadata(std::size_t index) const override;
  std::int64_t lag() const override;
  std::optional<std::int64_t> end() const override { return span_.end; }

 private:
  Result<void> join();
  void leave();
  Result<void> take(const rd_kafka_message_t& message);
  void take_headers(const rd_kafka_message_t& message, Parts& parts);
  Part copied(const void* bytes, std::size_t size);
  void fill(std::vector<Record>& batch);
  bool is_at_end() const { return span_.end && span_.next >= *span_.end; }
  std::string_view view(const Part& part) const { return {buffer_.data() + part.at, part.size}; }
  Error failed(const std::string& action, std::string_view words) const;

  const Client& client_;
  const Partition partition_;
  Span span_;
  Queue queue_{nullptr, rd_kafka_queue_destroy};
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<char> buffer_;
  std::vector<Parts> parts_;
  std::vector<HeaderPart> header_parts_;
  std::vector<Header> headers_;
};

Error QueueReader::failed(const std::string& action, std::string_view words) const {
  const std::string trouble = client_.last_trouble();
  return Error{ErrorCode::kIo, text("{} `{}`: {}{}", action, to_string(partition_), words,
                                    trouble.empty() ? "" : text(" ({})", trouble))};
}

// Changes the assignment by this partition, so that the others are fetched on.
using ChangeAssignment = rd_kafka_error_t* (*)(rd_kafka_t*, const rd_kafka_topic_partition_list_t*);

std::string change(const Client& client, ChangeAssignment change_assignment,
                   const Partition& partition, std::int64_t offset) {
  const std::unique_ptr<rd_kafka_topic_partition_list_t,
                        decltype(&rd_kafka_topic_partition_list_destroy)>
      list(rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset =
      offset;
  rd_kafka_error_t* error = change_assignment(client.get(), list.get());
  if (error == nullptr) return {};
  std::string words = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return words;
}

Result<void> QueueReader::join() {
  queue_.reset(
      rd_kafka_queue_get_partition(client_.get(), partition_.topic.c_str(), partition_.number));
  if (queue_ == nullptr) return failed("reading", "librdkafka has no queue for it");
  // Before the first fetch, or its records would go to the queue of all partitions.
  rd_kafka_queue_forward(queue_.get(), nullptr);
  const std::string words = change(client_, rd_kafka_incremental_assign, partition_, span_.next);
  if (!words.empty()) return failed("reading", words);
  return {};
}

void QueueReader::leave() {
  if (queue_ == nullptr) return;
  (void)change(client_, rd_kafka_incremental_unassign, partition_, span_.next);
  queue_.reset();
}

Result<void> QueueReader::seek(runtime::SplitPosition position) {
  LYMER_CHECK(queue_ == nullptr, "a partition is sought before it is read");
  span_.next = static_cast<std::int64_t>(position.offset);
  return {};
}

Result<ReadState> QueueReader::read(std::vector<Record>& batch, std::size_t max_records) {
  batch.clear();
  if (is_at_end()) {
    leave();
    return ReadState::kEnd;
  }
  if (queue_ == nullptr) LYMER_RETURN_IF_ERROR(join());
  messages_.resize(max_records);
  const ssize_t count =
      rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data(), messages_.size());
  if (count < 0) return failed("reading", rd_kafka_err2str(rd_kafka_last_error()));
  buffer_.clear();
  parts_.clear();
  header_parts_.clear();
  Result<void> outcome;
  for (rd_kafka_message_t* each : std::span(messages_).first(static_cast<std::size_t>(count))) {
    const Message message(each, rd_kafka_message_destroy);
    if (outcome) outcome = take(*message);
  }
  if (!outcome) return outcome.error();
  fill(batch);
  if (!batch.empty()) return ReadState::kRecords;
  if (!is_at_end()) return ReadState::kIdle;
  leave();
  return ReadState::kEnd;
}

Result<void> QueueReader::take(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    span_.next = std::max(span_.next, message.offset);
    return {};
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failed("reading", rd_kafka_message_errstr(&message));
  }
  // What came before is known, and what comes behind the end is not asked for.
  if (message.offset < span_.next) return {};
  if (span_.end && message.offset >= *span_.end) {
    span_.next = *span_.end;
    return {};
  }
  span_.next = message.offset + 1;
  Parts parts;
  parts.offset = message.offset;
  parts.value = copied(message.payload, message.len);
  buffer_.resize(buffer_.size() + runtime::kRecordPadding);
  parts.key = copied(message.key, message.key_len);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t time = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) parts.time = EventTime::from_millis(time);
  take_headers(message, parts);
  parts_.push_back(parts);
  return {};
}

void QueueReader::take_headers(const rd_kafka_message_t& message, Parts& parts) {
  parts.first_header = header_parts_.size();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      const Part name_part = copied(name, std::string_view(name).size());
      header_parts_.push_back({name_part, copied(value, size)});
    }
  }
  parts.end_header = header_parts_.size();
}

Part QueueReader::copied(const void* bytes, std::size_t size) {
  const Part part{.at = buffer_.size(), .size = size, .is_there = bytes != nullptr};
  if (bytes == nullptr) return {.at = part.at};
  const std::string_view text(static_cast<const char*>(bytes), size);
  buffer_.insert(buffer_.end(), text.begin(), text.end());
  return part;
}

void QueueReader::fill(std::vector<Record>& batch) {
  headers_.clear();
  for (const HeaderPart& each : header_parts_) {
    headers_.emplace_back(view(each.name),
                          each.value.is_there ? std::optional(view(each.value)) : std::nullopt);
  }
  for (const Parts& each : parts_) {
    batch.push_back({.bytes = view(each.value),
                     .offset = static_cast<std::uint64_t>(each.offset),
                     .length = each.value.size});
  }
}

RecordMetadata QueueReader::metadata(std::size_t index) const {
  const Parts& parts = parts_[index];
  return {.key = parts.key.is_there ? std::optional(view(parts.key)) : std::nullopt,
          .timestamp = parts.time,
          .topic = partition_.topic,
          .partition = partition_.number,
          .offset = parts.offset,
          .headers = std::span(headers_).subspan(parts.first_header,
                                                 parts.end_header - parts.first_header)};
}

std::int64_t QueueReader::lag() const {
  std::int64_t first = 0;
  std::int64_t end = 0;
  const rd_kafka_resp_err_t code = rd_kafka_get_watermark_offsets(
      client_.get(), partition_.topic.c_str(), partition_.number, &first, &end);
  const bool is_known = code == RD_KAFKA_RESP_ERR_NO_ERROR && end >= 0;
  return is_known ? std::max<std::int64_t>(0, end - span_.next) : 0;
}

}  // namespace

std::unique_ptr<PartitionReader> open_partition(const Client& client, const Partition& partition,
                                                Span span) {
  return std::make_unique<QueueReader>(client, partition, span);
}

}  // namespace lymer::kafka
