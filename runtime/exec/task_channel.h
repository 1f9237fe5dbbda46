// A bounded queue between two tasks on any threads.
//
// Room in it is the sender's credit: a full channel refuses, which stops its sender and nobody
// else, and wakes the sender's worker once the receiver has taken something out, or the pool of all
// channels has room for it. Not here: bounds and what counts as full (runtime/channel.h,
// runtime/exec/buffer_pool.h).
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/channel.h"
#include "runtime/exec/buffer_pool.h"
#include "runtime/exec/wakeup.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// Thread-safe, for one sender and one receiver.
class TaskChannel {
 public:
  // The wakeups are those of the workers at both ends; they must outlive the channel. Without a
  // pool its own limits are all there is.
  TaskChannel(Wakeup& sender, Wakeup& receiver, ChannelLimits limits = {},
              std::shared_ptr<BufferPool> pool = nullptr)
      : sender_(sender),
        receiver_(receiver),
        channel_(limits),
        share_(std::move(pool), std::min(limits.min_bytes, limits.max_bytes), sender) {}

  // As Channel::try_push(), and refuses also what the pool has no room for.
  [[nodiscard]] bool try_push(StreamElement& element);
  // As Channel::pop().
  [[nodiscard]] std::optional<StreamElement> pop();

  // The share of the room that is taken, from 0 to 1.
  [[nodiscard]] double fill() const;

 private:
  [[nodiscard]] bool take(StreamElement& element);

  Wakeup& sender_;
  Wakeup& receiver_;
  mutable std::mutex mutex_;
  Channel channel_;
  BufferShare share_;
  bool has_refused_ = false;
};

}  // namespace lymer::runtime
