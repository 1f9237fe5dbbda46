// Rows to topics, through the producer that all sinks of a job share.
//
//   stream.sink_to("alerts", [&](SourceShare) {
//     return std::make_unique<KafkaSink>(output->producer(), to_records);
//   });
//
// With exactly once a row is visible when the checkpoint behind it is decided, with at least once
// soon, and surely before the checkpoint behind it is written: both are the matter of who decides
// checkpoints (kafka/job_output.h), so that the sink itself has nothing to commit. It says that it
// has no room where the producer has none: while a checkpoint is undecided, or where brokers are
// slow. Not here: transactions (kafka/producer.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "kafka/producer.h"
#include "kafka/record.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/sink.h"

namespace lymer::kafka {

class KafkaSink final : public runtime::Sink {
 public:
  // Appends what becomes of event `index` of the batch: any number of records.
  using ToRecords = std::function<void(const runtime::EventBatch& batch, std::size_t index,
                                       std::vector<Record>& records)>;

  KafkaSink(std::shared_ptr<Producer> producer, ToRecords to_records)
      : producer_(std::move(producer)), to_records_(std::move(to_records)) {}

  [[nodiscard]] Result<void> begin(runtime::Epoch epoch) override;
  [[nodiscard]] bool has_room() const override { return producer_->has_room(); }
  [[nodiscard]] Result<void> write(const runtime::EventBatch& batch) override;
  [[nodiscard]] Result<runtime::Transaction> pre_commit(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const runtime::Transaction& transaction) override;
  // What was written goes with the transaction, which is the producer's to abort.
  [[nodiscard]] Result<void> abort(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  std::shared_ptr<Producer> producer_;
  ToRecords to_records_;
  runtime::Epoch epoch_{1};
};

}  // namespace lymer::kafka
