// The verbs of an operator as those of a sink.
// Not here: when epochs end.
#include "runtime/operators/sink_operator.h"

#include <utility>

namespace lymer::runtime {
namespace {

constexpr Epoch kOnlyEpoch{0};

}  // namespace

Result<void> SinkOperator::open(const OperatorContext& context) {
  (void)context;
  LYMER_RETURN_IF_ERROR(sink_->begin(kOnlyEpoch));
  is_open_ = true;
  return {};
}

Result<void> SinkOperator::close() {
  Result<void> aborted = std::exchange(is_open_, false) ? sink_->abort(kOnlyEpoch) : Result<void>();
  Result<void> closed = sink_->close();
  return aborted ? closed : aborted;
}

Result<Progress> SinkOperator::on_batch(EventBatch batch, Collector& out) {
  (void)out;
  LYMER_RETURN_IF_ERROR(sink_->write(batch));
  return Progress::kDone;
}

Result<Progress> SinkOperator::on_end_of_input(Collector& out) {
  LYMER_RETURN_IF_ERROR(sink_->pre_commit(kOnlyEpoch));
  LYMER_RETURN_IF_ERROR(sink_->commit(kOnlyEpoch));
  is_open_ = false;
  return Operator::on_end_of_input(out);
}

Result<void> FunctionSink::write(const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const EventHeader& header = batch.headers()[i];
    see_({header, RowView(batch.bytes(header.row), schema_->size()), batch.raw(i)});
  }
  return {};
}

}  // namespace lymer::runtime
