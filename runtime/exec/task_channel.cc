// A channel under a lock, which is held for as long as moving a batch's pointers takes.
// Not here: order among several channels (runtime/exec/input_gate.cc).
#include "runtime/exec/task_channel.h"

#include <variant>

namespace lymer::runtime {

bool TaskChannel::take(StreamElement& element) {
  if (const auto* batch = std::get_if<EventBatch>(&element)) {
    const bool is_empty = channel_.batches() == 0;
    if (!channel_.has_room(*batch) || !share_.try_take(batch->byte_size(), is_empty)) return false;
  }
  return channel_.try_push(element);
}

bool TaskChannel::try_push(StreamElement& element) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = channel_.empty();
    if (!take(element)) {
      has_refused_ = true;
      return false;
    }
  }
  if (was_empty) receiver_.notify();
  return true;
}

std::optional<StreamElement> TaskChannel::pop() {
  std::optional<StreamElement> oldest;
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    oldest = channel_.pop();
    if (!oldest) return oldest;
    if (const auto* batch = std::get_if<EventBatch>(&*oldest)) share_.give_back(batch->byte_size());
    is_awaited = std::exchange(has_refused_, false);
  }
  if (is_awaited) sender_.notify();
  return oldest;
}

double TaskChannel::fill() const {
  const std::lock_guard lock(mutex_);
  return channel_.fill();
}

}  // namespace lymer::runtime
