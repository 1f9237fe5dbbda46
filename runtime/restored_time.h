// Event time where a job goes on from a checkpoint.
//
// What comes behind the end of time, because a file has grown since, begins anew: see
// KeyedOperator::on_batch().
// Not here: what else a snapshot holds (runtime/state_snapshot.h).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/source_share.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

// Under which keyed operators write theirs.
inline constexpr std::string_view kWatermarkState = "watermark";

// What each subtask wrote under this name, in their order. Returns kCorrupt.
[[nodiscard]] Result<std::vector<EventTime>> restored_times(const StateSnapshot& state,
                                                            std::string_view name);

// The watermark that a subtask goes on with, which each wrote under this name: its own where there
// are as many as before, else the earliest; nothing where there is none. Returns kCorrupt.
[[nodiscard]] Result<std::optional<EventTime>> restored_time(const StateSnapshot& state,
                                                             std::string_view name,
                                                             SourceShare share);

}  // namespace lymer::runtime
