// The store and the supervisor, wired.
// Not here: what each of them does.
#include "checkpoint/checkpointed_run.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/supervisor.h"

namespace lymer::checkpoint {

Result<runtime::Epoch> run_with_checkpoints(const runtime::StreamJob& job,
                                            const CheckpointedRun& run, FileSystem& files,
                                            Clock& clock) {
  std::random_device random;  // Names that no other process gives.
  CheckpointStore store(files, run.directory,
                        [&random] { return std::uint64_t{random()} << 32U | random(); });
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  LYMER_ASSIGN_OR_RETURN(const runtime::JobGraph graph,
                         job.job_graph(run.parallelism == 0 ? cores : run.parallelism));
  const auto on_damaged = [&run](const Error& damage) {
    if (run.on_damage) run.on_damage(damage);
  };
  LYMER_ASSIGN_OR_RETURN(auto newest, begin_and_read(store, run.decider, on_damaged));
  SupervisorOptions options;
  options.execution = run.execution;
  options.checkpoints = {.store = &store, .options = run.checkpoints, .decider = run.decider};
  options.restart = run.restart;
  runtime::Epoch restored{0};
  if (newest) {
    LYMER_RETURN_IF_ERROR(check_operators(*newest, graph));
    restored = newest->epoch;
    options.checkpoints.first = std::make_shared<const Snapshot>(*std::move(newest));
  }
  Supervisor supervisor(graph, std::move(options), clock);
  LYMER_RETURN_IF_ERROR(supervisor.run());
  return restored;
}

}  // namespace lymer::checkpoint
