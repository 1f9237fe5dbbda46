// What was overtaken by the barrier that a task goes on from, before anything new.
//
// Each channel that there was is a queue of its own, with its own watermark, whatever channels
// there are now; time is what all of them have promised, as at a gate.
// Not here: whose the elements are (runtime/exec/overtaken.h).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/exec/overtaken.h"
#include "runtime/stream_element.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

class RestoredInput {
 public:
  // Of one operator, at least one; what two of the same channel hold belongs together, in their
  // order. `time` is what the operator's inputs had promised together.
  RestoredInput(std::vector<OvertakenChannel> channels, EventTime time);

  // Gives batches, rising watermarks and control records, a little from each channel in turn;
  // nothing if all have been given.
  [[nodiscard]] std::optional<StreamElement> poll();
  // What all channels have promised so far.
  [[nodiscard]] EventTime watermark() const noexcept { return watermarks_.current(); }

 private:
  struct Queue {
    ChannelId id;
    std::deque<StreamElement> elements;
  };
  [[nodiscard]] static std::vector<Queue> queues_of(std::vector<OvertakenChannel>& channels);
  [[nodiscard]] std::optional<StreamElement> take(std::size_t queue, StreamElement element);
  [[nodiscard]] std::optional<EventTime> rise(std::size_t queue, EventTime time);

  std::vector<Queue> queues_;
  WatermarkMerger watermarks_;
  std::optional<EventTime> risen_;  // To be given first.
  std::size_t next_ = 0;
};

}  // namespace lymer::runtime
