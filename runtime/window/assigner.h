// Which windows an event is in (Flink: WindowAssigner).
//
// Tumbling windows follow each other, sliding ones start every `slide`; with an offset they do so
// that much later, so days can begin at another hour. A session goes on while events are less than
// its gap apart: each event has a window of its own, and those that touch become one. The global
// window holds everything and needs a trigger that fires.
// Not here: when results come (runtime/window/trigger.h).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event_view.h"
#include "runtime/keyed_operator.h"
#include "runtime/window/window.h"

namespace lymer::runtime {

class WindowAssigner {
 public:
  enum class Kind : std::uint8_t { kTumbling, kSliding, kSession, kGlobal };
  // The gap of a session after this event; not positive: it is taken for a millisecond.
  using GapOf = std::function<Duration(const EventView&)>;

  [[nodiscard]] static WindowAssigner tumbling(Duration size, Duration offset = {});
  [[nodiscard]] static WindowAssigner sliding(Duration size, Duration slide, Duration offset = {});
  [[nodiscard]] static WindowAssigner session(Duration gap);
  [[nodiscard]] static WindowAssigner session(GapOf gap);
  [[nodiscard]] static WindowAssigner global();
  // The same by the clock, in place of the events' times.
  [[nodiscard]] WindowAssigner in_processing_time() const;

  // Returns kInvalidArgument for a size, slide or gap that is not positive, for an offset as long
  // as the slide, and for a slide by which an event would be in too many windows.
  [[nodiscard]] Result<void> check() const;

  // Puts the windows of an event of this time into `windows`, the latest first.
  void assign(const EventView& event, EventTime time, std::vector<Window>& windows) const;

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] TimeDomain domain() const noexcept { return domain_; }
  [[nodiscard]] bool merges() const noexcept { return kind_ == Kind::kSession; }
  [[nodiscard]] Duration size() const noexcept { return size_; }
  [[nodiscard]] Duration slide() const noexcept { return slide_; }
  [[nodiscard]] Duration offset() const noexcept { return offset_; }

 private:
  Kind kind_ = Kind::kGlobal;
  TimeDomain domain_ = TimeDomain::kEventTime;
  Duration size_;  // The gap of a session.
  Duration slide_;
  Duration offset_;
  GapOf gap_of_;
};

}  // namespace lymer::runtime
