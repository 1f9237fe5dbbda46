// A task's part in checkpoints: orders, barriers, snapshots, going on from one.
// Not here: when (checkpoint/coordinator.h), what operators write (runtime/operator_chain.h).
#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

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
  orders_.emplace_back(order);
  has_orders_.store(true, std::memory_order_release);
}

void Task::send(const ControlRecord& record) {
  const std::lock_guard lock(orders_mutex_);
  orders_.emplace_back(record);
  has_orders_.store(true, std::memory_order_release);
}

Result<void> Task::carry_out_orders() {
  std::vector<std::variant<CheckpointOrder, ControlRecord>> orders;
  {
    const std::lock_guard lock(orders_mutex_);
    orders.swap(orders_);
    has_orders_.store(false, std::memory_order_relaxed);
  }
  for (auto& each : orders) {
    if (const auto* order = std::get_if<CheckpointOrder>(&each)) {
      LYMER_RETURN_IF_ERROR(carry_out(*order));
    } else if (spec_.source != nullptr && !has_ended_) {
      marks_.emplace_back(std::get<ControlRecord>(std::move(each)));
    }
  }
  return {};
}

Result<void> Task::carry_out(const CheckpointOrder& order) {
  switch (order.kind) {
    case CheckpointOrder::Kind::kTrigger:
      if (order.overtakes) overtake(order.epoch);
      if (spec_.source != nullptr && !has_ended_) marks_.emplace_back(order.epoch);
      return {};
    case CheckpointOrder::Kind::kOvertake:
      overtake(order.epoch);
      return {};
    case CheckpointOrder::Kind::kComplete:
      // What this task said at its end is in every checkpoint that is triggered afterwards.
      may_end_ = may_end_ || (has_told_end_ && order.epoch > last_epoch_);
      if (spec_.source != nullptr) spec_.source->on_checkpoint_complete(order.epoch);
      return chain_ ? chain_->on_checkpoint_complete(order.epoch) : Result<void>();
    case CheckpointOrder::Kind::kAbort:
      std::erase_if(marks_, [&](const auto& each) {
        const auto* epoch = std::get_if<Epoch>(&each);
        return epoch != nullptr && *epoch <= order.epoch;
      });
      if (gate_) gate_->cancel(order.epoch);
      give_up_snapshot(order.epoch);
      return chain_ ? chain_->on_checkpoint_aborted(order.epoch) : Result<void>();
  }
  return {};
}

void Task::overtake(Epoch epoch) {
  if (spec_.checkpoints.mode != CheckpointMode::kExactlyOnce) return;
  overtaking_ = std::max(overtaking_, epoch);
  if (gate_) gate_->overtake(epoch);
}

// A barrier is at hand that need not wait for room. What a job goes on with is overtaken by none:
// it would have to be kept once more.
bool Task::must_overtake() const {
  if (!restored_.empty()) return false;
  const Epoch* const trigger = next_trigger();
  if (trigger != nullptr && *trigger <= overtaking_) return true;
  if (snapshot_ && !has_passed_ && snapshot_->epoch <= overtaking_) return true;
  return gate_ && gate_->has_overtaking();
}

const Epoch* Task::next_trigger() const {
  return marks_.empty() ? nullptr : std::get_if<Epoch>(&marks_.front());
}

// Between two steps of the source, with nothing left to put out: what it has given so far is before
// the mark and what it will give behind it.
Result<TaskStep> Task::send_mark() {
  const SourceState state = spec_.source->flush(*source_output_);
  if (state == SourceState::kBlocked) return TaskStep::kBlocked;
  const bool has_room = must_overtake() || spec_.output->flush();
  if (!has_room || (chain_ && chain_->is_blocked())) return TaskStep::kBlocked;
  if (state == SourceState::kEnded) {
    // It holds no other source back any more.
    if (spec_.alignment != nullptr) spec_.alignment->update(spec_.source->watermark(), false);
    has_ended_ = true;
    marks_.clear();
    return TaskStep::kMoved;
  }
  const auto mark = std::move(marks_.front());
  marks_.pop_front();
  if (const auto* epoch = std::get_if<Epoch>(&mark)) {
    LYMER_RETURN_IF_ERROR(send_barrier(*epoch));
    return TaskStep::kMoved;
  }
  StreamElement record = std::get<ControlRecord>(mark);
  Collector& out = chain_input_ ? static_cast<Collector&>(*chain_input_) : *spec_.output;
  const bool is_taken = out.try_emit(kMainPort, record);
  LYMER_CHECK(is_taken, "a control record was refused where there was room");
  return TaskStep::kMoved;
}

Result<void> Task::send_barrier(Epoch epoch) {
  LYMER_FAILPOINT("task.before_barrier");
  begin_snapshot(epoch);
  spec_.source->on_barrier(epoch);
  spec_.output->set_overtakes(must_overtake());
  LYMER_ASSIGN_OR_RETURN(OperatorPart part, source_part());
  snapshot_->parts.push_back(std::move(part));
  StreamElement barrier = Barrier{epoch};
  Collector& out = chain_input_ ? static_cast<Collector&>(*chain_input_) : *spec_.output;
  const bool is_taken = out.try_emit(kMainPort, barrier);
  LYMER_CHECK(is_taken, "a barrier was refused where there was room");
  report_snapshot();
  return {};
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
  has_passed_ = false;
  overtaken_.clear();
  snapshot_begun_seconds_ = clock_->monotonic_seconds();
}

