// A task's part in checkpoints: orders, barriers, snapshots, going on from one.
// Not here: when (checkpoint/coordinator.h), what operators write (runtime/operator_chain.h).
#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/failpoint.h"
#include "runtime/exec/task.h"
#include "runtime/restored_time.h"

namespace lymer::runtime {
namespace {

// Beside what the first operator of a task writes of its own.
constexpr std::string_view kGateTime = "watermark of all inputs";

}  // namespace

void Task::tell(const CheckpointOrder& order) {
  const std::lock_guard lock(orders_mutex_);
  orders_.push_back(order);
  has_orders_.store(true, std::memory_order_release);
}

Result<void> Task::carry_out_orders() {
  std::vector<CheckpointOrder> orders;
  {
    const std::lock_guard lock(orders_mutex_);
    orders.swap(orders_);
    has_orders_.store(false, std::memory_order_relaxed);
  }
  for (const CheckpointOrder& each : orders) LYMER_RETURN_IF_ERROR(carry_out(each));
  return {};
}

Result<void> Task::carry_out(const CheckpointOrder& order) {
  switch (order.kind) {
    case CheckpointOrder::Kind::kTrigger:
      if (spec_.source != nullptr && !has_ended_) triggers_.push_back(order.epoch);
      return {};
    case CheckpointOrder::Kind::kComplete:
      // What this task said at its end is in every checkpoint that is triggered afterwards.
      may_end_ = may_end_ || (has_told_end_ && order.epoch > last_epoch_);
      return chain_ ? chain_->on_checkpoint_complete(order.epoch) : Result<void>();
    case CheckpointOrder::Kind::kAbort:
      std::erase_if(triggers_, [&](Epoch each) { return each <= order.epoch; });
      if (gate_) gate_->cancel(order.epoch);
      return chain_ ? chain_->on_checkpoint_aborted(order.epoch) : Result<void>();
  }
  return {};
}

// Between two steps of the source, with nothing left to put out: what it has given so far is before
// the barrier and what it will give behind it.
Result<TaskStep> Task::send_barrier() {
  const SourceState state = spec_.source->flush(*source_output_);
  if (state == SourceState::kBlocked) return TaskStep::kBlocked;
  if (!spec_.output->flush() || (chain_ && chain_->is_blocked())) return TaskStep::kBlocked;
  if (state == SourceState::kEnded) {
    // It holds no other source back any more.
    if (spec_.alignment != nullptr) spec_.alignment->update(spec_.source->watermark(), false);
    has_ended_ = true;
    triggers_.clear();
    return TaskStep::kMoved;
  }
  LYMER_FAILPOINT("task.before_barrier");
  const Epoch epoch = triggers_.front();
  triggers_.pop_front();
  begin_snapshot(epoch);
  LYMER_ASSIGN_OR_RETURN(OperatorPart part, source_part());
  snapshot_->parts.push_back(std::move(part));
  StreamElement barrier = Barrier{epoch};
  Collector& out = chain_input_ ? static_cast<Collector&>(*chain_input_) : *spec_.output;
  const bool is_taken = out.try_emit(kMainPort, barrier);
  LYMER_CHECK(is_taken, "a barrier was refused where there was room");
  report_snapshot();
  return TaskStep::kMoved;
}

Result<OperatorPart> Task::source_part() const {
  OperatorPart part{spec_.source_uid, static_cast<std::uint32_t>(spec_.subtask), {}};
  LYMER_RETURN_IF_ERROR(spec_.source->snapshot(part.state));
  return part;
}

void Task::begin_snapshot(Epoch epoch) {
  last_epoch_ = epoch;
  snapshot_.emplace();
  snapshot_->task = spec_.number;
  snapshot_->epoch = epoch;
  snapshot_->snapshot_seconds = clock_->monotonic_seconds();
}

// Once the barrier has passed all operators.
void Task::report_snapshot() {
  if (!snapshot_) return;
  if (chain_) {
    auto parts = chain_->take_snapshots();
    if (!parts) return;
    if (gate_) add_gate_time(*parts);
    std::ranges::move(*parts, std::back_inserter(snapshot_->parts));
  }
  snapshot_->snapshot_seconds = clock_->monotonic_seconds() - snapshot_->snapshot_seconds;
  TaskSnapshot snapshot = std::move(*snapshot_);
  snapshot_.reset();
  LYMER_FAILPOINT("task.before_answer");
  if (spec_.checkpoints.listener != nullptr) {
    spec_.checkpoints.listener->on_snapshot(std::move(snapshot));
  }
}

void Task::add_gate_time(std::vector<OperatorPart>& parts) const {
  ByteWriter writer;
  writer.put_time(gate_->watermark());
  parts.front().state.put_operator_state(kGateTime, std::move(writer).take());
}

Result<void> Task::restore() {
  const FindState& find = spec_.checkpoints.find_state;
  if (spec_.source != nullptr) {
    LYMER_ASSIGN_OR_RETURN(const auto state,
                           find(spec_.source_uid, {spec_.subtask, spec_.subtasks}));
    if (state) LYMER_RETURN_IF_ERROR(spec_.source->restore(*state));
  }
  if (!chain_) return {};
  // Time must not fall for the operators behind the gate.
  const FindState find_with_time = [&](const std::string& uid,
                                       SourceShare share) -> Result<std::optional<StateSnapshot>> {
    LYMER_ASSIGN_OR_RETURN(auto state, find(uid, share));
    if (!gate_ || !state) return state;
    LYMER_ASSIGN_OR_RETURN(const auto time, restored_time(*state, kGateTime, share));
    if (time) gate_->restore(*time);
    return state;
  };
  return chain_->restore(find_with_time);
}

// Waits until what it has said last is safe, so that sinks can commit what came last.
Result<TaskStep> Task::end() {
  SnapshotListener* listener = spec_.checkpoints.listener;
  if (listener == nullptr || may_end_) return TaskStep::kEnded;
  if (std::exchange(has_told_end_, true)) return TaskStep::kIdle;
  TaskSnapshot last;
  last.task = spec_.number;
  last.is_last = true;
  if (spec_.source != nullptr) {
    LYMER_ASSIGN_OR_RETURN(OperatorPart part, source_part());
    last.parts.push_back(std::move(part));
  }
  if (chain_) {
    LYMER_ASSIGN_OR_RETURN(auto parts, chain_->last_snapshots());
    if (gate_) add_gate_time(parts);
    std::ranges::move(parts, std::back_inserter(last.parts));
  }
  LYMER_FAILPOINT("task.before_last_answer");
  listener->on_snapshot(std::move(last));
  return TaskStep::kIdle;
}

}  // namespace lymer::runtime
