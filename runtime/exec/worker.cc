// A round over all tasks; a wait where none of them could do anything.
// Not here: what a task does (runtime/exec/task.cc).
#include "runtime/exec/worker.h"

#include <algorithm>
#include <utility>

namespace lymer::runtime {
namespace {

// For sources, which nobody wakes, and timers.
constexpr Duration kLongestWait = Duration::millis(20);

}  // namespace

void Worker::run() {
  if (!open_all()) return cancel_all();
  while (true) {
    const WorkerOrder order = order_.load(std::memory_order_relaxed);
    if (order == WorkerOrder::kCancel) break;
    if (order != WorkerOrder::kGoOn) finish_sources(order == WorkerOrder::kDrain);
    const Round round = run_round();
    if (round.has_ended) return;
    if (round.has_failed) break;
    if (!round.has_moved) wakeup_.wait(time_to_wait());
  }
  cancel_all();
}

bool Worker::open_all() {
  for (Place& place : tasks_) {
    observer_.on_task_state(*place.task, TaskState::kDeploying);
    if (const auto opened = place.task->open(clock_, metrics_); !opened) {
      fail(place, opened.error());
      return false;
    }
    observer_.on_task_state(*place.task, TaskState::kRunning);
  }
  return true;
}

Worker::Round Worker::run_round() {
  Round round;
  for (Place& place : tasks_) {
    if (place.has_ended) continue;
    if (const auto worked = run_task(place, round); !worked) {
      fail(place, worked.error());
      round.has_failed = true;
      round.has_ended = false;
      return round;
    }
    round.has_ended = round.has_ended && place.has_ended;
  }
  return round;
}

Result<void> Worker::run_task(Place& place, Round& round) {
  LYMER_ASSIGN_OR_RETURN(const TaskStep step, place.task->step());
  place.last = step;
  round.has_moved = round.has_moved || step == TaskStep::kMoved || step == TaskStep::kEnded;
  if (step != TaskStep::kEnded) return {};
  LYMER_RETURN_IF_ERROR(place.task->close());
  place.has_ended = true;
  observer_.on_task_state(*place.task, TaskState::kFinished);
  return {};
}

void Worker::fail(Place& place, const Error& error) {
  place.has_ended = true;
  (void)place.task->close();  // What is wrong is known already.
  observer_.on_task_failed(*place.task, error);
}

void Worker::finish_sources(bool drains) {
  if (std::exchange(has_finished_sources_, true)) return;
  for (const Place& place : tasks_) {
    if (!place.has_ended) place.task->finish(drains);
  }
}

void Worker::cancel_all() {
  for (Place& place : tasks_) {
    if (place.has_ended) continue;
    place.has_ended = true;
    observer_.on_task_state(*place.task, TaskState::kCancelling);
    if (const auto closed = place.task->close(); !closed) {
      observer_.on_task_failed(*place.task, closed.error());
    } else {
      observer_.on_task_state(*place.task, TaskState::kCancelled);
    }
  }
}

Duration Worker::time_to_wait() const {
  EventTime next = EventTime::max();
  for (const Place& place : tasks_) {
    // One that is blocked is woken by who makes room.
    if (place.has_ended || place.last == TaskStep::kBlocked) continue;
    next = std::min(next, place.task->next_timer());
  }
  if (next == EventTime::max()) return kLongestWait;
  return std::clamp(next - clock_.now(), Duration::millis(1), kLongestWait);
}

}  // namespace lymer::runtime
