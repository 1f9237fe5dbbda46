// One edge of the job graph, seen from a subtask before it: who behind it gets which events.
//
// Marks go to all, but for latency markers, of which one target is enough. What a target has no
// room for waits here, and nothing more is taken until it has gone; so an edge holds one batch at
// most. Only where a barrier is to overtake may more wait: what the operators before it must put
// out until it is its turn. It then passes all that waits, which is in the checkpoint.
// Not here: channels (runtime/exec/task_channel.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "runtime/event.h"
#include "runtime/exec/channel_id.h"
#include "runtime/exec/overtaken.h"
#include "runtime/exec/task_channel.h"
#include "runtime/operator.h"
#include "runtime/row.h"

namespace lymer::runtime {

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

  // While `overtakes`, up to about kOverdraftBytes may wait, and a barrier passes what does
  // (Flink: overdraft buffers).
  static constexpr std::size_t kOverdraftBytes = std::size_t{8} << 20U;
  void set_overtakes(bool overtakes) noexcept { overtakes_ = overtakes; }
  // Gives what the last barrier passed here, by channel; once.
  [[nodiscard]] std::vector<OvertakenChannel> take_overtaken();

 private:
  [[nodiscard]] bool send(EventBatch& batch);
  // Behind what waits for this target.
  void put(std::size_t target, StreamElement element);
  void send_ahead(Barrier barrier);
  [[nodiscard]] std::size_t waiting_bytes() const;
  void spread(const EventBatch& batch);
  [[nodiscard]] std::size_t target_of(const EventBatch& batch, std::size_t index);

  Partitioning partitioning_;
  std::vector<TaskChannel*> targets_;
  CustomPartitioner custom_;
  std::uint64_t chance_;
  std::size_t turn_ = 0;
  std::size_t marker_turn_ = 0;
  std::vector<EventBatch> parts_;                   // By target, of the batch that is spread.
  std::vector<std::deque<StreamElement>> waiting_;  // By target.
  bool overtakes_ = false;
  std::vector<OvertakenChannel> overtaken_;
};

}  // namespace lymer::runtime
