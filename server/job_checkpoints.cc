// The store, the coordinator and the snapshot that was found.
// Not here: what a snapshot holds (checkpoint/FORMAT.md).
#include "server/job_checkpoints.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace lymer::server {

JobCheckpoints::JobCheckpoints(Passkey, const CheckpointSettings& settings, FileSystem& files)
    : store_(files, settings.directory,
             [this] { return std::uint64_t{random_()} << 32U | random_(); }) {}

Result<std::unique_ptr<JobCheckpoints>> JobCheckpoints::make(const CheckpointSettings& settings,
                                                             const runtime::JobGraph& graph,
                                                             FileSystem& files, Clock& clock) {
  auto made = std::make_unique<JobCheckpoints>(Passkey{}, settings, files);
  LYMER_RETURN_IF_ERROR(made->find_newest(settings, graph, clock));
  return made;
}

Result<void> JobCheckpoints::find_newest(const CheckpointSettings& settings,
                                         const runtime::JobGraph& graph, Clock& clock) {
  LYMER_ASSIGN_OR_RETURN(auto newest, store_.read_newest([this](const Error& damage) {
    damages_.push_back(damage.to_string());
  }));
  if (newest) {
    if (!settings.allows_non_restored_state) {
      LYMER_RETURN_IF_ERROR(checkpoint::check_operators(*newest, graph));
    }
    restored_ = newest->epoch;
    find_state_ =
        checkpoint::find_state_in(std::make_shared<const checkpoint::Snapshot>(*std::move(newest)));
  }
  coordinator_ =
      std::make_unique<checkpoint::Coordinator>(store_, settings.options, clock, restored_);
  return {};
}

runtime::CheckpointHooks JobCheckpoints::hooks() {
  return {.listener = coordinator_.get(), .find_state = std::exchange(find_state_, nullptr)};
}

void JobCheckpoints::attach(const runtime::JobGraph& graph, runtime::Execution& execution) {
  coordinator_->attach(
      graph, execution.task_count(),
      [&execution](const runtime::CheckpointOrder& order) { execution.tell(order); });
}

}  // namespace lymer::server
