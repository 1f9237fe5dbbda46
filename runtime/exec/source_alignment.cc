// A source that waits says so first and looks again, so that no catching up is missed.
// Not here: threads.
#include "runtime/exec/source_alignment.h"

#include <algorithm>

namespace lymer::runtime {
namespace {

// The position of a source that holds nobody up.
constexpr std::int64_t kNowhere = EventTime::max().to_millis();

}  // namespace

bool SourceAlignment::is_ahead(std::int64_t position) const {
  std::int64_t least = kNowhere;
  for (const Member& each : members_) least = std::min(least, each.position_.load());
  // Before its first event a source may be anywhere.
  if (position == kNowhere || least == kNowhere) return false;
  if (least == EventTime::min().to_millis()) return position != least;
  return EventTime::from_millis(position) - EventTime::from_millis(least) > drift_;
}

bool SourceAlignment::Member::may_read() {
  const std::int64_t position = position_.load();
  if (!all_.is_ahead(position)) return true;
  is_held_.store(true);
  if (all_.is_ahead(position)) return false;
  is_held_.store(false);
  return true;
}

void SourceAlignment::Member::update(EventTime watermark, bool has_more) {
  const std::int64_t position = has_more ? watermark.to_millis() : kNowhere;
  if (position_.exchange(position) != position) all_.wake_held();
}

void SourceAlignment::wake_held() {
  for (Member& each : members_) {
    if (each.is_held_.exchange(false)) each.wakeup_.notify();
  }
}

}  // namespace lymer::runtime
