// A subtask: a chain of operators between a source or a gate and the edges behind it.
//
// A task does a little at each step and never waits; it runs on one thread at a time.
// Not here: when it is its turn (runtime/exec/worker.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/event_source.h"
#include "runtime/exec/checkpointing.h"
#include "runtime/exec/input_gate.h"
#include "runtime/exec/marking_collector.h"
#include "runtime/exec/overtaken.h"
#include "runtime/exec/restored_input.h"
#include "runtime/exec/source_alignment.h"
#include "runtime/exec/task_output.h"
#include "runtime/exec/task_rates.h"
#include "runtime/metrics/metric_group.h"
#include "runtime/operator_chain.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

enum class TaskStep : std::uint8_t {
  kMoved,    // There may be more to do.
  kIdle,     // There is no input.
  kBlocked,  // There is no room behind it.
  kEnded,    // All is done.
};

struct TaskSpec {
  std::string name;
  std::size_t number = 0;  // In the job.
  std::size_t subtask = 0;
  std::size_t subtasks = 1;
  CheckpointHooks checkpoints = {};
  MakeStateBackend state_backend = nullptr;  // In memory without.
  std::string source_uid = {};
  std::unique_ptr<EventSource> source = nullptr;
  SourceAlignment::Member* alignment = nullptr;  // Of the source. Or:
  std::vector<TaskChannel*> inputs = {};
  // How often a source sends a latency marker; never if it is not positive.
  Duration latency_interval = {};
  std::vector<OperatorChain::Member> members = {};  // May be none behind a source.
  std::unique_ptr<TaskOutput> output = std::make_unique<TaskOutput>();
};

class Task {
 public:
  explicit Task(TaskSpec spec);
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task(Task&&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task();

  // `metrics` is the job's group.
  [[nodiscard]] Result<void> open(
      Clock& clock, const std::shared_ptr<MetricGroup>& metrics = unreported_metrics());
  // Works for about a batch. Counts the time that it took as spent on what it says, and the time
  // since the last step on what that one said.
  [[nodiscard]] Result<TaskStep> step();
  // The earliest processing time for which an operator asks, EventTime::max() if none does.
  [[nodiscard]] EventTime next_timer() const;
  [[nodiscard]] Result<void> close();
  // Lets a source read no more; see EventSource::finish(). Nothing to a task without one.
  void finish(bool drains);
  // From any thread; it is carried out at the next step.
  void tell(const CheckpointOrder& order);
  // Likewise; a source sends it, after what it was told before. Nothing to a task without one, nor
  // where the source has ended.
  void send(const ControlRecord& record);

  // `name (2/4)`, the numbers counted from 1.
  [[nodiscard]] std::string title() const;
  [[nodiscard]] const TaskRates& rates() const noexcept { return rates_; }

 private:
  [[nodiscard]] Result<TaskStep> work();
  [[nodiscard]] Result<void> restore();
  [[nodiscard]] Result<void> restore_overtaken(std::size_t index, EventTime time);
  [[nodiscard]] std::vector<EdgeNow> edges_into(std::size_t index) const;
  [[nodiscard]] Result<void> carry_out_orders();
  [[nodiscard]] Result<void> carry_out(const CheckpointOrder& order);
  [[nodiscard]] Result<TaskStep> send_mark();
  [[nodiscard]] Result<void> send_barrier(Epoch epoch);
  [[nodiscard]] const Epoch* next_trigger() const;
  [[nodiscard]] Result<TaskStep> end();
  [[nodiscard]] Result<OperatorPart> source_part() const;
  void overtake(Epoch epoch);
  [[nodiscard]] bool must_overtake() const;
  void give_up_snapshot(Epoch epoch);
  void begin_snapshot(Epoch epoch);
  void report_snapshot();
  [[nodiscard]] bool have_all_passed();
  void add_overtaken();
  void note_alignment();
  void add_gate_time(std::vector<OperatorPart>& parts) const;
  [[nodiscard]] Result<TaskStep> work_from_source();
  void observe(const LatencyMarker& marker);
  [[nodiscard]] Result<TaskStep> work_from_gate();
  [[nodiscard]] Result<TaskStep> work_from_restored();
  [[nodiscard]] bool is_due(EventTime timer) const;
  void count_time(TaskStep step);
  void report_times();
  void update_metrics();

  TaskSpec spec_;
  std::vector<std::string> uids_;  // Of the operators.
  Clock* clock_ = nullptr;
  std::unique_ptr<StateBackend> backend_;  // If it is not the one in memory.
  std::optional<OperatorChain> chain_;
  std::optional<ChainInput> chain_input_;
  std::optional<MarkingCollector> source_output_;
  std::optional<InputGate> gate_;
  bool has_ended_ = false;  // The end of input is on its way out.
  TaskRates rates_;
  std::shared_ptr<MetricGroup> metrics_ = unreported_metrics();
  std::mutex orders_mutex_;
  std::vector<std::variant<CheckpointOrder, ControlRecord>> orders_;
  std::atomic<bool> has_orders_ = false;
  std::deque<std::variant<Epoch, ControlRecord>> marks_;  // To be sent by the source, as told.
  std::optional<TaskSnapshot> snapshot_;                  // Of the barrier on its way.
  bool has_passed_ = false;            // Its barrier has passed all operators and the output.
  double snapshot_begun_seconds_ = 0;  // When it came.
  std::optional<double> aligning_since_seconds_;
  Epoch overtaking_{0};                      // The newest whose barriers are to overtake.
  std::vector<OvertakenChannel> overtaken_;  // At the output, by the barrier of the snapshot.
  // What is still to be given to the operator of that number, the last operator's at the end.
  struct Restored {
    std::size_t index = 0;
    RestoredInput input;
  };
  std::vector<Restored> restored_;
  Epoch last_epoch_{0};         // Of the newest barrier.
  bool has_told_end_ = false;   // The last snapshot is on its way.
  bool may_end_ = false;        // It is safe.
  double metrics_seconds_ = 0;  // When metrics were last brought up to date.
  double last_seconds_ = 0;
  TaskStep last_step_ = TaskStep::kIdle;
};

}  // namespace lymer::runtime
