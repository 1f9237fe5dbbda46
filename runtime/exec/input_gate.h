// Several channels in front of one task.
//
// Events pass as they come, a little from each channel in turn. Time is what all senders have
// promised; a barrier comes once all have sent it, and where results are to be exact it holds back
// the channels that sent it first (Flink: CheckpointedInputGate); the end comes with the last of
// them. A newer barrier, or the word that the checkpoint is given up, ends the waiting.
// Not here: channels (runtime/exec/task_channel.h), merging watermarks (runtime/watermark.h).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/exec/task_channel.h"
#include "runtime/stream_element.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

class InputGate {
 public:
  // The channels, of which there is one at least, must outlive the gate. What comes behind a
  // barrier waits for the others if `aligns`; otherwise it passes, and may be seen twice after a
  // restart.
  explicit InputGate(const std::vector<TaskChannel*>& channels, bool aligns = true);

  // Gives what is next, or nothing if all channels are empty or held back.
  [[nodiscard]] std::optional<StreamElement> poll();
  // Waits no longer for the barrier of this checkpoint or of one before it.
  void cancel(Epoch epoch);

  // What all senders have promised so far. It never falls, also not after restore().
  [[nodiscard]] EventTime watermark() const noexcept { return watermarks_.current(); }
  void restore(EventTime watermark) { watermarks_.restore(watermark); }

 private:
  struct Input {
    TaskChannel* channel = nullptr;
    bool is_idle = false;
    bool is_over = false;  // Its watermark is the last one.
    bool has_ended = false;
    bool has_barrier = false;  // It has sent that which others have not.
  };
  [[nodiscard]] std::optional<StreamElement> take(std::size_t input, StreamElement element);
  [[nodiscard]] std::optional<StreamElement> on_watermark(std::size_t input, EventTime time);
  [[nodiscard]] std::optional<StreamElement> on_idle(std::size_t input);
  [[nodiscard]] std::optional<StreamElement> quiet(std::optional<EventTime> risen);
  [[nodiscard]] std::optional<StreamElement> awake(std::optional<StreamElement> element);
  [[nodiscard]] std::optional<StreamElement> on_barrier(std::size_t input, Barrier barrier);
  [[nodiscard]] std::optional<StreamElement> on_end(std::size_t input);
  [[nodiscard]] std::optional<StreamElement> aligned();

  [[nodiscard]] bool is_held(const Input& input) const { return aligns_ && input.has_barrier; }
  void release();

  bool aligns_;
  std::vector<Input> inputs_;
  std::optional<Barrier> barrier_;  // Some have sent it.
  Epoch passed_{0};                 // The last one that all have sent, or that was given up.
  WatermarkMerger watermarks_;
  std::size_t next_ = 0;
  std::optional<StreamElement> held_;  // To be given next.
  bool is_idle_ = false;               // The last that was said is that all are.
};

}  // namespace lymer::runtime
