// The states of jobs and tasks, which follow each other as Flink's do, with the times of each.
//
//   job:  created -> running -> finished
//         running -> failing -> failed
//         created, running, failing, restarting -> cancelling -> cancelled
//         running, failing -> restarting -> running, or failed
//   task: created -> scheduled -> deploying -> running -> finished
//         created, scheduled, deploying, running -> cancelling -> cancelled
//         scheduled, deploying, running, cancelling -> failed
//
// Not here: who moves them on (runtime/exec/execution.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

enum class JobState : std::uint8_t {
  kCreated,
  kRunning,
  kFailing,
  kFailed,
  kCancelling,
  kCancelled,
  kFinished,
  kRestarting,
};
enum class TaskState : std::uint8_t {
  kCreated,
  kScheduled,
  kDeploying,
  kRunning,
  kFinished,
  kCancelling,
  kCancelled,
  kFailed,
};

[[nodiscard]] std::string_view to_string(JobState state);
[[nodiscard]] std::string_view to_string(TaskState state);
// Tells whether one may follow the other.
[[nodiscard]] bool may_follow(JobState before, JobState after);
[[nodiscard]] bool may_follow(TaskState before, TaskState after);
// Tells whether none may follow.
[[nodiscard]] bool is_last(JobState state);
[[nodiscard]] bool is_last(TaskState state);

// Where something stands and when it came there. Thread-compatible.
template <typename State>
class Lifecycle {
 public:
  explicit Lifecycle(EventTime now) : entries_{{State::kCreated, now}} {}

  [[nodiscard]] State state() const noexcept { return entries_.back().first; }
  // Each state with the time at which it began, in order.
  [[nodiscard]] const std::vector<std::pair<State, EventTime>>& entries() const { return entries_; }
  // Requires a state that may follow.
  void go_to(State next, EventTime now) {
    LYMER_CHECK(may_follow(state(), next), "a step that a lifecycle does not have");
    entries_.emplace_back(next, now);
  }

 private:
  std::vector<std::pair<State, EventTime>> entries_;
};

}  // namespace lymer::runtime
