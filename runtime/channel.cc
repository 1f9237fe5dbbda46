// Counting what is queued.
// Not here: threads (runtime/exec/task_channel.h).
#include "runtime/channel.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "runtime/base/check.h"
#include "runtime/event.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

bool Channel::has_room(const EventBatch& batch) const {
  return batches_ < limits_.max_batches &&
         (batches_ == 0 || bytes_ + batch.byte_size() <= limits_.max_bytes);
}

bool Channel::try_push(StreamElement& element) {
  if (const auto* batch = std::get_if<EventBatch>(&element)) {
    if (!has_room(*batch)) return false;
    ++batches_;
    bytes_ += batch->byte_size();
  }
  const bool is_newer_promise = std::holds_alternative<Watermark>(element) && !queue_.empty() &&
                                std::holds_alternative<Watermark>(queue_.back());
  if (is_newer_promise) {
    queue_.back() = std::move(element);
  } else {
    queue_.push_back(std::move(element));
  }
  return true;
}

void Channel::remove(std::size_t index) {
  LYMER_CHECK(!std::holds_alternative<EventBatch>(queue_.at(index)), "a batch is taken by pop()");
  queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(index));
}

double Channel::fill() const noexcept {
  return std::max(static_cast<double>(batches_) / static_cast<double>(limits_.max_batches),
                  static_cast<double>(bytes_) / static_cast<double>(limits_.max_bytes));
}

std::optional<StreamElement> Channel::pop() {
  if (queue_.empty()) return std::nullopt;
  StreamElement oldest = std::move(queue_.front());
  queue_.pop_front();
  if (const auto* batch = std::get_if<EventBatch>(&oldest)) {
    --batches_;
    bytes_ -= batch->byte_size();
  }
  return oldest;
}

}  // namespace lymer::runtime
