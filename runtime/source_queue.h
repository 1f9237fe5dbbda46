// What a source has to say, in order: what the output refuses comes again first.
//
// Not here: sources (runtime/event_source.h); operators have runtime/output_queue.h.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/event.h"
#include "runtime/event_source.h"
#include "runtime/operator.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class SourceQueue {
 public:
  void add(StreamElement element) { waiting_.push_back(std::move(element)); }
  // Adds a batch that has events, and leaves it empty.
  void add_batch(EventBatch& batch);
  // Adds the end of input, before it the end of time if `drains`; once, however often called.
  void end(bool drains);
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  // Puts out what waits; true if nothing does any more.
  [[nodiscard]] bool flush(Collector& out);
  // The same as a source says it.
  [[nodiscard]] SourceState flush_state(Collector& out) {
    if (!flush(out)) return SourceState::kBlocked;
    return has_ended_ ? SourceState::kEnded : SourceState::kActive;
  }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

 private:
  std::vector<StreamElement> waiting_;  // To be put out, from first_ on.
  std::size_t first_ = 0;
  bool has_ended_ = false;
};

}  // namespace lymer::runtime
