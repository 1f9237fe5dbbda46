// What a producer's thread does with librdkafka: one call after the other, each with a deadline.
//
// Not here: the thread, and what is held back (kafka/producer.cc).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kafka/client.h"
#include "kafka/producer.h"
#include "kafka/record.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::kafka {

// For one thread. After an error nothing but its end is left.
class TransactionClient {
 public:
  // Only make() may call the constructor.
  class Passkey {
    friend class TransactionClient;
    Passkey() = default;
  };
  TransactionClient(Passkey, const ProducerOptions& options, std::string transaction_timeout)
      : options_(options), transaction_timeout_(std::move(transaction_timeout)) {}

  // Returns errors of the properties; speaks to nobody.
  [[nodiscard]] static Result<std::unique_ptr<TransactionClient>> make(
      Properties properties, const ProducerOptions& options, FileSystem& files);

  // Reaches a broker, fences all others of this id.
  [[nodiscard]] Result<void> start();
  // Begins a transaction if there is none. May wait for room in librdkafka's queue.
  [[nodiscard]] Result<void> send(const Record& record);
  // Looks after what was sent.
  [[nodiscard]] Result<void> poll();
  // Waits until brokers have all.
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] Result<void> commit();
  // Aborts what is open, where nothing has failed.
  void end();

  [[nodiscard]] std::size_t lost() const noexcept { return lost_; }

 private:
  [[nodiscard]] bool is_transactional() const {
    return options_.guarantee == Guarantee::kExactlyOnce;
  }
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> fail(Failure failure);
  [[nodiscard]] Result<void> produce(const Record& record);
  [[nodiscard]] bool is_due(double since) const;
  [[nodiscard]] Result<void> refused_at_start(const Failure& failure) const;

  ProducerOptions options_;
  std::string transaction_timeout_;  // In milliseconds.
  SystemClock clock_;
  std::unique_ptr<Client> client_;
  std::optional<Error> error_;  // Of a record that was sent, or of what came before.
  bool has_begun_ = false;
  std::size_t lost_ = 0;
};

}  // namespace lymer::kafka
