// A batch, then the watermark that it allows; an event that is behind it meets it first.
// Not here: where rows come from.
#include "runtime/batch_source.h"

#include <string_view>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kStateName = "batches";

EventBatch part_of(const EventBatch& batch, std::size_t begin, std::size_t end) {
  EventBatch part;
  for (std::size_t i = begin; i < end; ++i) {
    const EventHeader& header = batch.headers()[i];
    part.append(header, batch.bytes(header.row), batch.raw(i));
  }
  return part;
}

}  // namespace

BatchSource::BatchSource(BatchSourceSpec spec, SourceShare share)
    : spec_(std::move(spec)), progress_(share, spec_.out_of_order) {}

Result<SourceState> BatchSource::step(Collector& out) {
  if (!queue_.flush(out)) return SourceState::kBlocked;
  if (queue_.has_ended()) return SourceState::kEnded;
  EventBatch batch;
  if (spec_.make(progress_.next(), batch)) {
    if (batch.size() > kMostEvents) {
      return Error{ErrorCode::kInvalidArgument,
                   text("batch {} has {} events, more than {}; give them in several",
                        progress_.next(), batch.size(), kMostEvents)};
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      batch.set_id(i, {spec_.split, progress_.next() * kMostEvents + i});
      batch.set_schema(i, spec_.schema_id);
    }
    progress_.advance();
    queue_events(std::move(batch));
  } else {
    queue_.end(true);
  }
  (void)queue_.flush(out);  // What is refused is tried again at the next step.
  return SourceState::kActive;
}

void BatchSource::queue_events(EventBatch batch) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const EventTime time = batch.headers()[i].time;
    if (progress_.is_behind(time)) {
      EventBatch part = part_of(batch, begin, i);
      queue_.add_batch(part);
      progress_.promise(queue_);
      begin = i;
    }
    progress_.on_event(time);
  }
  if (begin > 0) batch = part_of(batch, begin, batch.size());
  queue_.add_batch(batch);
  progress_.promise(queue_);
}

Result<void> BatchSource::snapshot(StateSnapshot& state) const {
  progress_.snapshot(kStateName, state);
  return {};
}

Result<void> BatchSource::restore(const StateSnapshot& state) {
  return progress_.restore(kStateName, state);
}

}  // namespace lymer::runtime
