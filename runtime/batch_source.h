// Events that a function makes many at a time, batch by batch, by number: a decoder of one's own, a
// file of columns, what lies in memory.
//
//   BatchSource source({.schema_id = id, .split = split, .make = [](std::uint64_t number,
//                                                                   EventBatch& batch) { ... }},
//                      share);
//
// It asks for one batch after another, so it can go on from any of them; several subtasks share the
// numbers. Rows are handed on as they are made, without a copy.
// Not here: rows one at a time (runtime/row_source.h), records (runtime/record_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/event_source.h"
#include "runtime/operator.h"
#include "runtime/source.h"
#include "runtime/source_progress.h"
#include "runtime/source_queue.h"
#include "runtime/source_share.h"

namespace lymer::runtime {

// Fills the batch of this number, empty as it comes: rows of the schema, and of the headers the
// times, all else is the source's. False if there are no more. Called in order, but by each subtask
// for its own numbers: it may depend on nothing but the number.
using MakeBatch = std::function<bool(std::uint64_t number, EventBatch& batch)>;

struct BatchSourceSpec {
  SchemaId schema_id;
  SplitId split;
  Duration out_of_order;
  MakeBatch make;
};

class BatchSource final : public EventSource {
 public:
  // Events of a batch. Offsets tell batch and place, so none has more.
  static constexpr std::uint64_t kMostEvents = std::uint64_t{1} << 20U;

  BatchSource(BatchSourceSpec spec, SourceShare share);

  // Returns kInvalidArgument for a batch of more than kMostEvents.
  [[nodiscard]] Result<SourceState> step(Collector& out) override;
  [[nodiscard]] SourceState flush(Collector& out) override { return queue_.flush_state(out); }
  void finish(bool drains) override { queue_.end(drains); }
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  // Returns kUnsupported where other subtasks shared the batches before.
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;
  [[nodiscard]] EventTime watermark() const override { return progress_.watermark(); }

 private:
  void queue_events(EventBatch batch);

  BatchSourceSpec spec_;
  SourceProgress progress_;
  SourceQueue queue_;
};

}  // namespace lymer::runtime
