// A gate over queues that only get shorter.
// Not here: channels (runtime/exec/input_gate.cc).
#include "runtime/exec/restored_input.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace lymer::runtime {

RestoredInput::RestoredInput(std::vector<OvertakenChannel> channels, EventTime time)
    : queues_(queues_of(channels)), watermarks_(queues_.size()) {
  watermarks_.restore(time);
  for (const OvertakenChannel& each : channels) {
    if (each.is_output) continue;
    const auto queue = std::ranges::find(queues_, each.channel, &Queue::id) - queues_.begin();
    const auto index = static_cast<std::size_t>(queue);
    if (const auto risen = each.is_idle ? watermarks_.on_idle(index) : rise(index, each.time)) {
      risen_ = risen;
    }
  }
}

std::vector<RestoredInput::Queue> RestoredInput::queues_of(
    std::vector<OvertakenChannel>& channels) {
  std::vector<Queue> queues;
  for (OvertakenChannel& each : channels) {
    auto queue = std::ranges::find(queues, each.channel, &Queue::id);
    if (queue == queues.end()) queue = queues.insert(queue, Queue{each.channel, {}});
    std::ranges::move(each.elements, std::back_inserter(queue->elements));
  }
  return queues;
}

std::optional<StreamElement> RestoredInput::poll() {
  if (risen_) return Watermark{*std::exchange(risen_, std::nullopt)};
  for (std::size_t looked = 0; looked < queues_.size();) {
    const std::size_t queue = next_;
    next_ = (next_ + 1) % queues_.size();
    std::deque<StreamElement>& elements = queues_[queue].elements;
    if (elements.empty()) {
      ++looked;
      continue;
    }
    looked = 0;
    StreamElement element = std::move(elements.front());
    elements.pop_front();
    if (auto next = take(queue, std::move(element))) return next;
  }
  return std::nullopt;
}

std::optional<StreamElement> RestoredInput::take(std::size_t queue, StreamElement element) {
  std::optional<EventTime> risen;
  if (const auto* watermark = std::get_if<Watermark>(&element)) {
    risen = rise(queue, watermark->time);
  } else if (std::holds_alternative<IdleMark>(element)) {
    risen = watermarks_.on_idle(queue);
  } else {
    return element;
  }
  return risen ? std::optional<StreamElement>(Watermark{*risen}) : std::nullopt;
}

// The last watermark holds back nobody; whoever sent it sends it again.
std::optional<EventTime> RestoredInput::rise(std::size_t queue, EventTime time) {
  return time == EventTime::max() ? watermarks_.on_idle(queue)
                                  : watermarks_.on_watermark(queue, time);
}

}  // namespace lymer::runtime
