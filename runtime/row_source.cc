// A batch, then the watermark that it allows; an event that is behind it meets it first.
// Not here: where rows come from.
#include "runtime/row_source.h"

#include <string_view>
#include <utility>

namespace lymer::runtime {
namespace {

constexpr std::string_view kStateName = "rows";
constexpr std::size_t kBatchEvents = 1024;

}  // namespace

RowSource::RowSource(RowSourceSpec spec, SourceShare share)
    : spec_(std::move(spec)), progress_(share, spec_.out_of_order), row_(spec_.schema) {}

Result<SourceState> RowSource::step(Collector& out) {
  if (!queue_.flush(out)) return SourceState::kBlocked;
  if (queue_.has_ended()) return SourceState::kEnded;
  batch_.clear();
  batch_.reserve(kBatchEvents, last_bytes_);
  bool has_more = true;
  while (has_more && batch_.size() < kBatchEvents) has_more = add_row();
  last_bytes_ = batch_.byte_size() - batch_.size() * sizeof(EventHeader);
  queue_.add_batch(batch_);
  if (has_more) {
    progress_.promise(queue_);
  } else {
    queue_.end(true);
  }
  (void)queue_.flush(out);  // What is refused is tried again at the next step.
  return SourceState::kActive;
}

Result<void> RowSource::snapshot(StateSnapshot& state) const {
  progress_.snapshot(kStateName, state);
  return {};
}

Result<void> RowSource::restore(const StateSnapshot& state) {
  return progress_.restore(kStateName, state);
}

// False if there are no more.
bool RowSource::add_row() {
  row_.reset();
  EventHeader header;
  header.id = {spec_.split, progress_.next()};
  header.schema = spec_.schema_id;
  if (!spec_.make(progress_.next(), row_, header.time)) return false;
  progress_.advance();
  if (progress_.is_behind(header.time)) {
    queue_.add_batch(batch_);
    progress_.promise(queue_);
  }
  progress_.on_event(header.time);
  batch_.append(header, row_.bytes(), {});
  return true;
}

}  // namespace lymer::runtime
