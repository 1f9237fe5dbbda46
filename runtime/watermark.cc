// Two small machines; both only ever move time forward.
// Not here: how often watermarks are sent (runtime/record_source.cc).
#include "runtime/watermark.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "runtime/base/check.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

BoundedOutOfOrderness::BoundedOutOfOrderness(Duration bound) : bound_(bound) {
  LYMER_CHECK_GE(bound, Duration{});
}

void BoundedOutOfOrderness::on_event(EventTime time) { latest_ = std::max(latest_, time); }

EventTime BoundedOutOfOrderness::current() const {
  if (latest_ == EventTime::min()) return latest_;
  return latest_ - bound_ - Duration::millis(1);
}

WatermarkMerger::WatermarkMerger(std::size_t inputs) : inputs_(inputs) {
  LYMER_CHECK_GT(inputs, std::size_t{0});
}

std::optional<EventTime> WatermarkMerger::on_watermark(std::size_t input, EventTime watermark) {
  inputs_[input].idle = false;
  inputs_[input].watermark = std::max(inputs_[input].watermark, watermark);
  return update();
}

std::optional<EventTime> WatermarkMerger::on_idle(std::size_t input) {
  inputs_[input].idle = true;
  return update();
}

std::optional<EventTime> WatermarkMerger::update() {
  EventTime smallest = EventTime::max();
  bool any_active = false;
  for (const Input& input : inputs_) {
    if (input.idle) continue;
    any_active = true;
    smallest = std::min(smallest, input.watermark);
  }
  if (!any_active || smallest <= current_) return std::nullopt;
  current_ = smallest;
  return current_;
}

}  // namespace lymer::runtime
