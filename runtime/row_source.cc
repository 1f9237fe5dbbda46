// A batch, then the watermark that it allows; an event that is behind it meets it first.
// Not here: where rows come from.
#include "runtime/row_source.h"

#include <string_view>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kStateName = "rows";
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

// The number of the next row, and the time that was promised.
Result<void> RowSource::snapshot(StateSnapshot& state) const {
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(share_.subtask));
  writer.put_u32(static_cast<std::uint32_t>(share_.subtasks));
  writer.put_u64(next_);
  writer.put_time(sent_);
  watermarks_.snapshot(writer);
  state.put_operator_state(kStateName, std::move(writer).take());
  return {};
}

Result<void> RowSource::restore(const StateSnapshot& state) {
  for (const auto bytes : state.operator_states(kStateName)) {
    ByteReader reader(bytes);
    const std::uint32_t subtask = reader.u32();
    const std::uint32_t subtasks = reader.u32();
    LYMER_RETURN_IF_ERROR(reader.status("the state of a source of rows"));
    if (subtasks != share_.subtasks) {
      return Error{ErrorCode::kUnsupported,
                   text("{} subtasks shared the rows of `{}`, so {} cannot go on with them; give "
                        "the source a parallelism of its own",
                        subtasks, spec_.schema->name(), share_.subtasks)};
    }
    if (subtask != share_.subtask) continue;
    next_ = reader.u64();
    sent_ = reader.time();
    watermarks_.restore(reader);
    LYMER_RETURN_IF_ERROR(reader.status("the state of a source of rows"));
  }
  return {};
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
