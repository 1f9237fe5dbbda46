// What each kind of element becomes when it has several senders.
// Not here: aligning barriers; there are none yet.
#include "runtime/channel_merger.h"

#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace lymer::runtime {

ChannelMerger::ChannelMerger(Channel& channel, std::size_t inputs)
    : channel_(channel), watermarks_(inputs) {
  for (std::size_t i = 0; i < inputs; ++i) inputs_.emplace_back(*this, i);
}

bool ChannelMerger::Input::try_emit(Port port, StreamElement& element) {
  (void)port;
  return merger_.take(index_, element);
}

// For what a channel never refuses.
void ChannelMerger::put(StreamElement element) {
  const bool is_taken = channel_.try_push(element);
  LYMER_CHECK(is_taken, "a channel refused a mark");
}

bool ChannelMerger::take(std::size_t input, StreamElement& element) {
  if (const auto* watermark = std::get_if<Watermark>(&element)) {
    if (const auto risen = watermarks_.on_watermark(input, watermark->time)) put(Watermark{*risen});
    return true;
  }
  if (std::holds_alternative<IdleMark>(element)) {
    if (const auto risen = watermarks_.on_idle(input)) put(Watermark{*risen});
    if (inputs_.size() == 1) put(IdleMark{});
    return true;
  }
  if (std::holds_alternative<EndOfInput>(element)) {
    if (++ended_ == inputs_.size()) put(EndOfInput{});
    return true;
  }
  return channel_.try_push(element);
}

}  // namespace lymer::runtime
