// One look at all splits for each change; there are few changes for each batch.
// Not here: who calls the splits.
#include "runtime/split_merger.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace lymer::runtime {

void SplitMerger::add(EventTime watermark) { splits_.push_back({watermark}); }

bool SplitMerger::have_all_ended() const {
  return std::ranges::all_of(splits_, [](const Split& each) { return each.has_ended; });
}

bool SplitMerger::try_emit(std::size_t split, Port port, StreamElement& element, Collector& out) {
  Split& from = splits_[split];
  if (const auto* watermark = std::get_if<Watermark>(&element)) {
    from.watermark = std::max(from.watermark, watermark->time);
    from.is_idle = false;
  } else if (std::holds_alternative<IdleMark>(element)) {
    from.is_idle = true;
  } else if (std::holds_alternative<EndOfInput>(element)) {
    from.has_ended = true;
  } else {
    // What one split promised before comes before the events of another behind it.
    if (std::exchange(from.is_idle, false)) update();
    return queue_.flush(out) && out.try_emit(port, element);
  }
  update();
  return true;
}

void SplitMerger::update() {
  const bool all_over = std::ranges::all_of(splits_, &Split::is_over);
  bool has_any = false;
  EventTime least = EventTime::max();
  for (const Split& each : splits_) {
    if (!all_over && (each.is_idle || each.is_over())) continue;
    has_any = true;
    least = std::min(least, each.watermark);
  }
  if (has_any && least > watermark_) {
    watermark_ = least;
    queue_.add(Watermark{least});
    is_idle_ = false;
  }
  const bool was_idle = std::exchange(is_idle_, !has_any);
  if (is_idle_ && !was_idle) queue_.add(IdleMark{});
}

}  // namespace lymer::runtime
