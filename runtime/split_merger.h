// What several splits of one source put out, as one: batches as they come, the time of all.
//
// The watermark is the smallest of those splits that are neither idle nor at their end; when all
// are idle it stays, and the idle mark goes on. The end of one is no promise for another that is
// idle. Splits may be added at any time; the watermark does not fall for one that begins.
// Not here: the splits (runtime/record_source.h), inputs of operators (runtime/watermark.h).
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/operator.h"
#include "runtime/source_queue.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class SplitMerger {
 public:
  // Adds a split that has promised this much already.
  void add(EventTime watermark);
  // Learns that no split is there, or that no more are added for now: who has none is idle.
  void settle() { update(); }

  // Takes what a split puts out, as its Collector. Refuses batches that `out` has no room for.
  [[nodiscard]] bool try_emit(std::size_t split, Port port, StreamElement& element, Collector& out);
  // Puts out what time and idleness have to say; true if nothing is left.
  [[nodiscard]] bool flush(Collector& out) { return queue_.flush(out); }
  // Ends the stream once all splits have ended; with the end of time if there were none to say it.
  void end(bool drains) { queue_.end(drains && splits_.empty()); }

  [[nodiscard]] bool have_all_ended() const;
  [[nodiscard]] bool has_ended() const noexcept { return queue_.has_ended(); }
  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  [[nodiscard]] EventTime watermark() const noexcept { return watermark_; }

 private:
  struct Split {
    EventTime watermark;
    bool is_idle = false;
    bool has_ended = false;
    // The end of time comes a moment before the end itself.
    [[nodiscard]] bool is_over() const { return has_ended || watermark == EventTime::max(); }
  };
  void update();

  std::vector<Split> splits_;
  EventTime watermark_ = EventTime::min();
  bool is_idle_ = false;
  SourceQueue queue_;
};

}  // namespace lymer::runtime
