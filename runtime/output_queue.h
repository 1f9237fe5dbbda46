// What an operator has to say and could not put out yet.
//
// Events are gathered into batches by port; a mark closes the batches before it, so it keeps its
// place. An operator that may have much to say at once stops while is_full() and goes on when it
// is resumed; so what waits here is bounded.
// Not here: who refuses (runtime/operator.h).
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <span>
#include <utility>

#include "runtime/event.h"
#include "runtime/operator.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class OutputQueue {
 public:
  // Events that are gathered before they should be put out.
  static constexpr std::size_t kFull = 1024;

  void add(Port port, const EventHeader& header, std::span<const std::byte> row,
           std::string_view raw = {});
  // Behind all that was added, on the main port.
  void add_mark(StreamElement mark);
  // Puts out as much as the collector takes; kDone if that is all.
  [[nodiscard]] Progress flush(Collector& out);

  [[nodiscard]] bool is_full() const noexcept { return events_ >= kFull; }
  [[nodiscard]] bool empty() const noexcept { return open_.empty() && closed_.empty(); }

 private:
  void close_batches();

  std::map<Port, EventBatch> open_;
  std::deque<std::pair<Port, StreamElement>> closed_;
  std::size_t events_ = 0;  // Since all was put out.
  // What the batch before held on the main port, and the next one is likely to.
  std::size_t usual_events_ = 0;
  std::size_t usual_bytes_ = 0;
};

}  // namespace lymer::runtime
