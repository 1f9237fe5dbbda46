// Where a stream begins, for a task: events and watermarks, a batch at a time.
//
// A RowSource asks a function for one row after another, by number, so it can go on from any of
// them; several subtasks share the numbers. Sources of records that have to be decoded are
// runtime/source_task.h.
// Not here: threads (runtime/exec/worker.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/operator.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/source_task.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

class EventSource {
 public:
  virtual ~EventSource() = default;
  // Puts out about one batch. What `out` refuses is put out by the next call.
  [[nodiscard]] virtual Result<SourceState> step(Collector& out) = 0;
};

// Which part of a source a subtask reads.
struct SourceShare {
  std::size_t subtask = 0;
  std::size_t subtasks = 1;
};

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

 private:
  [[nodiscard]] bool flush(Collector& out);
  void add_row();
  void end();

  RowSourceSpec spec_;
  SourceShare share_;
  std::uint64_t next_;
  RowBuilder row_;
  BoundedOutOfOrderness watermarks_;
  EventTime sent_ = EventTime::min();
  EventBatch batch_;
  std::vector<StreamElement> waiting_;  // To be put out, from first_ on.
  std::size_t first_ = 0;
  bool has_ended_ = false;
};

}  // namespace lymer::runtime
