// One life of a process that runs a job: it goes on from the newest checkpoint and works until its
// input ends, something fails, or it dies. One thread does all, a step of one task at a time, whose
// turn it is left to chance.
//
// Not here: what happens to the world between two lives (tests/simulation/simulation.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "checkpoint/snapshot.h"
#include "runtime/base/result.h"
#include "runtime/exec/execution.h"
#include "runtime/stream/stream.h"
#include "tests/simulation/random_job.h"
#include "tests/simulation/world.h"

namespace lymer::simulation {

struct LifePlan {
  std::size_t parallelism = 1;
  bool is_checkpointed = true;
  checkpoint::CheckpointOptions checkpoints = {};
  runtime::ChannelLimits channels = {};
  std::optional<std::size_t> dies_after = {};  // So many steps, if it has not ended before.
  std::size_t savepoint_one_in = 0;            // Of a hundred steps; none for 0.
};

enum class LifeEnd : std::uint8_t { kFinished, kFailed, kDied, kStuck };

struct LifeStory {
  LifeEnd end = LifeEnd::kFinished;
  std::string error;            // Of one that failed.
  std::string damage;           // A checkpoint that had its name and is not whole.
  bool has_gone_on = false;     // From a checkpoint.
  std::size_t checkpoints = 0;  // Complete ones.
  std::size_t steps = 0;
};

// `make_sink` is called anew in each life, for what a process makes at its start.
[[nodiscard]] LifeStory live(World& world, RandomJob& job, const RandomJob::MakeSink& make_sink,
                             const LifePlan& plan);

}  // namespace lymer::simulation
