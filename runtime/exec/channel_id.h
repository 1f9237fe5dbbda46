// Which two subtasks a channel connects, in words that mean the same in another run of the job.
//
// Not here: the channel (runtime/exec/task_channel.h), who gets which events
// (runtime/exec/exchange.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/operator.h"

namespace lymer::runtime {

// How events are spread over the subtasks behind an edge (Flink: StreamPartitioner).
enum class Partitioning : std::uint8_t {
  kForward,    // To the one of the same number.
  kHash,       // By key group: all events of a key to the same one.
  kRebalance,  // To each in turn, a batch at a time.
  kRescale,    // Likewise, but only among those that belong to this subtask.
  kShuffle,    // By chance, from a fixed seed.
  kBroadcast,  // To all.
  kGlobal,     // To the first.
  kCustom,     // As a function says.
};
[[nodiscard]] std::string_view to_string(Partitioning partitioning);

// An edge of the job graph.
struct EdgeId {
  std::string from;  // Uids of the operators at both ends.
  std::string to;
  Port port;
  std::uint32_t ordinal = 0;  // Among edges of which all this is the same.
  friend bool operator==(const EdgeId&, const EdgeId&) = default;
};

struct ChannelId {
  EdgeId edge;
  Partitioning partitioning = Partitioning::kForward;
  std::uint32_t sender = 0;  // Numbers of subtasks.
  std::uint32_t receiver = 0;
  std::uint32_t receivers = 1;  // How many there are behind the edge.
  friend bool operator==(const ChannelId&, const ChannelId&) = default;
};

}  // namespace lymer::runtime
