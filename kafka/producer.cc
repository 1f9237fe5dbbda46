// A mailbox, and a thread that empties it.
// Not here: calls of librdkafka (kafka/transaction_client.cc).
#include "kafka/producer.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "kafka/transaction_client.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

using runtime::Epoch;

// How often deliveries are looked after where nothing else is to do.
constexpr std::chrono::milliseconds kLook(5);
// Between two looks for orders.
constexpr std::size_t kBatch = 1024;
// Beyond the deadline of a call, for who waits for its end.
constexpr std::chrono::seconds kGrace(15);

}  // namespace

// Shared with the thread, which may outlive its producer where it hangs.
class Producer::State {
 public:
  State(std::unique_ptr<TransactionClient> client, const ProducerOptions& options)
      : client_(std::move(client)), options_(options) {
    // Without transactions nothing that was sent is in the way of a checkpoint.
    if (options.guarantee != Guarantee::kExactlyOnce) {
      sendable_ = Epoch(std::numeric_limits<std::uint64_t>::max());
    }
  }

  void run();
  [[nodiscard]] Result<void> start() { return ask({Order::Kind::kStart, Epoch{0}, std::nullopt}); }
  [[nodiscard]] Result<void> flush(Epoch through) {
    return ask({Order::Kind::kFlush, through, std::nullopt});
  }
  [[nodiscard]] Result<void> commit(Epoch through, Record last) {
    return ask({Order::Kind::kCommit, through, std::move(last)});
  }
  [[nodiscard]] bool has_room() const {
    const std::lock_guard lock(mutex_);
    return bytes_ < options_.buffer_bytes || error_.has_value();
  }
  [[nodiscard]] Result<void> write(Epoch epoch, std::vector<Record> records);
  void release(Epoch through);
  [[nodiscard]] std::size_t lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }
  // Asks the thread to end; tells whether it did.
  [[nodiscard]] bool stop();

 private:
  struct Order {
    enum class Kind : std::uint8_t { kStart, kFlush, kCommit };
    Kind kind;
    Epoch through;
    std::optional<Record> last;
  };
  struct Waiting {
    Epoch epoch;
    Record record;
  };

  [[nodiscard]] Result<void> ask(Order order);
  [[nodiscard]] std::vector<Waiting> take(Epoch through, std::size_t most);
  [[nodiscard]] Result<void> send(const std::vector<Waiting>& records);
  [[nodiscard]] Result<void> carry_out(Order order);
  [[nodiscard]] bool has_sendable() const {
    return !waiting_.empty() && waiting_.front().epoch <= sendable_;
  }

  std::unique_ptr<TransactionClient> client_;  // The thread's.
  const ProducerOptions options_;

  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // By epoch, and each as it came.
  std::size_t bytes_ = 0;
  Epoch sendable_{1};  // And those before it.
  std::optional<Order> order_;
  std::optional<Result<void>> answer_;
  std::optional<Error> error_;
  std::size_t lost_ = 0;
  bool is_to_stop_ = false;
  bool has_ended_ = false;
};

Result<void> Producer::State::write(Epoch epoch, std::vector<Record> records) {
  const std::lock_guard lock(mutex_);
  if (error_) return *error_;
  for (Record& each : records) {
    bytes_ += bytes_of(each);
    // Nearly always the last place: a subtask is an epoch behind another at most.
    auto place = waiting_.end();
    while (place != waiting_.begin() && std::prev(place)->epoch > epoch) --place;
    waiting_.insert(place, Waiting{epoch, std::move(each)});
  }
  if (has_sendable()) changed_.notify_all();
  return {};
}

void Producer::State::release(Epoch through) {
  const std::lock_guard lock(mutex_);
  if (through >= sendable_) sendable_ = Epoch(through.value() + 1);
  changed_.notify_all();
}

Result<void> Producer::State::ask(Order order) {
  std::unique_lock lock(mutex_);
  if (error_) return *error_;
  order_ = std::move(order);
  answer_.reset();
  changed_.notify_all();
  const auto most = std::chrono::milliseconds(options_.deadline.to_millis()) * 2 + kGrace;
  const bool is_answered = changed_.wait_for(lock, most, [&] { return answer_.has_value(); });
  if (is_answered) return *std::exchange(answer_, std::nullopt);
  error_ =
      Error{ErrorCode::kIo, text("Kafka: librdkafka has not answered for {} s",
                                 std::chrono::duration_cast<std::chrono::seconds>(most).count())};
  return *error_;
}

std::vector<Producer::State::Waiting> Producer::State::take(Epoch through, std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::vector<Waiting> taken;
  while (!waiting_.empty() && waiting_.front().epoch <= through && taken.size() < most) {
    bytes_ -= bytes_of(waiting_.front().record);
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

Result<void> Producer::State::send(const std::vector<Waiting>& records) {
  for (const Waiting& each : records) LYMER_RETURN_IF_ERROR(client_->send(each.record));
  return client_->poll();
}

Result<void> Producer::State::carry_out(Order order) {
  if (order.kind == Order::Kind::kStart) return client_->start();
  for (auto records = take(order.through, kBatch); !records.empty();
       records = take(order.through, kBatch)) {
    LYMER_RETURN_IF_ERROR(send(records));
  }
  if (order.kind == Order::Kind::kFlush) return client_->flush();
  LYMER_RETURN_IF_ERROR(client_->send(*order.last));
  return client_->commit();
}

// What fails is told to all who ask from then on.
void Producer::State::run() {
  while (true) {
    std::optional<Order> order;
    Epoch through{0};
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kLook, [&] { return is_to_stop_ || order_ || has_sendable(); });
      if (is_to_stop_) break;
      order = std::exchange(order_, std::nullopt);
      through = sendable_;
    }
    const bool is_ordered = order.has_value();
    Result<void> done = is_ordered ? carry_out(*std::move(order)) : send(take(through, kBatch));
    const bool is_last = !done;
    const std::lock_guard lock(mutex_);
    lost_ = client_->lost();
    if (is_last && !error_) error_ = done.error();
    if (is_last || is_ordered) {
      answer_ = std::move(done);
      changed_.notify_all();
    }
    if (is_last) break;
  }
  client_->end();
  client_.reset();
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

bool Producer::State::stop() {
  std::unique_lock lock(mutex_);
  is_to_stop_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, kGrace, [&] { return has_ended_; });
}

Producer::Producer(Passkey, std::shared_ptr<State> state)
    : state_(std::move(state)), thread_([kept = state_] { kept->run(); }) {}

Producer::~Producer() { state_->stop() ? thread_.join() : thread_.detach(); }

Result<std::unique_ptr<Producer>> Producer::make(Properties properties,
                                                 const ProducerOptions& options,
                                                 FileSystem& files) {
  LYMER_ASSIGN_OR_RETURN(auto client,
                         TransactionClient::make(std::move(properties), options, files));
  auto made =
      std::make_unique<Producer>(Passkey{}, std::make_shared<State>(std::move(client), options));
  LYMER_RETURN_IF_ERROR(made->state_->start());
  return made;
}

bool Producer::has_room() const { return state_->has_room(); }

Result<void> Producer::write(Epoch epoch, std::vector<Record> records) {
  return state_->write(epoch, std::move(records));
}

Result<void> Producer::flush(Epoch through) { return state_->flush(through); }

Result<void> Producer::commit(Epoch through, Record last) {
  return state_->commit(through, std::move(last));
}

void Producer::release(Epoch through) { state_->release(through); }

std::size_t Producer::lost() const { return state_->lost(); }

}  // namespace lymer::kafka
