// A batch, then the watermark that it allows; an event that is behind it meets it first.
// Not here: where rows come from.
#include "runtime/row_source.h"

#include <utility>

namespace lymer::runtime {
namespace {

constexpr std::size_t kBatchEvents = 1024;

}  // namespace

RowSource::RowSource(RowSourceSpec spec, SourceShare share)
    : spec_(std::move(spec)),
      share_(share),
      next_(share.subtask),
      row_(spec_.schema),
      watermarks_(spec_.out_of_order) {}

Result<SourceState> RowSource::step(Collector& out) {
  if (!queue_.flush(out)) return SourceState::kBlocked;
  if (queue_.has_ended()) return SourceState::kEnded;
  batch_.clear();
  bool has_more = true;
  while (has_more && batch_.size() < kBatchEvents) has_more = add_row();
  queue_.add_batch(batch_);
  if (has_more) {
    queue_watermark();
  } else {
    queue_.end(true);
  }
  (void)queue_.flush(out);  // What is refused is tried again at the next step.
  return SourceState::kActive;
}

void RowSource::queue_watermark() {
  if (watermarks_.current() <= sent_) return;
  sent_ = watermarks_.current();
  queue_.add(Watermark{sent_});
}

// False if there are no more.
bool RowSource::add_row() {
  row_.reset();
  EventHeader header;
  header.id = {spec_.split, next_};
  header.schema = spec_.schema_id;
  if (!spec_.make(next_, row_, header.time)) return false;
  next_ += share_.subtasks;
  // Whether it is late must not depend on where batches end.
  if (header.time <= watermarks_.current() && watermarks_.current() > sent_) {
    queue_.add_batch(batch_);
    queue_watermark();
  }
  watermarks_.on_event(header.time);
  batch_.append(header, row_.bytes(), {});
  return true;
}

}  // namespace lymer::runtime
