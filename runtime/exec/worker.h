// A thread's work: the tasks of its slots, in turn, until all have ended.
//
// Not here: threads themselves, and what follows from an error (runtime/exec/execution.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/exec/lifecycle.h"
#include "runtime/exec/task.h"
#include "runtime/exec/wakeup.h"
#include "runtime/metrics/metric_group.h"

namespace lymer::runtime {

// Hears from workers, each on its own thread.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;
  virtual void on_task_state(const Task& task, TaskState state) = 0;
  // Instead of the state kFailed.
  virtual void on_task_failed(const Task& task, const Error& error) = 0;
};

// What workers are asked to do, from another thread, which must wake them.
enum class WorkerOrder : std::uint8_t {
  kGoOn,
  kFinish,  // Sources read no more.
  kDrain,   // Likewise, and event time comes to its end.
  kCancel,  // Stop between steps.
};

class Worker {
 public:
  // All must outlive the worker.
  Worker(const std::atomic<WorkerOrder>& order, Clock& clock, WorkerObserver& observer,
         std::shared_ptr<MetricGroup> metrics = unreported_metrics())
      : order_(order), clock_(clock), observer_(observer), metrics_(std::move(metrics)) {}

  // Before run().
  void add(Task& task) { tasks_.push_back({.task = &task}); }
  [[nodiscard]] Wakeup& wakeup() noexcept { return wakeup_; }

  void run();

 private:
  struct Place {
    Task* task = nullptr;
    bool has_ended = false;
    TaskStep last = TaskStep::kIdle;
  };
  // What came of one look at all tasks.
  struct Round {
    bool has_moved = false;
    bool has_ended = true;
    bool has_failed = false;
  };
  [[nodiscard]] bool open_all();
  [[nodiscard]] Round run_round();
  [[nodiscard]] Result<void> run_task(Place& place, Round& round);
  void fail(Place& place, const Error& error);
  void finish_sources(bool drains);
  void cancel_all();
  [[nodiscard]] Duration time_to_wait() const;

  const std::atomic<WorkerOrder>& order_;
  Clock& clock_;
  WorkerObserver& observer_;
  std::shared_ptr<MetricGroup> metrics_;  // The job's.
  Wakeup wakeup_;
  std::vector<Place> tasks_;
  bool has_finished_sources_ = false;
};

}  // namespace lymer::runtime
