// Sends records on a thread of its own, in transactions that are cut by checkpoints.
//
//   LYMER_ASSIGN_OR_RETURN(const auto producer, Producer::make(properties, options, files));
//   LYMER_RETURN_IF_ERROR(producer->write(Epoch{1}, std::move(records)));      // Subtasks.
//   LYMER_RETURN_IF_ERROR(producer->commit(Epoch{1}, std::move(record)));      // The coordinator.
//   producer->release(Epoch{1});
//
// All subtasks of a job share one producer, and they pass a barrier at different times. So each
// record comes with the epoch that it belongs to, and those of an epoch are only sent once all
// checkpoints before it are settled; what comes earlier is held back, in bounded memory. librdkafka
// may hang, and does so after some errors: whoever asks waits no longer than a deadline, and a
// thread that hangs is left alone. Not here: what stands in a commit record
// (kafka/commit_record.h), when checkpoints are taken.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kafka/properties.h"
#include "kafka/record.h"
#include "kafka/settings.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::kafka {

struct ProducerOptions {
  Guarantee guarantee = Guarantee::kExactlyOnce;
  std::string transactional_id = {};  // With kExactlyOnce.
  // How long a transaction may take, if the user does not say; brokers allow 15 minutes.
  Duration transaction_timeout = Duration::minutes(15);
  // What waits or is held back; with more there is no room.
  std::size_t buffer_bytes = std::size_t{64} << 20U;
  // For the first answer, and for each flush and commit.
  Duration deadline = Duration::seconds(60);
};

// Thread-safe. A destroyed one aborts its transaction, if it can, and forgets what it holds.
class Producer {
 public:
  // Reaches a broker; with kExactlyOnce fences all others of this id and ends their transaction.
  // Returns kIo if nobody answers, kInvalidArgument for what the broker does not take.
  [[nodiscard]] static Result<std::unique_ptr<Producer>> make(Properties properties,
                                                              const ProducerOptions& options,
                                                              FileSystem& files);
  // Only make() may call the constructor.
  class State;
  class Passkey {
    friend class Producer;
    Passkey() = default;
  };
  Producer(Passkey, std::shared_ptr<State> state);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  Producer(Producer&&) = delete;
  Producer& operator=(Producer&&) = delete;
  ~Producer();

  // Tells whether write() is welcome.
  [[nodiscard]] bool has_room() const;
  // Takes them, room or not. Returns why the producer cannot be used any more, if so:
  // kInvalidArgument where another process has taken its place, kIo else.
  [[nodiscard]] Result<void> write(runtime::Epoch epoch, std::vector<Record> records);
  // Sends all of these epochs and waits until brokers have them.
  [[nodiscard]] Result<void> flush(runtime::Epoch through);
  // Likewise, and `last` behind them; commits all. After an error nobody knows whether it is
  // committed but who reads the commit record.
  [[nodiscard]] Result<void> commit(runtime::Epoch through, Record last);
  // No checkpoint of these epochs is to come any more: what was written since may be sent.
  void release(runtime::Epoch through);
  // Records that got lost, with kNone.
  [[nodiscard]] std::size_t lost() const;

 private:
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace lymer::kafka
