// The end of a stream: batches go to a sink.
//
// One epoch from the beginning to the end of input, until checkpoints cut it.
// Not here: sinks (runtime/sink.h).
#pragma once

#include <functional>
#include <memory>

#include "runtime/event_view.h"
#include "runtime/operator.h"
#include "runtime/schema.h"
#include "runtime/sink.h"

namespace lymer::runtime {

class SinkOperator final : public Operator {
 public:
  explicit SinkOperator(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}

  [[nodiscard]] Result<void> open(const OperatorContext& context) override;
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;
  [[nodiscard]] Result<Progress> on_end_of_input(Collector& out) override;
  // Aborts what was not committed.
  [[nodiscard]] Result<void> close() override;

 private:
  std::unique_ptr<Sink> sink_;
  bool is_open_ = false;  // An epoch has begun and is not committed.
};

// Calls a function for each event; nothing can be taken back.
class FunctionSink final : public Sink {
 public:
  using See = std::function<void(const EventView&)>;
  FunctionSink(SchemaRef schema, See see) : schema_(std::move(schema)), see_(std::move(see)) {}

  [[nodiscard]] Result<void> begin(Epoch) override { return {}; }
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  [[nodiscard]] Result<void> pre_commit(Epoch) override { return {}; }
  [[nodiscard]] Result<void> commit(Epoch) override { return {}; }
  [[nodiscard]] Result<void> abort(Epoch) override { return {}; }
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  SchemaRef schema_;
  See see_;
};

}  // namespace lymer::runtime
