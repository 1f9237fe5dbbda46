// The memory of what is queued between tasks: one budget in bytes for many channels, of one job or
// of several (Flink: NetworkBufferPool).
//
//   const auto pool = std::make_shared<BufferPool>(std::size_t{64} << 20U);
//   BufferShare share(pool, std::size_t{64} << 10U, wakeup);   // A channel's.
//   if (!share.try_take(bytes, is_empty)) return;  // `wakeup` is told when to try again.
//   share.give_back(bytes);
//
// Each share has a minimum that is its own as long as it lives; taking from that is no business of
// the pool's. What it takes beyond it borrows. Where too little is free the share is refused, which
// stops the channel's sender, and waits its turn: what comes free goes to the one that has waited
// longest, which alone is woken. A channel that holds nothing may always take one batch, whatever
// its size, and the pool owes itself what it had not; so every channel moves and nothing is stuck.
// A pool of less than the minimum shares lends nothing, and their sum is the bound.
// Not here: the most that one channel may hold (runtime/channel.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "runtime/exec/wakeup.h"

namespace lymer::runtime {

class BufferShare;

// Thread-safe.
class BufferPool {
 public:
  static constexpr std::size_t kBytes = std::size_t{256} << 20U;
  explicit BufferPool(std::size_t bytes = kBytes)
      : bytes_(bytes), free_(static_cast<std::int64_t>(bytes)) {}

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // The minimum shares and what is borrowed beyond them. More than bytes() only by what the
  // minimum shares exceed it, and by batches that are larger than the minimum of an empty channel.
  [[nodiscard]] std::size_t used() const noexcept;
  // How many shares wait.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_count_.load(); }

 private:
  friend class BufferShare;
  [[nodiscard]] bool lend(BufferShare& share, std::int64_t bytes, bool is_empty);
  [[nodiscard]] bool try_lend(std::int64_t bytes);
  void take_back(std::int64_t bytes);
  void forget(BufferShare& share);
  void leave_queue(BufferShare& share);
  void serve();

  const std::size_t bytes_;
  // Below 0 where more is out than there is. A share that waits is counted before it looks at what
  // is free, and who gives back looks at the count afterwards: one of the two sees the other.
  std::atomic<std::int64_t> free_;
  std::atomic<std::size_t> waiting_count_ = 0;
  std::mutex mutex_;  // For all below, and what shares have of the pool.
  std::list<BufferShare*> waiting_;
};

// One channel's part. Thread-compatible.
class BufferShare {
 public:
  // Without a pool everything is granted. `waiter` must outlive the share.
  BufferShare(std::shared_ptr<BufferPool> pool, std::size_t minimum, Wakeup& waiter);
  BufferShare(const BufferShare&) = delete;
  BufferShare& operator=(const BufferShare&) = delete;
  BufferShare(BufferShare&&) = delete;
  BufferShare& operator=(BufferShare&&) = delete;
  // Gives back all it has.
  ~BufferShare();

  // Takes the bytes, or returns false and notifies the waiter once they are there for it; they are
  // kept for it until it tries again. `is_empty`: the channel holds nothing.
  [[nodiscard]] bool try_take(std::size_t bytes, bool is_empty);
  // Requires that they were taken.
  void give_back(std::size_t bytes);

 private:
  friend class BufferPool;
  [[nodiscard]] std::int64_t beyond_minimum(std::size_t held) const;

  const std::shared_ptr<BufferPool> pool_;
  const std::size_t minimum_;
  Wakeup& waiter_;
  std::size_t held_ = 0;
  std::int64_t borrowed_ = 0;
  bool has_asked_ = false;  // And was refused since.
  // Under the pool's lock:
  bool is_waiting_ = false;
  std::list<BufferShare*>::iterator place_;  // While it waits.
  std::int64_t wanted_ = 0;
  std::int64_t granted_ = 0;  // Lent while it waited.
};

}  // namespace lymer::runtime
