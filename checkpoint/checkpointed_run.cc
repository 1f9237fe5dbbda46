// The store, the coordinator and the execution, wired.
// Not here: what each of them does.
#include "checkpoint/checkpointed_run.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "checkpoint/checkpoint_store.h"

namespace lymer::checkpoint {
namespace {

constexpr Duration kTick = Duration::millis(1);

}  // namespace

Result<runtime::Epoch> run_with_checkpoints(const runtime::StreamJob& job,
                                            const CheckpointedRun& run, FileSystem& files,
                                            Clock& clock) {
  std::random_device random;  // Names that no other process gives.
  CheckpointStore store(files, run.directory,
                        [&random] { return std::uint64_t{random()} << 32U | random(); });
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  LYMER_ASSIGN_OR_RETURN(const runtime::JobGraph graph,
                         job.job_graph(run.parallelism == 0 ? cores : run.parallelism));
  runtime::ExecutionOptions options = run.execution;
  runtime::Epoch restored{0};
  LYMER_ASSIGN_OR_RETURN(auto newest, store.read_newest([](const Error&) {}));
  if (newest) {
    LYMER_RETURN_IF_ERROR(check_operators(*newest, graph));
    restored = newest->epoch;
    options.checkpoints.find_state =
        find_state_in(std::make_shared<const Snapshot>(*std::move(newest)));
  }
  Coordinator coordinator(store, run.checkpoints, clock, restored);
  options.checkpoints.listener = &coordinator;
  runtime::Execution execution(graph, options, clock);
  coordinator.attach(graph, execution.task_count(),
                     [&](const runtime::CheckpointOrder& order) { execution.tell(order); });
  LYMER_RETURN_IF_ERROR(execution.start());
  std::optional<Error> failed;
  while (!execution.wait(kTick)) {
    if (failed) continue;
    if (const Result<void> ticked = coordinator.tick(); !ticked) {
      failed = ticked.error();
      execution.cancel();
    }
  }
  LYMER_RETURN_IF_ERROR(execution.end());
  return failed ? Result<runtime::Epoch>(*failed) : Result<runtime::Epoch>(restored);
}

}  // namespace lymer::checkpoint
