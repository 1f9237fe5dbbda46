// One number while there is enough, a queue when there is not.
// Not here: channels (runtime/exec/task_channel.cc).
#include "runtime/exec/buffer_pool.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::runtime {

// ---- The pool ----------------------------------------------------------------------------------

std::size_t BufferPool::used() const noexcept {
  return static_cast<std::size_t>(static_cast<std::int64_t>(bytes_) - free_.load());
}

bool BufferPool::try_lend(std::int64_t bytes) {
  std::int64_t free = free_.load();
  while (free >= bytes) {
    if (free_.compare_exchange_weak(free, free - bytes)) return true;
  }
  return false;
}

// Nobody passes those who wait, but for a channel that holds nothing.
bool BufferPool::lend(BufferShare& share, std::int64_t bytes, bool is_empty) {
  if (!share.has_asked_) {
    if (is_empty) free_.fetch_sub(bytes);
    if (is_empty || (waiting_count_.load() == 0 && try_lend(bytes))) return true;
  }
  const std::lock_guard lock(mutex_);
  share.wanted_ = bytes - share.granted_;
  if (!is_empty && share.wanted_ > 0) {
    if (!std::exchange(share.is_waiting_, true)) {
      share.place_ = waiting_.insert(waiting_.end(), &share);
      waiting_count_.store(waiting_.size());
    }
    serve();
    share.has_asked_ = share.is_waiting_;
    if (share.has_asked_) return false;
  }
  // Since it was refused it may have come to need less than it was granted, or nothing.
  leave_queue(share);
  free_.fetch_add(share.granted_ - bytes);
  share.granted_ = 0;
  share.has_asked_ = false;
  serve();
  return true;
}

void BufferPool::take_back(std::int64_t bytes) {
  free_.fetch_add(bytes);
  if (waiting_count_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  serve();
}

void BufferPool::forget(BufferShare& share) {
  const std::lock_guard lock(mutex_);
  leave_queue(share);
  free_.fetch_add(static_cast<std::int64_t>(share.minimum_) + share.borrowed_ + share.granted_);
  serve();
}

void BufferPool::leave_queue(BufferShare& share) {
  if (!std::exchange(share.is_waiting_, false)) return;
  waiting_.erase(share.place_);
  waiting_count_.store(waiting_.size());
}

// Wakes under the lock: a share that is there has a waiter that is there.
void BufferPool::serve() {
  while (!waiting_.empty() && try_lend(waiting_.front()->wanted_)) {
    BufferShare& next = *waiting_.front();
    leave_queue(next);
    next.granted_ += std::exchange(next.wanted_, 0);
    next.waiter_.notify();
  }
}

// ---- A share -----------------------------------------------------------------------------------

BufferShare::BufferShare(std::shared_ptr<BufferPool> pool, std::size_t minimum, Wakeup& waiter)
    : pool_(std::move(pool)), minimum_(minimum), waiter_(waiter) {
  if (pool_ != nullptr) pool_->free_.fetch_sub(static_cast<std::int64_t>(minimum_));
}

BufferShare::~BufferShare() {
  if (pool_ != nullptr) pool_->forget(*this);
}

std::int64_t BufferShare::beyond_minimum(std::size_t held) const {
  return static_cast<std::int64_t>(std::max(held, minimum_) - minimum_);
}

bool BufferShare::try_take(std::size_t bytes, bool is_empty) {
  if (pool_ == nullptr) return true;
  const std::int64_t more = beyond_minimum(held_ + bytes) - borrowed_;
  const bool asks = more > 0 || has_asked_;
  if (asks && !pool_->lend(*this, more, is_empty)) return false;
  borrowed_ += more;
  held_ += bytes;
  return true;
}

void BufferShare::give_back(std::size_t bytes) {
  if (pool_ == nullptr) return;
  LYMER_DCHECK(bytes <= held_, "a channel gives back what it has not taken");
  held_ -= bytes;
  const std::int64_t less = borrowed_ - beyond_minimum(held_);
  if (less == 0) return;
  borrowed_ -= less;
  pool_->take_back(less);
}

}  // namespace lymer::runtime
