// Results into a stream of the embedded log, each once: what a checkpoint holds is appended when it
// is complete.
//
// The records of an epoch are part of its transaction, so they are in the checkpoint, and there is
// nothing in the log before the commit. A commit that comes again after a crash finds itself done:
// job, subtask and start are a producer of the log, and the epoch is its sequence number.
// Not here: when an epoch ends (runtime/operators/sink_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/sink.h"
#include "runtime/source_share.h"
#include "server/log/durable_log.h"

namespace lymer::log {

struct LogSinkOptions {
  std::string stream;
  std::string job;          // With the name of the sink, if a job has several for the stream.
  std::uint64_t start = 0;  // Tells this start of the program from all others.
  // Of an epoch, which is in memory until it is committed; write() returns kLimit beyond.
  std::size_t bytes_max = std::size_t{64} << 20U;
};

class LogSink final : public runtime::Sink {
 public:
  // Appends the record of event `index` of the batch; false if it gives none.
  using Formatter =
      std::function<bool(const runtime::EventBatch& batch, std::size_t index, std::string& out)>;

  // `log` must outlive the sink.
  LogSink(DurableLog& log, LogSinkOptions options, Formatter formatter, runtime::SourceShare share);

  [[nodiscard]] Result<void> begin(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> write(const runtime::EventBatch& batch) override;
  [[nodiscard]] Result<runtime::Transaction> pre_commit(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const runtime::Transaction& transaction) override;
  [[nodiscard]] Result<void> abort(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  DurableLog& log_;
  const LogSinkOptions options_;
  const Formatter formatter_;
  const runtime::SourceShare share_;
  RecordBatch records_;  // Of the epoch.
  std::string record_;
};

}  // namespace lymer::log
