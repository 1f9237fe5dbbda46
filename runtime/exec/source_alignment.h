// Keeps the sources of a job together in event time (Flink: watermark alignment).
//
// A source that is further than the allowed drift ahead of the one furthest behind reads nothing
// until that has caught up: what it reads could only wait in buffers for the others. Sources that
// have nothing to read hold nobody up.
// Not here: sources (runtime/event_source.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/base/time.h"
#include "runtime/exec/wakeup.h"

namespace lymer::runtime {

class SourceAlignment {
 public:
  explicit SourceAlignment(Duration drift) : drift_(drift) {}

  // One source, for the thread that reads it.
  class Member {
   public:
    Member(SourceAlignment& all, Wakeup& wakeup) : all_(all), wakeup_(wakeup) {}

    [[nodiscard]] bool may_read();
    // Tells how far the source is, and whether there is more to read.
    void update(EventTime watermark, bool has_more);

   private:
    friend class SourceAlignment;
    SourceAlignment& all_;
    Wakeup& wakeup_;  // Of the thread.
    std::atomic<std::int64_t> position_ = EventTime::min().to_millis();
    std::atomic<bool> is_held_ = false;
  };

  // Adds a source that is read by the thread with this wakeup. Before any of them reads; all must
  // outlive the members.
  [[nodiscard]] Member& add(Wakeup& wakeup) { return members_.emplace_back(*this, wakeup); }

 private:
  [[nodiscard]] bool is_ahead(std::int64_t position) const;
  void wake_held();

  Duration drift_;
  std::deque<Member> members_;
};

}  // namespace lymer::runtime
