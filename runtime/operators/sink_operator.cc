// The verbs of an operator as those of a sink.
// Not here: when barriers come.
#include "runtime/operators/sink_operator.h"

#include <algorithm>
#include <string_view>

#include "runtime/base/byte_codec.h"
#include "runtime/base/failpoint.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kStateName = "transactions";
constexpr std::size_t kTransactionBytes = 12;  // Epoch and length.

}  // namespace

Result<void> SinkOperator::open(const OperatorContext& context) {
  share_ = context.share;
  is_checkpointed_ = context.is_checkpointed;
  return is_checkpointed_ ? Result<void>() : begin();
}

Result<void> SinkOperator::begin() {
  return std::exchange(has_begun_, true) ? Result<void>() : sink_->begin(epoch_);
}

Result<void> SinkOperator::close() {
  Result<void> aborted = std::exchange(has_begun_, false) ? sink_->abort(epoch_) : Result<void>();
  Result<void> closed = sink_->close();
  return aborted ? closed : aborted;
}

Result<Progress> SinkOperator::on_batch(EventBatch batch, Collector& out) {
  (void)out;
  LYMER_RETURN_IF_ERROR(begin());
  LYMER_RETURN_IF_ERROR(sink_->write(batch));
  return sink_->has_room() ? Progress::kDone : Progress::kBlocked;
}

Result<Progress> SinkOperator::resume(Collector& out) {
  LYMER_ASSIGN_OR_RETURN(const Progress progress, Operator::resume(out));
  return sink_->has_room() ? progress : Progress::kBlocked;
}

Result<void> SinkOperator::pre_commit() {
  if (!std::exchange(has_begun_, false)) return {};
  LYMER_FAILPOINT("sink.before_pre_commit");
  LYMER_ASSIGN_OR_RETURN(Transaction transaction, sink_->pre_commit(epoch_));
  LYMER_FAILPOINT("sink.after_pre_commit");
  pre_committed_.emplace_back(epoch_, std::move(transaction));
  return {};
}

Result<void> SinkOperator::on_barrier(Epoch epoch) {
  LYMER_RETURN_IF_ERROR(pre_commit());
  epoch_ = Epoch(epoch.value() + 1);
  return {};
}

// Where the checkpoint before came to nothing, its output is in this one.
Result<void> SinkOperator::on_checkpoint_complete(Epoch epoch) {
  while (!pre_committed_.empty() && pre_committed_.front().first <= epoch) {
    LYMER_FAILPOINT("sink.before_commit");
    LYMER_RETURN_IF_ERROR(sink_->commit(pre_committed_.front().second));
    LYMER_FAILPOINT("sink.after_commit");
    pre_committed_.erase(pre_committed_.begin());
  }
  return {};
}

// With checkpoints the last one commits it.
Result<Progress> SinkOperator::on_end_of_input(Collector& out) {
  LYMER_RETURN_IF_ERROR(pre_commit());
  epoch_ = Epoch(epoch_.value() + 1);  // Who goes on behind this end must not write it again.
  if (!is_checkpointed_) LYMER_RETURN_IF_ERROR(on_checkpoint_complete(epoch_));
  return Operator::on_end_of_input(out);
}

// The number of the epoch that follows; the transactions.
Result<void> SinkOperator::snapshot(StateSnapshot& state) const {
  ByteWriter writer;
  writer.put_u64(epoch_.value());
  writer.put_u32(static_cast<std::uint32_t>(pre_committed_.size()));
  for (const auto& [epoch, transaction] : pre_committed_) {
    writer.put_u64(epoch.value());
    writer.put_bytes(transaction);
  }
  state.put_operator_state(kStateName, std::move(writer).take());
  return {};
}

// What one subtask wrote is committed by one, in order: a key's results stay in theirs.
Result<void> SinkOperator::restore(const StateSnapshot& state) {
  std::vector<Transaction> held;
  std::vector<std::size_t> own;  // Of those.
  const auto states = state.operator_states(kStateName);
  for (std::size_t writer = 0; writer < states.size(); ++writer) {
    const auto bytes = states[writer];
    ByteReader reader(bytes);
    epoch_ = std::max(epoch_, Epoch(reader.u64()));
    const std::uint32_t transactions = reader.count(kTransactionBytes);
    for (std::uint32_t i = 0; i < transactions && reader.ok(); ++i) {
      (void)reader.u64();
      const auto transaction = reader.bytes();
      if (writer % share_.subtasks == share_.subtask) own.push_back(held.size());
      held.emplace_back(transaction.begin(), transaction.end());
    }
    LYMER_RETURN_IF_ERROR(reader.status("the transactions of a sink"));
  }
  LYMER_FAILPOINT("recovery.before_recover");
  LYMER_RETURN_IF_ERROR(sink_->recover(held, epoch_));
  LYMER_FAILPOINT("recovery.before_commit");
  for (const std::size_t each : own) {
    LYMER_RETURN_IF_ERROR(sink_->commit(held[each]));
    LYMER_FAILPOINT("recovery.after_commit");
  }
  return {};
}

Result<void> FunctionSink::write(const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const EventHeader& header = batch.headers()[i];
    see_({header, RowView(batch.bytes(header.row), schema_->size()), batch.raw(i)});
  }
  return {};
}

}  // namespace lymer::runtime
