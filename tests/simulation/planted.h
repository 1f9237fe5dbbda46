// Faults that are planted in the doubles of a simulation, to see that it finds them.
//
// Not here: the faults of disks and logs, which a job must survive (tests/simulation/world.h).
#pragma once

#include <cstdint>

namespace lymer::simulation {

enum class Planted : std::uint8_t {
  kNothing,
  kCommitWithoutCheckpoint,  // The log shows what is only prepared.
  kOffsetTooFar,             // A restored split leaves out one event.
  kOffsetTooNear,            // A restored split gives one event again.
  kKeyGroupLost,             // A restored operator lacks one key group.
  kTransactionNotRecovered,  // What a checkpoint holds is not committed by who goes on from it.
  kCommitTwice,              // The log appends again what it has committed.
  kDirectoryNotSynced,       // The disk says that it has synced names and has not.
  kBarriersNotAligned,       // Channels go on behind a barrier.
};

}  // namespace lymer::simulation
