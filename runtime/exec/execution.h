// A job that runs: subtasks, the channels between them, and the threads that work.
//
//   Execution execution(std::move(job_graph), {.workers = 4}, clock);
//   LYMER_RETURN_IF_ERROR(execution.run());   // Until all input has ended.
//
// Subtask number n of every chain that shares a slot is in slot n; a worker thread has one or more
// slots. The first error ends the job; others in the process know nothing of it.
// A destroyed execution has cancelled its job.
// Not here: when checkpoints are taken (checkpoint/coordinator.h), restarts
// (checkpoint/supervisor.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/channel.h"
#include "runtime/exec/buffer_pool.h"
#include "runtime/exec/checkpointing.h"
#include "runtime/exec/lifecycle.h"
#include "runtime/exec/source_alignment.h"
#include "runtime/exec/task.h"
#include "runtime/exec/worker.h"
#include "runtime/graph/job_graph.h"

namespace lymer::runtime {

struct ExecutionOptions {
  std::size_t workers = 0;  // Threads; as many as there are cores for 0, never more than slots.
  ChannelLimits channels = {};
  // How far sources may be apart in event time (runtime/exec/source_alignment.h); any distance if
  // it is not set.
  std::optional<Duration> source_drift = {};
  // How often sources send latency markers; never if it is not positive.
  Duration latency_interval = {};
  CheckpointHooks checkpoints = {};
  // The job's own group, closed when the execution goes; none: nobody reports its metrics.
  std::shared_ptr<MetricGroup> metrics = nullptr;
  // Where the channels' memory comes from, alone or with other executions; one of its own of
  // BufferPool::kBytes if there is none.
  std::shared_ptr<BufferPool> buffers = nullptr;
  // Where keyed state is: in memory, or in a database on disk of each task
  // (checkpoint/rocks/rocks_backend.h). Partial matches and windows in slices stay in memory.
  MakeStateBackend state_backend = nullptr;
};

// What may be known of a subtask while it runs and afterwards.
struct TaskReport {
  std::string title;
  std::vector<std::pair<TaskState, EventTime>> states;
  TimeShares seconds;                                        // All so far.
  TimeShares shares;                                         // Of about the last second.
  BackPressureLevel back_pressure = BackPressureLevel::kOk;  // By those.
};

struct JobReport {
  std::vector<std::pair<JobState, EventTime>> states;
  std::vector<TaskReport> tasks;
  std::size_t slots = 0;
  std::size_t workers = 0;
  std::string error;        // Empty if there was none.
  std::string failed_task;  // By which the job failed; likewise.
};

class Execution final : private WorkerObserver {
 public:
  // The clock must outlive the execution.
  Execution(JobGraph graph, const ExecutionOptions& options, Clock& clock);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  Execution(Execution&&) = delete;
  Execution& operator=(Execution&&) = delete;
  ~Execution() override;

  // Runs until all has ended. Returns the first error of a task, kInvalidArgument if the job was
  // run before. After cancel() it is a success, unless a task could not be closed.
  [[nodiscard]] Result<void> run();
  // The same for those who have something to do meanwhile: start() returns at once, wait() after
  // `most` or when all has ended, which it tells; then end() returns what run() does.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool wait(Duration most);
  [[nodiscard]] Result<void> end();
  // Lets the job end in good order, as if its input ended here, from any thread. With `drains` also
  // event time comes to its end: windows fire, partial matches time out (Flink: stop --drain).
  void finish(bool drains);
  // Stops the job soon, from any thread; does nothing if it has ended.
  void cancel();
  // Tells all tasks, from any thread; they carry it out soon.
  void tell(const CheckpointOrder& order);
  // Lets all sources send this, from any thread. Every task behind them gets it once, when all of
  // its inputs have it; records of one version after another come in that order, and with barriers
  // as they were told.
  void send(const ControlRecord& record);
  [[nodiscard]] std::size_t task_count() const noexcept { return tasks_.size(); }
  // All tasks, for who opens, steps and closes them in place of start() on one thread of his own:
  // a simulation, which decides whose turn it is.
  [[nodiscard]] std::vector<Task*> tasks_by_hand();

  // Thread-safe.
  [[nodiscard]] JobState state() const;
  [[nodiscard]] JobReport report() const;

 private:
  void report_buffers();
  void make_workers(const ExecutionOptions& options);
  // By vertex and subtask.
  using TaskSpecs = std::vector<std::vector<TaskSpec>>;
  [[nodiscard]] TaskSpecs make_specs() const;
  void connect(TaskSpecs& specs, const ChannelLimits& limits);
  void make_tasks(TaskSpecs specs, const ExecutionOptions& options);
  [[nodiscard]] std::size_t worker_of(std::size_t vertex, std::size_t subtask) const;
  void order(WorkerOrder order);

  void on_task_state(const Task& task, TaskState state) override;
  void on_task_failed(const Task& task, const Error& error) override;

  struct Tracked {
    std::unique_ptr<Task> task;
    Lifecycle<TaskState> life;
  };

  const JobGraph graph_;
  Clock& clock_;
  const std::shared_ptr<MetricGroup> metrics_;
  const std::shared_ptr<BufferPool> buffers_;
  std::atomic<WorkerOrder> order_ = WorkerOrder::kGoOn;
  std::size_t slots_ = 0;
  std::vector<std::size_t> first_slot_of_;  // By vertex: groups have slots of their own.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<TaskChannel>> channels_;
  SourceAlignment alignment_;

  mutable std::mutex mutex_;  // For all below.
  bool has_run_ = false;
  Lifecycle<JobState> life_;
  std::vector<Tracked> tasks_;
  std::optional<Error> error_;
  std::string failed_task_;
  std::size_t working_ = 0;  // Threads that have not ended.
  std::condition_variable ended_;
  std::vector<std::jthread> threads_;  // Last, so that they end before what they use.
};

}  // namespace lymer::runtime
