// Arithmetic on times.
// Not here: merging sessions (runtime/window/merging_windows.h).
#include "runtime/window/assigner.h"

#include <algorithm>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

// An event in more windows than this is a mistake in the units.
constexpr std::int64_t kMostWindows = 10'000;

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace

WindowAssigner WindowAssigner::tumbling(Duration size, Duration offset) {
  WindowAssigner made;
  made.kind_ = Kind::kTumbling;
  made.size_ = made.slide_ = size;
  made.offset_ = offset;
  return made;
}

WindowAssigner WindowAssigner::sliding(Duration size, Duration slide, Duration offset) {
  WindowAssigner made;
  made.kind_ = Kind::kSliding;
  made.size_ = size;
  made.slide_ = slide;
  made.offset_ = offset;
  return made;
}

WindowAssigner WindowAssigner::session(Duration gap) {
  WindowAssigner made;
  made.kind_ = Kind::kSession;
  made.size_ = made.slide_ = gap;
  return made;
}

WindowAssigner WindowAssigner::session(GapOf gap) {
  WindowAssigner made = session(Duration::millis(1));
  made.gap_of_ = std::move(gap);
  return made;
}

WindowAssigner WindowAssigner::global() { return {}; }

WindowAssigner WindowAssigner::in_processing_time() const {
  WindowAssigner made = *this;
  made.domain_ = TimeDomain::kProcessingTime;
  return made;
}

Result<void> WindowAssigner::check() const {
  if (kind_ == Kind::kGlobal) return {};
  if (size_ <= Duration() || slide_ <= Duration()) {
    return invalid(text("a window of {} ms, each {} ms: both must be positive", size_.to_millis(),
                        slide_.to_millis()));
  }
  const std::int64_t offset = offset_.to_millis();
  if (std::max(offset, -offset) >= slide_.to_millis()) {
    return invalid(text("windows each {} ms with an offset of {} ms: it must be shorter",
                        slide_.to_millis(), offset));
  }
  if (size_.to_millis() / slide_.to_millis() > kMostWindows) {
    return invalid(text("a window of {} ms, each {} ms, puts an event into more than {} windows",
                        size_.to_millis(), slide_.to_millis(), kMostWindows));
  }
  return {};
}

void WindowAssigner::assign(const EventView& event, EventTime time,
                            std::vector<Window>& windows) const {
  windows.clear();
  if (kind_ == Kind::kGlobal) {
    windows.push_back(Window::global());
    return;
  }
  if (kind_ == Kind::kSession) {
    const Duration gap = gap_of_ ? std::max(gap_of_(event), Duration::millis(1)) : size_;
    windows.push_back({time, time + gap});
    return;
  }
  const EventTime last = window_start(time, slide_, offset_);
  for (EventTime start = last; start + size_ > time; start = start - slide_) {
    windows.push_back({start, start + size_});
    if (start == EventTime::min()) return;
  }
}

}  // namespace lymer::runtime
