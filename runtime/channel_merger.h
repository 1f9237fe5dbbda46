// Several senders in front of one channel.
//
// Events pass as they come. Time is what all senders have promised: the channel gets the smallest
// of their watermarks, idle ones left out, and the end of input when the last of them has ended.
// Not here: the queue (runtime/channel.h), merging itself (runtime/watermark.h).
#pragma once

#include <cstddef>
#include <deque>

#include "runtime/channel.h"
#include "runtime/operator.h"
#include "runtime/stream_element.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

class ChannelMerger {
 public:
  // `channel` must outlive the merger.
  ChannelMerger(Channel& channel, std::size_t inputs);
  ChannelMerger(const ChannelMerger&) = delete;
  ChannelMerger& operator=(const ChannelMerger&) = delete;
  ChannelMerger(ChannelMerger&&) = delete;
  ChannelMerger& operator=(ChannelMerger&&) = delete;
  ~ChannelMerger() = default;

  // Gives the collector of one sender.
  [[nodiscard]] Collector& input(std::size_t index) { return inputs_[index]; }

 private:
  class Input final : public Collector {
   public:
    Input(ChannelMerger& merger, std::size_t index) : merger_(merger), index_(index) {}
    [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;

   private:
    ChannelMerger& merger_;
    std::size_t index_;
  };

  [[nodiscard]] bool take(std::size_t input, StreamElement& element);
  void put(StreamElement element);

  Channel& channel_;
  WatermarkMerger watermarks_;
  std::deque<Input> inputs_;
  std::size_t ended_ = 0;
};

}  // namespace lymer::runtime
