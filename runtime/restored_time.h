// Event time where a job goes on from a checkpoint.
//
// Not here: what else a snapshot holds (runtime/state_snapshot.h).
#pragma once

#include <optional>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/source_share.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

// The watermark that a subtask goes on with, which each wrote under this name: its own where there
// are as many as before, else the earliest. Nothing where there is none, or where they had heard of
// the end of time: what comes behind an end begins anew. Returns kCorrupt.
[[nodiscard]] Result<std::optional<EventTime>> restored_time(const StateSnapshot& state,
                                                             std::string_view name,
                                                             SourceShare share);

}  // namespace lymer::runtime
