// Events that a function makes, row by row, by number: generators and bounded collections.
//
// It asks for one row after another, so it can go on from any of them; several subtasks share the
// numbers. Not here: records that have to be decoded (runtime/record_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/event_source.h"
#include "runtime/operator.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/source.h"
#include "runtime/source_progress.h"
#include "runtime/source_queue.h"
#include "runtime/source_share.h"

namespace lymer::runtime {

// Fills the row of this number and tells its time; false if there are no more. Called in order, but
// by each subtask for its own numbers: it may depend on nothing but the number.
using MakeRow = std::function<bool(std::uint64_t number, RowBuilder& row, EventTime& time)>;

struct RowSourceSpec {
  SchemaRef schema;
  SchemaId schema_id;
  SplitId split;
  Duration out_of_order;
  MakeRow make;
};

class RowSource final : public EventSource {
 public:
  RowSource(RowSourceSpec spec, SourceShare share);

  [[nodiscard]] Result<SourceState> step(Collector& out) override;
  [[nodiscard]] SourceState flush(Collector& out) override { return queue_.flush_state(out); }
  void finish(bool drains) override { queue_.end(drains); }
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  // Returns kUnsupported where other subtasks shared the rows before.
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;
  [[nodiscard]] EventTime watermark() const override { return progress_.watermark(); }

 private:
  [[nodiscard]] bool add_row();

  RowSourceSpec spec_;
  SourceProgress progress_;
  RowBuilder row_;
  EventBatch batch_;
  std::size_t last_bytes_ = 0;  // Of the batch before.
  SourceQueue queue_;
};

}  // namespace lymer::runtime
