// How far a source has come whose rows or batches have numbers, and what it has promised.
//
// Subtask i of n has the numbers i, i + n, i + 2 n ... Not here: what is under a number
// (runtime/row_source.h, runtime/batch_source.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/source_queue.h"
#include "runtime/source_share.h"
#include "runtime/state_snapshot.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

class SourceProgress {
 public:
  SourceProgress(SourceShare share, Duration out_of_order)
      : share_(share), next_(share.subtask), watermarks_(out_of_order) {}

  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  void advance() noexcept { next_ += share_.subtasks; }

  // Tells whether an event of this time would be late behind what may be promised and was not yet:
  // then it is, whether or not a batch ends before it, so the promise goes first.
  [[nodiscard]] bool is_behind(EventTime time) const {
    const EventTime may_be = watermarks_.current();
    return time <= may_be && may_be > sent_;
  }
  void on_event(EventTime time) { watermarks_.on_event(time); }
  // Adds the watermark that the events so far allow, if it is news.
  void promise(SourceQueue& queue);
  [[nodiscard]] EventTime watermark() const { return watermarks_.current(); }

  // As operator state of this name.
  void snapshot(std::string_view name, StateSnapshot& state) const;
  // Returns kUnsupported where other subtasks shared the numbers before.
  [[nodiscard]] Result<void> restore(std::string_view name, const StateSnapshot& state);

 private:
  SourceShare share_;
  std::uint64_t next_;
  BoundedOutOfOrderness watermarks_;
  EventTime sent_ = EventTime::min();
};

}  // namespace lymer::runtime
