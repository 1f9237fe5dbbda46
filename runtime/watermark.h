// Watermarks: promises about event time, made at sources and merged where streams meet.
//
// A stream with `out_of_order B` promises, after an event of time t, that nothing at or before
// t - B - 1 ms follows; so an event exactly B behind the latest is still in time. After Flink's
// BoundedOutOfOrdernessWatermarks and StatusWatermarkValve.
// Not here: reading times from fields (runtime/timestamp.h).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

// Makes the watermark of one split.
class BoundedOutOfOrderness {
 public:
  // Requires a bound that is not negative.
  explicit BoundedOutOfOrderness(Duration bound);

  // Sees an event's time.
  void on_event(EventTime time);
  // Gives the promise so far, EventTime::min() before any event.
  [[nodiscard]] EventTime current() const;

  void snapshot(ByteWriter& writer) const { writer.put_time(latest_); }
  void restore(ByteReader& reader) { latest_ = reader.time(); }

 private:
  Duration bound_;
  EventTime latest_ = EventTime::min();
};

// Gives the watermark of several inputs together: the smallest of those that are not idle. It never
// falls, also when an idle input comes back with an older one. When all are idle it stays.
class WatermarkMerger {
 public:
  explicit WatermarkMerger(std::size_t inputs);

  // Takes an input's watermark and wakes the input. Gives the merged watermark if that made it
  // rise.
  [[nodiscard]] std::optional<EventTime> on_watermark(std::size_t input, EventTime watermark);
  [[nodiscard]] std::optional<EventTime> on_idle(std::size_t input);
  [[nodiscard]] EventTime current() const noexcept { return current_; }
  // Goes on from what was current().
  void restore(EventTime current) noexcept { current_ = current; }

 private:
  struct Input {
    EventTime watermark = EventTime::min();
    bool idle = false;
  };
  [[nodiscard]] std::optional<EventTime> update();

  std::vector<Input> inputs_;
  EventTime current_ = EventTime::min();
};

}  // namespace lymer::runtime
