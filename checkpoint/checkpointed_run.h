// A job of the C++ API with checkpoints, from its newest one to its end.
//
//   StreamJob job;
//   ...
//   LYMER_RETURN_IF_ERROR(run_with_checkpoints(
//       job, {.directory = "state", .checkpoints = {.interval = Duration::seconds(1)}}, files,
//       clock));
//
// It may be killed at any moment and started again, with any parallelism. Not here: what happens
// after a failure (checkpoint/supervisor.h), jobs that rules make (server/job_checkpoints.h).
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "checkpoint/coordinator.h"
#include "checkpoint/decider.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/exec/execution.h"
#include "runtime/exec/restart_strategy.h"
#include "runtime/stream/stream.h"

namespace lymer::checkpoint {

struct CheckpointedRun {
  std::string directory;
  CheckpointOptions checkpoints = {};
  std::size_t parallelism = 0;  // As StreamJob::run() has it.
  runtime::ExecutionOptions execution = {};
  runtime::RestartOptions restart =
      runtime::FixedDelay{.attempts = 3, .delay = Duration::seconds(1)};
  CheckpointDecider* decider = nullptr;  // See checkpoint/decider.h.
  // Hears of damaged checkpoints that are passed over.
  std::function<void(const Error& damage)> on_damage = nullptr;
};

// Returns the checkpoint that it went on from, 0 for none, once all input has ended. Errors are
// those of the job or of a failed checkpoint when it does not start again any more
// (checkpoint/supervisor.h), and of CheckpointStore::read_newest().
[[nodiscard]] Result<runtime::Epoch> run_with_checkpoints(const runtime::StreamJob& job,
                                                          const CheckpointedRun& run,
                                                          FileSystem& files, Clock& clock);

}  // namespace lymer::checkpoint
