// A thread that waits to be asked.
// Not here: librdkafka.
#include "kafka/partition_watch.h"

#include <utility>

namespace lymer::kafka {

PartitionWatch::PartitionWatch(std::function<Answer()> ask)
    : ask_(std::move(ask)), thread_([this] { run(); }) {}

PartitionWatch::~PartitionWatch() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  is_asked_.notify_one();
  thread_.join();
}

void PartitionWatch::ask() {
  {
    const std::lock_guard lock(mutex_);
    wants_answer_ = true;
  }
  is_asked_.notify_one();
}

std::optional<PartitionWatch::Answer> PartitionWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

void PartitionWatch::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    is_asked_.wait(lock, [this] { return wants_answer_ || ends_; });
    if (ends_) return;
    lock.unlock();
    Answer answer = ask_();
    lock.lock();
    answer_ = std::move(answer);
    wants_answer_ = false;
  }
}

}  // namespace lymer::kafka
