// What comes first at a start: nobody else may decide any more when the decision is read.
// Not here: when checkpoints are decided (checkpoint/coordinator.cc).
#include "checkpoint/decider.h"

namespace lymer::checkpoint {

Result<std::optional<Snapshot>> begin_and_read(
    CheckpointStore& store, CheckpointDecider* decider,
    const std::function<void(const Error&)>& on_damaged) {
  if (decider == nullptr) return store.read_newest(on_damaged);
  LYMER_ASSIGN_OR_RETURN(const auto decided, decider->begin());
  if (!decider->decides()) return store.read_newest(on_damaged);
  LYMER_ASSIGN_OR_RETURN(auto snapshot, store.read_decided(decided));
  // From now on no decision means that somebody has lost it.
  if (!decided) LYMER_RETURN_IF_ERROR(decider->decide(runtime::Epoch{0}, ""));
  return snapshot;
}

}  // namespace lymer::checkpoint
