// A bounded queue between two tasks on any threads.
//
// Room in it is the sender's credit: a full channel refuses, which stops its sender and nobody
// else, and wakes the sender's worker once the receiver has taken something out. Not here: bounds
// and what counts as full (runtime/channel.h).
#pragma once

#include <mutex>
#include <optional>

#include "runtime/channel.h"
#include "runtime/exec/wakeup.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// Thread-safe, for one sender and one receiver.
class TaskChannel {
 public:
  // The wakeups are those of the workers at both ends; they must outlive the channel.
  TaskChannel(Wakeup& sender, Wakeup& receiver, ChannelLimits limits = {})
      : sender_(sender), receiver_(receiver), channel_(limits) {}

  // As Channel::try_push().
  [[nodiscard]] bool try_push(StreamElement& element);
  // As Channel::pop().
  [[nodiscard]] std::optional<StreamElement> pop();

  // The share of the room that is taken, from 0 to 1.
  [[nodiscard]] double fill() const;

 private:
  Wakeup& sender_;
  Wakeup& receiver_;
  mutable std::mutex mutex_;
  Channel channel_;
  bool has_refused_ = false;
};

}  // namespace lymer::runtime
