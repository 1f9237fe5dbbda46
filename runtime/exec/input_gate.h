// Several channels in front of one task.
//
// Events pass as they come, a little from each channel in turn. Time is what all senders have
// promised; a control record comes once all have sent it, and holds back nobody; a barrier comes
// once all have sent it, and where results are to be exact it holds back
// the channels that sent it first (Flink: CheckpointedInputGate); the end comes with the last of
// them. A newer barrier, or the word that the checkpoint is given up, ends the waiting.
//
// A barrier that is to overtake comes as soon as one channel has it, wherever it stands there. What
// it passes in that channel, and what the others bring until they bring it too, goes on as ever and
// is copied: it is part of the checkpoint.
// Not here: channels (runtime/exec/task_channel.h), merging watermarks (runtime/watermark.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/exec/overtaken.h"
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
  // Waits no longer for the barrier of this checkpoint or of one before it, and forgets what was
  // copied for it.
  void cancel(Epoch epoch);
  // Some have sent a barrier that others have not.
  [[nodiscard]] bool is_aligning() const noexcept { return barrier_.has_value(); }

  // The barrier of this checkpoint is to overtake, if it has not come. Does nothing at a gate that
  // does not align.
  void overtake(Epoch epoch);
  // Looks for what channels have announced. Cheap; to be called before those below.
  void look();
  // The next poll gives a barrier that overtakes, or what had been taken in before it.
  [[nodiscard]] bool has_overtaking() const noexcept { return overtaking_.has_value(); }
  // All that the last barrier has overtaken is known; also where it has overtaken nothing.
  [[nodiscard]] bool has_all_overtaken() const noexcept { return !copied_for_; }
  // Gives that, of each channel, also of those without elements; once. Empty if the last barrier
  // did not overtake.
  [[nodiscard]] std::vector<OvertakenChannel> take_overtaken();

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
    EventTime time = EventTime::min();
    std::uint64_t control = 0;  // The version of the last control record.
    bool is_copied = false;     // What the barrier overtakes in it.
  };
  [[nodiscard]] std::optional<StreamElement> take(std::size_t input, StreamElement element);
  [[nodiscard]] std::optional<StreamElement> on_watermark(std::size_t input, EventTime time);
  [[nodiscard]] std::optional<StreamElement> on_idle(std::size_t input);
  [[nodiscard]] std::optional<StreamElement> quiet(std::optional<EventTime> risen);
  [[nodiscard]] std::optional<StreamElement> awake(std::optional<StreamElement> element);
  [[nodiscard]] std::optional<StreamElement> on_barrier(std::size_t input, Barrier barrier);
  [[nodiscard]] std::optional<StreamElement> on_end(std::size_t input);
  void on_control(std::size_t input, ControlRecord record);
  [[nodiscard]] std::optional<StreamElement> next_control();
  [[nodiscard]] std::optional<StreamElement> without_ended();
  [[nodiscard]] std::optional<StreamElement> aligned();

  [[nodiscard]] bool is_held(const Input& input) const { return aligns_ && input.has_barrier; }
  void release();
  void note_overtaking(Epoch epoch);
  [[nodiscard]] Barrier begin_overtaking();
  void take_copies();
  void forget_copies();

  bool aligns_;
  std::vector<Input> inputs_;
  std::optional<Barrier> barrier_;  // Some have sent it.
  Epoch passed_{0};                 // The last one that all have sent, or that was given up.
  WatermarkMerger watermarks_;
  std::size_t next_ = 0;
  std::optional<StreamElement> held_;                // To be given next.
  std::map<std::uint64_t, ControlRecord> controls_;  // That some have sent, by version.
  std::uint64_t passed_control_ = 0;                 // The version of the last that was given.
  bool has_lost_one_ = false;  // An input has ended, and what then need not wait was not given yet.
  bool is_idle_ = false;       // The last that was said is that all are.
  // Raised by channels.
  const std::shared_ptr<std::atomic<bool>> news_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<Epoch> overtaking_;          // A barrier that is there and is to be given next.
  Epoch expected_{0};                        // That is to overtake when it comes.
  std::optional<Epoch> copied_for_;          // Some channels have not sent it.
  std::vector<OvertakenChannel> overtaken_;  // By input.
};

}  // namespace lymer::runtime
