// Results into the result store, each once: written as they are found, visible when the checkpoint
// that holds them is complete.
//
// What was written and is held by no checkpoint is dropped at the next start; what comes again by
// itself, as after a damaged checkpoint, is known by its id. Of one subtask.
// Not here: what a row is as a result (server/stored_rows.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/sink.h"
#include "server/results/result_store.h"

namespace lymer::results {

struct ResultSinkOptions {
  std::string name;         // Of the job and the sink: no two may have the same.
  std::uint64_t start = 0;  // Tells this start of the program from all others.
  // There are no checkpoints: each batch of events makes its results visible.
  bool commits_at_once = false;
  // In memory until so many bytes are written together.
  std::size_t batch_bytes = std::size_t{1} << 20U;
};

class ResultSink final : public runtime::Sink {
 public:
  // Nothing for an event that is not to be kept.
  using Convert = std::function<std::optional<StoredResult>(const runtime::EventBatch& batch,
                                                            std::size_t index)>;

  // `store` must outlive the sink.
  ResultSink(ResultStore& store, ResultSinkOptions options, Convert convert);

  [[nodiscard]] Result<void> recover(const std::vector<runtime::Transaction>& held,
                                     runtime::Epoch next) override;
  [[nodiscard]] Result<void> begin(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> write(const runtime::EventBatch& batch) override;
  [[nodiscard]] Result<runtime::Transaction> pre_commit(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const runtime::Transaction& transaction) override;
  // What was written goes with the next start.
  [[nodiscard]] Result<void> abort(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  [[nodiscard]] Result<void> write_batch();

  ResultStore& store_;
  const ResultSinkOptions options_;
  const Convert convert_;
  bool is_clean_ = false;  // Nothing is left of earlier starts.
  runtime::Epoch epoch_{0};
  const std::shared_ptr<ResultBuffer> buffer_;
  std::uint32_t batches_ = 0;  // Written of the epoch.
};

}  // namespace lymer::results
