// A number and two times, written and read.
// Not here: when they are.
#include "runtime/source_progress.h"

#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::runtime {

void SourceProgress::promise(SourceQueue& queue) {
  if (watermarks_.current() <= sent_) return;
  sent_ = watermarks_.current();
  queue.add(Watermark{sent_});
}

void SourceProgress::snapshot(std::string_view name, StateSnapshot& state) const {
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(share_.subtask));
  writer.put_u32(static_cast<std::uint32_t>(share_.subtasks));
  writer.put_u64(next_);
  writer.put_time(sent_);
  watermarks_.snapshot(writer);
  state.put_operator_state(name, std::move(writer).take());
}

Result<void> SourceProgress::restore(std::string_view name, const StateSnapshot& state) {
  for (const auto bytes : state.operator_states(name)) {
    ByteReader reader(bytes);
    const std::uint32_t subtask = reader.u32();
    const std::uint32_t subtasks = reader.u32();
    LYMER_RETURN_IF_ERROR(reader.status("the state of a source"));
    if (subtasks != share_.subtasks) {
      return Error{ErrorCode::kUnsupported,
                   text("{} subtasks shared the {} of a source, so {} cannot go on with them; give "
                        "the source a parallelism of its own",
                        subtasks, name, share_.subtasks)};
    }
    if (subtask != share_.subtask) continue;
    next_ = reader.u64();
    sent_ = reader.time();
    watermarks_.restore(reader);
    LYMER_RETURN_IF_ERROR(reader.status("the state of a source"));
  }
  return {};
}

}  // namespace lymer::runtime
