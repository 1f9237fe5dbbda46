// A client of librdkafka that closes itself, and what its errors mean for who has a transaction.
//
//   LYMER_ASSIGN_OR_RETURN(const auto client,
//                          Client::make(Client::Kind::kProducer, properties, files));
//   LYMER_RETURN_IF_ERROR(client->reach(Duration::seconds(30)));
//
// What librdkafka logs is kept, not printed: the newest trouble stands in the errors. Only files of
// kafka/ include this; others see no type of librdkafka. Not here: what is sent and read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "kafka/properties.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::kafka {

// What is left to do after an error.
enum class FailureKind : std::uint8_t {
  kRetriable,  // The same call again.
  kAbortable,  // The transaction is lost: a new producer, and on from the last checkpoint.
  kFatal,      // Likewise the producer.
};

struct Failure {
  FailureKind kind = FailureKind::kFatal;
  Error error;
  // Another process has the transactional id now, or the broker has ended the transaction because
  // it took too long.
  bool is_fenced = false;
};

// Takes the error, which is not null.
[[nodiscard]] Failure failure_of(const std::string& action, rd_kafka_error_t* error);
[[nodiscard]] Failure failure_of(const std::string& action, rd_kafka_resp_err_t code);

// Tells whether the same question may be answered in a moment: brokers say so of a topic that was
// just made, and of one whose leader changes.
[[nodiscard]] bool passes_by_itself(rd_kafka_resp_err_t code);

class Client {
 public:
  enum class Kind : std::uint8_t { kConsumer, kProducer };
  // Called by poll(), for each record that was sent.
  using OnDelivery = std::function<void(const rd_kafka_message_t& record)>;

  // Only make() may call the constructor.
  class Passkey {
    friend class Client;
    Passkey() = default;
  };
  explicit Client(Passkey) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) = delete;
  Client& operator=(Client&&) = delete;
  ~Client();

  // Connects to nobody yet. Returns kInvalidArgument with librdkafka's words for a property that it
  // does not know or that has a wrong value, and the errors of Properties::resolve().
  [[nodiscard]] static Result<std::unique_ptr<Client>> make(Kind kind, const Properties& properties,
                                                            FileSystem& files,
                                                            OnDelivery on_delivery = nullptr);

  [[nodiscard]] rd_kafka_t* get() const noexcept { return client_; }

  // Waits until a broker answers. Returns kIo, with the addresses, if none does in this time.
  [[nodiscard]] Result<void> reach(Duration patience) const;
  // Gives the number of partitions, nothing for a topic that there is not; makes none.
  [[nodiscard]] Result<std::optional<std::int32_t>> partitions_of(const std::string& topic,
                                                                  Duration patience) const;
  // The first offset of a partition, and the one behind the last as far as this client may read.
  struct Bounds {
    std::int64_t first = 0;
    std::int64_t end = 0;
  };
  // Asks for them, again while the answer passes by itself and is within this time. Returns kIo.
  [[nodiscard]] Result<Bounds> bounds_of(const std::string& topic, std::int32_t partition,
                                         Duration patience) const;
  // What librdkafka complained of last; empty if of nothing.
  [[nodiscard]] std::string last_trouble() const;

 private:
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* words);
  static void on_delivered(rd_kafka_t* client, const rd_kafka_message_t* record, void* opaque);
  [[nodiscard]] Error within_trouble(const std::string& what) const;

  rd_kafka_t* client_ = nullptr;
  std::string brokers_;
  OnDelivery on_delivery_;
  std::vector<ResolvedProperty> secrets_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::string trouble_;
};

}  // namespace lymer::kafka
