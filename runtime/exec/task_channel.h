// A bounded queue between two tasks on any threads.
//
// Room in it is the sender's credit: a full channel refuses, which stops its sender and nobody
// else, and wakes the sender's worker once the receiver has taken something out, or the pool of all
// channels has room for it. A barrier that is to overtake is taken from wherever it stands, and
// what stood before it is copied; where it has not come yet what the sender gives is, until it has.
// Not here: bounds and what counts as full (runtime/channel.h, runtime/exec/buffer_pool.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/channel.h"
#include "runtime/exec/buffer_pool.h"
#include "runtime/exec/channel_id.h"
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

  // Before it is used.
  void set_id(ChannelId id) { id_ = std::move(id); }
  [[nodiscard]] const ChannelId& id() const noexcept { return id_; }

  // For the receiver:
  // Raises the flag, and wakes the receiver, when a barrier comes that is to overtake, or what is
  // copied is whole. Before it is used.
  void announce_by(std::shared_ptr<std::atomic<bool>> flag) { news_ = std::move(flag); }
  // The barrier of this checkpoint is to overtake, whatever it says itself. Tells whether it stands
  // in the channel.
  [[nodiscard]] bool expect(Epoch epoch);
  // The newest barrier in the channel that is to overtake.
  [[nodiscard]] std::optional<Epoch> overtaking() const;
  // Takes the barrier out and copies what stands before it, or begins to copy until it comes.
  void overtake(Epoch epoch);
  // Gives the copies, once, when the barrier or the end of input has come.
  [[nodiscard]] std::optional<std::vector<StreamElement>> take_overtaken();
  // Copies no more.
  void forget_overtaken();

 private:
  [[nodiscard]] bool take(StreamElement& element);
  // These tell whether the receiver is to look.
  [[nodiscard]] bool announce();
  [[nodiscard]] bool note_newest();
  [[nodiscard]] bool overtakes(const Barrier& barrier) const;

  Wakeup& sender_;
  Wakeup& receiver_;
  mutable std::mutex mutex_;
  Channel channel_;
  BufferShare share_;
  bool has_refused_ = false;
  ChannelId id_;
  std::shared_ptr<std::atomic<bool>> news_;
  // Under the lock:
  Epoch expected_{0};
  std::optional<Epoch> copied_for_;  // Until the barrier comes.
  bool has_copies_ = false;
  std::vector<StreamElement> copies_;
};

}  // namespace lymer::runtime
