// The end of a stream: batches go to a sink, in epochs that checkpoints cut.
//
// An epoch begins with its first batch. At a barrier it is pre-committed, and what the sink needs
// for the commit is kept in the snapshot; it is committed when the checkpoint is safe, or by who
// goes on from it. Without checkpoints there is one epoch, from the beginning to the end of input.
// Not here: sinks (runtime/sink.h).
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

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
  // Waits for room in the sink.
  [[nodiscard]] Result<Progress> resume(Collector& out) override;
  [[nodiscard]] Result<Progress> on_end_of_input(Collector& out) override;
  [[nodiscard]] Result<void> on_barrier(Epoch epoch) override;
  [[nodiscard]] Result<void> on_checkpoint_complete(Epoch epoch) override;
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  // Commits what the snapshot holds: every subtask its share.
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;
  // Aborts what was not pre-committed.
  [[nodiscard]] Result<void> close() override;

 private:
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> pre_commit();

  std::unique_ptr<Sink> sink_;
  SourceShare share_;
  bool is_checkpointed_ = false;
  Epoch epoch_{1};          // The one that is written, or will be.
  bool has_begun_ = false;  // That one.
  std::vector<std::pair<Epoch, Transaction>> pre_committed_;
};

// Calls a function for each event; nothing can be taken back.
class FunctionSink final : public Sink {
 public:
  using See = std::function<void(const EventView&)>;
  FunctionSink(SchemaRef schema, See see) : schema_(std::move(schema)), see_(std::move(see)) {}

  [[nodiscard]] Result<void> begin(Epoch) override { return {}; }
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  [[nodiscard]] Result<Transaction> pre_commit(Epoch) override { return Transaction(); }
  [[nodiscard]] Result<void> commit(const Transaction&) override { return {}; }
  [[nodiscard]] Result<void> abort(Epoch) override { return {}; }
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  SchemaRef schema_;
  See see_;
};

}  // namespace lymer::runtime
