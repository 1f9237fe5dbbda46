// One edge of the job graph, seen from a subtask before it: who behind it gets which events.
//
// Marks go to all, but for latency markers, of which one target is enough. What a target has no
// room for waits here, and nothing more is taken until it has gone; so an edge holds one batch at
// most. Not here: channels (runtime/exec/task_channel.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/event.h"
#include "runtime/exec/task_channel.h"
#include "runtime/operator.h"
#include "runtime/row.h"

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

// Gives the number of a subtask, below `subtasks`; good during the call.
using CustomPartitioner = std::function<std::size_t(
    const EventHeader& header, std::span<const std::byte> row, std::size_t subtasks)>;

// The subtask that has a key group (Flink: KeyGroupRangeAssignment): ranges of equal length.
[[nodiscard]] std::size_t subtask_of(KeyGroup group, std::size_t subtasks);

class Exchange final : public Collector {
 public:
  // The targets, of which there is one at least, must outlive the exchange. `custom` is for
  // kCustom. `subtask` is the number of the one that sends, for chance.
  Exchange(Partitioning partitioning, std::vector<TaskChannel*> targets, std::size_t subtask,
           CustomPartitioner custom = nullptr);

  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;
  // Sends what waits; true if nothing does any more.
  [[nodiscard]] bool flush();

 private:
  [[nodiscard]] bool send(EventBatch& batch);
  void spread(const EventBatch& batch);
  [[nodiscard]] std::size_t target_of(const EventBatch& batch, std::size_t index);

  Partitioning partitioning_;
  std::vector<TaskChannel*> targets_;
  CustomPartitioner custom_;
  std::uint64_t chance_;
  std::size_t turn_ = 0;
  std::size_t marker_turn_ = 0;
  std::vector<EventBatch> waiting_;  // By target; empty if nothing waits.
};

}  // namespace lymer::runtime
