// A job of the C++ API with checkpoints, from its newest one to its end.
//
//   StreamJob job;
//   ...
//   LYMER_RETURN_IF_ERROR(run_with_checkpoints(
//       job, {.directory = "state", .checkpoints = {.interval = Duration::seconds(1)}}, files,
//       clock));
//
// It may be killed at any moment and started again, with any parallelism. Not here: restarts within
// the process, jobs that rules make (server/job_checkpoints.h).
#pragma once

#include <cstddef>
#include <string>

#include "checkpoint/coordinator.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/exec/execution.h"
#include "runtime/stream/stream.h"

namespace lymer::checkpoint {

struct CheckpointedRun {
  std::string directory;
  CheckpointOptions checkpoints = {};
  std::size_t parallelism = 0;  // As StreamJob::run() has it.
  runtime::ExecutionOptions execution = {};
};

// Returns the checkpoint that it went on from, 0 for none, once all input has ended. Errors are
// those of the job, of a failed checkpoint, and of CheckpointStore::read_newest().
[[nodiscard]] Result<runtime::Epoch> run_with_checkpoints(const runtime::StreamJob& job,
                                                          const CheckpointedRun& run,
                                                          FileSystem& files, Clock& clock);

}  // namespace lymer::checkpoint
