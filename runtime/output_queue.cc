// A batch for each port that grows, and a queue of what has to go before it.
// Not here: when to stop adding.
#include "runtime/output_queue.h"

#include <string_view>

namespace lymer::runtime {

void OutputQueue::add(Port port, const EventHeader& header, std::span<const std::byte> row,
                      std::string_view raw) {
  EventBatch& batch = open_[port];
  if (batch.empty() && port == kMainPort) batch.reserve(usual_events_, usual_bytes_);
  batch.append(header, row, raw);
  ++events_;
}

void OutputQueue::add_mark(StreamElement mark) {
  close_batches();
  closed_.emplace_back(kMainPort, std::move(mark));
}

void OutputQueue::close_batches() {
  for (auto& [port, batch] : open_) {
    if (port == kMainPort) {
      usual_events_ = batch.size();
      usual_bytes_ = batch.byte_size() - batch.size() * sizeof(EventHeader);
    }
    closed_.emplace_back(port, std::move(batch));
  }
  open_.clear();
}

Progress OutputQueue::flush(Collector& out) {
  close_batches();
  for (; !closed_.empty(); closed_.pop_front()) {
    auto& [port, element] = closed_.front();
    if (!out.try_emit(port, element)) return Progress::kBlocked;
  }
  events_ = 0;
  return Progress::kDone;
}

}  // namespace lymer::runtime
