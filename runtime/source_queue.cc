// A list and how far it has been put out.
// Not here: where elements come from.
#include "runtime/source_queue.h"

#include <utility>

namespace lymer::runtime {

void SourceQueue::add_batch(EventBatch& batch) {
  if (!batch.empty()) waiting_.emplace_back(std::exchange(batch, {}));
}

void SourceQueue::end(bool drains) {
  if (std::exchange(has_ended_, true)) return;
  if (drains) waiting_.emplace_back(Watermark{EventTime::max()});
  waiting_.emplace_back(EndOfInput{});
}

bool SourceQueue::flush(Collector& out) {
  for (; first_ < waiting_.size(); ++first_) {
    if (!out.try_emit(kMainPort, waiting_[first_])) return false;
  }
  waiting_.clear();
  first_ = 0;
  return true;
}

}  // namespace lymer::runtime
