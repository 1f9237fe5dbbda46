// One region of a job through all its starts: an execution after the other.
//
// Tasks have one number in the job, whichever region they are in and however often it starts.
// Not here: when it starts again (checkpoint/supervisor.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/base/clock.h"
#include "runtime/exec/checkpointing.h"
#include "runtime/exec/execution.h"
#include "runtime/graph/job_graph.h"

namespace lymer::checkpoint {

class RegionRun final : private runtime::SnapshotListener {
 public:
  enum class State : std::uint8_t {
    kCreated,
    kRunning,
    kStopping,  // Its tasks were told to stop.
    kWaiting,   // For its next start.
    kEnded,
  };

  // `first_task` is the number of its first one; `listener`, of the job, must outlive the region
  // and is null without checkpoints.
  RegionRun(runtime::JobGraph graph, std::size_t first_task, runtime::SnapshotListener* listener);
  RegionRun(const RegionRun&) = delete;
  RegionRun& operator=(const RegionRun&) = delete;
  RegionRun(RegionRun&&) = delete;
  RegionRun& operator=(RegionRun&&) = delete;
  ~RegionRun() override = default;

  // Lets the last execution go, with its metrics, so that the next one may have the same names.
  // Requires that none is running.
  void forget();
  // Makes all tasks anew and starts them. Requires that none is running.
  void start(runtime::ExecutionOptions options, Clock& clock);
  // Tells the tasks to stop, if there are any that run.
  void stop(bool comes_again);
  // Tells whether all tasks have ended; then end() says how.
  [[nodiscard]] bool have_tasks_ended();
  [[nodiscard]] Result<void> end() { return execution_->end(); }
  void become(State state) noexcept { state_ = state; }

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool is_active() const noexcept {
    return state_ == State::kRunning || state_ == State::kStopping;
  }
  [[nodiscard]] std::size_t first_task() const noexcept { return first_task_; }
  [[nodiscard]] std::size_t task_count() const noexcept { return task_count_; }
  [[nodiscard]] std::size_t starts() const noexcept { return starts_; }
  [[nodiscard]] const runtime::JobGraph& graph() const noexcept { return graph_; }
  // The newest; null before the first start.
  [[nodiscard]] runtime::Execution* execution() const noexcept { return execution_.get(); }

 private:
  void on_snapshot(runtime::TaskSnapshot snapshot) override;

  const runtime::JobGraph graph_;
  const std::size_t first_task_;
  runtime::SnapshotListener* const listener_;
  std::size_t task_count_ = 0;
  std::size_t starts_ = 0;
  State state_ = State::kCreated;
  std::unique_ptr<runtime::Execution> execution_;
};

}  // namespace lymer::checkpoint
