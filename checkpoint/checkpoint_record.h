// What became of one checkpoint, for histories and metrics: its phases, its size, why it failed.
// Not here: who takes it (checkpoint/coordinator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

enum class CheckpointState : std::uint8_t { kInProgress, kComplete, kFailed };

// What is known of one checkpoint.
struct CheckpointRecord {
  runtime::Epoch epoch;
  bool is_savepoint = false;
  CheckpointState state = CheckpointState::kInProgress;
  EventTime begun;           // By the clock.
  double seconds = 0;        // In all; what follows is part of it.
  double write_seconds = 0;  // Until it was safe on disk.
  // Of all tasks: from the first barrier's coming until all had come, and from there, or with
  // barriers that overtake from the first one, until it had passed all operators.
  double longest_alignment_seconds = 0;
  double longest_snapshot_seconds = 0;
  bool is_unaligned = false;  // Its barriers were told to overtake.
  std::uint64_t overtaken_bytes = 0;
  std::size_t tasks = 0;  // That have answered.
  std::uint64_t bytes = 0;
  std::string path;
  std::string error;  // Why it failed, or why older ones could not be removed.
};

}  // namespace lymer::checkpoint
