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

bool RowSource::flush(Collector& out) {
  for (; first_ < waiting_.size(); ++first_) {
    if (!out.try_emit(kMainPort, waiting_[first_])) return false;
  }
  waiting_.clear();
  first_ = 0;
  return true;
}

Result<SourceState> RowSource::step(Collector& out) {
  if (!flush(out)) return SourceState::kBlocked;
  if (has_ended_) return SourceState::kEnded;
  batch_.clear();
  while (!has_ended_ && batch_.size() < kBatchEvents) add_row();
  if (!batch_.empty()) waiting_.emplace_back(std::exchange(batch_, {}));
  if (has_ended_) {
    waiting_.emplace_back(Watermark{EventTime::max()});
    waiting_.emplace_back(EndOfInput{});
  } else if (watermarks_.current() > sent_) {
    sent_ = watermarks_.current();
    waiting_.emplace_back(Watermark{sent_});
  }
  (void)flush(out);  // What is refused is tried again at the next step.
  return SourceState::kActive;
}

void RowSource::add_row() {
  row_.reset();
  EventHeader header;
  header.id = {spec_.split, next_};
  header.schema = spec_.schema_id;
  if (!spec_.make(next_, row_, header.time)) {
    has_ended_ = true;
    return;
  }
  next_ += share_.subtasks;
  // Whether it is late must not depend on where batches end.
  if (header.time <= watermarks_.current() && watermarks_.current() > sent_) {
    if (!batch_.empty()) waiting_.emplace_back(std::exchange(batch_, {}));
    sent_ = watermarks_.current();
    waiting_.emplace_back(Watermark{sent_});
  }
  watermarks_.on_event(header.time);
  batch_.append(header, row_.bytes(), {});
}

void RowSource::finish(bool drains) {
  if (std::exchange(has_ended_, true)) return;
  if (drains) waiting_.emplace_back(Watermark{EventTime::max()});
  waiting_.emplace_back(EndOfInput{});
}

}  // namespace lymer::runtime
