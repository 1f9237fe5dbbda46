// A channel under a lock, which is held for as long as moving a batch's pointers takes.
// Not here: order among several channels (runtime/exec/input_gate.cc).
#include "runtime/exec/task_channel.h"

#include <algorithm>
#include <variant>

#include "runtime/exec/overtaken.h"

namespace lymer::runtime {

bool TaskChannel::take(StreamElement& element) {
  if (const auto* batch = std::get_if<EventBatch>(&element)) {
    const bool is_empty = channel_.batches() == 0;
    if (!channel_.has_room(*batch) || !share_.try_take(batch->byte_size(), is_empty)) return false;
  }
  return channel_.try_push(element);
}

bool TaskChannel::try_push(StreamElement& element) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    wakes = channel_.empty();
    const auto* barrier = std::get_if<Barrier>(&element);
    if (barrier != nullptr && copied_for_ == barrier->epoch) {
      element = EventBatch();  // It has no more to overtake.
      copied_for_.reset();
      wakes = announce();
    } else if (take(element)) {
      wakes = note_newest() || wakes;
    } else {
      has_refused_ = true;
      return false;
    }
  }
  if (wakes) receiver_.notify();
  return true;
}

bool TaskChannel::announce() {
  if (news_ != nullptr) news_->store(true, std::memory_order_release);
  return true;
}

bool TaskChannel::overtakes(const Barrier& barrier) const {
  return barrier.unaligned || barrier.epoch == expected_;
}

// Looks at what has just been taken in.
bool TaskChannel::note_newest() {
  const StreamElement& newest = channel_.elements().back();
  const auto* barrier = std::get_if<Barrier>(&newest);
  const bool is_last = std::holds_alternative<EndOfInput>(newest);
  if (copied_for_) keep_overtaken(newest, copies_);
  const bool is_whole =
      copied_for_ && (is_last || (barrier != nullptr && barrier->epoch > *copied_for_));
  if (is_whole) copied_for_.reset();  // Behind a newer one that for which it waited will not come.
  const bool is_news = is_whole || (barrier != nullptr && overtakes(*barrier));
  return is_news && announce();
}

bool TaskChannel::expect(Epoch epoch) {
  const std::lock_guard lock(mutex_);
  expected_ = epoch;
  return std::ranges::any_of(channel_.elements(), [epoch](const StreamElement& each) {
    const auto* barrier = std::get_if<Barrier>(&each);
    return barrier != nullptr && barrier->epoch == epoch;
  });
}

std::optional<Epoch> TaskChannel::overtaking() const {
  const std::lock_guard lock(mutex_);
  std::optional<Epoch> newest;
  for (const StreamElement& each : channel_.elements()) {
    const auto* barrier = std::get_if<Barrier>(&each);
    if (barrier != nullptr && overtakes(*barrier)) newest = barrier->epoch;
  }
  return newest;
}

void TaskChannel::overtake(Epoch epoch) {
  const std::lock_guard lock(mutex_);
  copies_.clear();
  has_copies_ = true;
  copied_for_ = epoch;
  const auto& elements = channel_.elements();
  for (std::size_t i = 0; i < elements.size() && copied_for_; ++i) {
    const auto* barrier = std::get_if<Barrier>(&elements[i]);
    const bool is_found = barrier != nullptr && barrier->epoch >= epoch;
    if (is_found || std::holds_alternative<EndOfInput>(elements[i])) copied_for_.reset();
    if (is_found && barrier->epoch == epoch) {
      channel_.remove(i);
      return;
    }
    keep_overtaken(elements[i], copies_);
  }
}

std::optional<std::vector<StreamElement>> TaskChannel::take_overtaken() {
  const std::lock_guard lock(mutex_);
  if (!has_copies_ || copied_for_) return std::nullopt;
  has_copies_ = false;
  return std::exchange(copies_, {});
}

void TaskChannel::forget_overtaken() {
  const std::lock_guard lock(mutex_);
  copied_for_.reset();
  has_copies_ = false;
  copies_.clear();
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
