// An epoch for each row.
// Not here: what a row becomes; the maker of the sink knows.
#include "kafka/kafka_sink.h"

namespace lymer::kafka {

Result<void> KafkaSink::begin(runtime::Epoch epoch) {
  epoch_ = epoch;
  return {};
}

Result<void> KafkaSink::write(const runtime::EventBatch& batch) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < batch.size(); ++i) to_records_(batch, i, records);
  return records.empty() ? Result<void>() : producer_->write(epoch_, std::move(records));
}

Result<runtime::Transaction> KafkaSink::pre_commit(runtime::Epoch epoch) {
  (void)epoch;
  return runtime::Transaction();
}

Result<void> KafkaSink::commit(const runtime::Transaction& transaction) {
  (void)transaction;
  return {};
}

Result<void> KafkaSink::abort(runtime::Epoch epoch) {
  (void)epoch;
  return {};
}

}  // namespace lymer::kafka
