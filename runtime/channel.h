// A bounded queue between two tasks.
//
// Bounded in batches and in bytes; a full channel refuses, which stops its sender and nobody else.
// What must keep its place among the events (watermarks, barriers...) goes through the same queue
// and counts as nothing, so it is never refused for want of room; of watermarks in a row the last
// one stays, so that they do not pile up. What all channels may hold together is bounded by
// runtime/exec/buffer_pool.h.
// Thread-compatible; between threads see runtime/exec/task_channel.h.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "runtime/stream_element.h"

namespace lymer::runtime {

struct ChannelLimits {
  std::size_t max_batches = 16;
  std::size_t max_bytes = std::size_t{8} << 20U;
  // How much of it is the channel's own; the rest it borrows from the pool of all channels.
  std::size_t min_bytes = std::size_t{64} << 10U;
};

class Channel {
 public:
  explicit Channel(ChannelLimits limits = {}) : limits_(limits) {}

  // Takes the element and returns true, or returns false while there is no room. A batch larger
  // than max_bytes is taken when the channel is empty, so it cannot stand still for ever.
  [[nodiscard]] bool try_push(StreamElement& element);
  // Tells whether it would take the batch.
  [[nodiscard]] bool has_room(const EventBatch& batch) const;
  // Gives the oldest element, or nothing.
  [[nodiscard]] std::optional<StreamElement> pop();

  // What is queued, the oldest first.
  [[nodiscard]] const std::deque<StreamElement>& elements() const noexcept { return queue_; }
  // Takes out what stands there. Requires that it is no batch.
  void remove(std::size_t index);

  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  [[nodiscard]] std::size_t batches() const noexcept { return batches_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // The share of the room that is taken, from 0 to 1, or more with a batch of more than all bytes.
  [[nodiscard]] double fill() const noexcept;

 private:
  ChannelLimits limits_;
  std::deque<StreamElement> queue_;
  std::size_t batches_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace lymer::runtime