void Task::give_up_snapshot(Epoch epoch) {
  if (snapshot_ && snapshot_->epoch <= epoch) snapshot_.reset();
  aligning_since_seconds_.reset();
}

void Task::note_alignment() {
  if (!gate_->is_aligning() || aligning_since_seconds_) return;
  aligning_since_seconds_ = clock_->monotonic_seconds();
}

// Tells whether the barrier has passed all operators and left the task.
bool Task::have_all_passed() {
  if (has_passed_) return true;
  if (chain_) {
    if (chain_->is_blocked()) return false;
    auto parts = chain_->take_snapshots();
    if (!parts) return false;
    if (gate_) add_gate_time(*parts);
    std::ranges::move(*parts, std::back_inserter(snapshot_->parts));
  }
  has_passed_ = true;
  overtaken_ = spec_.output->take_overtaken();
  spec_.output->set_overtakes(false);
  snapshot_->snapshot_seconds = clock_->monotonic_seconds() - snapshot_begun_seconds_;
  return true;
}

// Once the barrier has passed, and the others that it overtook have come.
void Task::report_snapshot() {
  if (!snapshot_ || !have_all_passed()) return;
  if (gate_ && !gate_->has_all_overtaken()) return;
  add_overtaken();
  TaskSnapshot snapshot = std::move(*snapshot_);
  snapshot_.reset();
  LYMER_FAILPOINT("task.before_answer");
  if (spec_.checkpoints.listener != nullptr) {
    spec_.checkpoints.listener->on_snapshot(std::move(snapshot));
  }
}

void Task::add_overtaken() {
  const double aligned_since =
      std::exchange(aligning_since_seconds_, std::nullopt).value_or(snapshot_begun_seconds_);
  std::vector<OvertakenChannel> channels;
  if (gate_) channels = gate_->take_overtaken();
  const bool has_overtaken = !channels.empty();
  if (gate_) {
    const double aligned_at = has_overtaken ? clock_->monotonic_seconds() : snapshot_begun_seconds_;
    snapshot_->alignment_seconds = aligned_at - aligned_since;
  }
  std::ranges::move(overtaken_, std::back_inserter(channels));
  overtaken_.clear();
  if (channels.empty()) return;
  snapshot_->overtaken_bytes = overtaken_bytes(channels);
  const std::string& head = spec_.source != nullptr ? spec_.source_uid : uids_.front();
  OperatorPart part{overtaken_uid(head), static_cast<std::uint32_t>(spec_.subtask), {}};
  part.state.put_operator_state(kOvertakenName, encode_overtaken(channels));
  snapshot_->parts.push_back(std::move(part));
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
  // Time must not fall for the operators behind the gate: that of the first, or else of one that
  // was the first of its task.
  std::vector<EventTime> times;
  const FindState find_with_time = [&](const std::string& uid,
                                       SourceShare share) -> Result<std::optional<StateSnapshot>> {
    times.push_back(EventTime::min());
    LYMER_ASSIGN_OR_RETURN(auto state, find(uid, share));
    if (!state) return state;
    LYMER_ASSIGN_OR_RETURN(const auto time, restored_time(*state, kGateTime, share));
    times.back() = time.value_or(EventTime::min());
    const bool is_first = gate_ && gate_->watermark() == EventTime::min();
    if (is_first) gate_->restore(times.back());
    return state;
  };
  LYMER_RETURN_IF_ERROR(chain_->restore(find_with_time));
  if (!spec_.checkpoints.find_overtaken) return {};
  for (std::size_t i = 0; i < uids_.size(); ++i)
    LYMER_RETURN_IF_ERROR(restore_overtaken(i, times[i]));
  spec_.checkpoints.find_overtaken = nullptr;
  return {};
}

Result<void> Task::restore_overtaken(std::size_t index, EventTime time) {
  const auto* found = spec_.checkpoints.find_overtaken(uids_[index]);
  if (found == nullptr) return {};
  LYMER_ASSIGN_OR_RETURN(
      auto mine, deal_overtaken(*found, edges_into(index), {spec_.subtask, spec_.subtasks}));
  if (mine.empty()) return {};
  restored_.push_back({index, RestoredInput(std::move(mine), time)});
  return {};
}

// One in a chain has had its events from the one before it, by an edge of its own in another run.
std::vector<EdgeNow> Task::edges_into(std::size_t index) const {
  std::vector<EdgeNow> edges;
  if (index == 0 && spec_.source == nullptr) {
    for (const TaskChannel* each : spec_.inputs) {
      const ChannelId& id = each->id();
      const bool is_known = std::ranges::find(edges, id.edge, &EdgeNow::edge) != edges.end();
      if (!is_known) edges.push_back({id.edge, id.partitioning});
    }
    return edges;
  }
  const std::string& from = index == 0 ? spec_.source_uid : uids_[index - 1];
  edges.push_back({{.from = from, .to = uids_[index], .port = kMainPort}, Partitioning::kForward});
  return edges;
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
    spec_.source->on_barrier(Epoch{last_epoch_.value() + 1});  // The next one has it.
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
