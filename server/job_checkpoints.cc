// The store and what the job begins with.
// Not here: what a snapshot holds (checkpoint/FORMAT.md).
#include "server/job_checkpoints.h"

#include <utility>

#include "runtime/base/failpoint.h"
#include "runtime/base/text.h"

namespace lymer::server {

JobCheckpoints::JobCheckpoints(Passkey, const CheckpointSettings& settings, FileSystem& files,
                               checkpoint::CheckpointDecider* decider)
    : settings_(settings),
      decider_(decider),
      store_(files, settings.directory, [this] { return random_number(); }) {}

std::uint64_t JobCheckpoints::random_number() {
  return std::uint64_t{random_()} << 32U | random_();
}

Result<std::unique_ptr<JobCheckpoints>> JobCheckpoints::make(
    const CheckpointSettings& settings, const runtime::JobGraph& graph, FileSystem& files,
    checkpoint::CheckpointDecider* decider) {
  auto made = std::make_unique<JobCheckpoints>(Passkey{}, settings, files, decider);
  LYMER_RETURN_IF_ERROR(made->find_first(graph));
  return made;
}

Result<void> JobCheckpoints::find_first(const runtime::JobGraph& graph) {
  const auto on_damaged = [this](const Error& damage) { damages_.push_back(damage.to_string()); };
  if (is_from_savepoint()) LYMER_RETURN_IF_ERROR(check_empty());
  LYMER_ASSIGN_OR_RETURN(auto first, checkpoint::begin_and_read(store_, decider_, on_damaged));
  if (is_from_savepoint()) {
    LYMER_ASSIGN_OR_RETURN(first, store_.read(settings_.from_savepoint));
  }
  if (!first) return {};
  if (!settings_.allows_non_restored_state) {
    LYMER_RETURN_IF_ERROR(checkpoint::check_operators(*first, graph));
  }
  LYMER_FAILPOINT("recovery.before_restore");
  restored_ = first->epoch;
  first_ = std::make_shared<const checkpoint::Snapshot>(*std::move(first));
  return {};
}

Result<void> JobCheckpoints::check_empty() {
  LYMER_ASSIGN_OR_RETURN(const auto kept, store_.list());
  if (kept.empty()) return {};
  return Error{ErrorCode::kInvalidArgument,
               text("`{}` holds checkpoints already, the newest of them `{}`: leave out "
                    "--from-savepoint to go on from that, or give --checkpoint another directory",
                    settings_.directory, kept.front().path)};
}

checkpoint::SupervisorOptions::Checkpoints JobCheckpoints::supervised() {
  return {.store = &store_,
          .options = settings_.options,
          .decider = decider_,
          .first = std::exchange(first_, nullptr)};
}

}  // namespace lymer::server
