// Two tables.
// Not here: times.
#include "runtime/exec/lifecycle.h"

#include <algorithm>
#include <array>

namespace lymer::runtime {
namespace {

template <typename State>
struct Step {
  State before;
  State after;
};

using J = JobState;
using T = TaskState;

constexpr Step<J> kJobSteps[] = {
    {J::kCreated, J::kRunning},       {J::kCreated, J::kCancelling}, {J::kRunning, J::kFinished},
    {J::kRunning, J::kFailing},       {J::kRunning, J::kCancelling}, {J::kRunning, J::kRestarting},
    {J::kFailing, J::kFailed},        {J::kFailing, J::kRestarting}, {J::kFailing, J::kCancelling},
    {J::kCancelling, J::kCancelled},  {J::kRestarting, J::kRunning}, {J::kRestarting, J::kFailed},
    {J::kRestarting, J::kCancelling},
};

constexpr Step<T> kTaskSteps[] = {
    {T::kCreated, T::kScheduled},    {T::kScheduled, T::kDeploying},
    {T::kDeploying, T::kRunning},    {T::kRunning, T::kFinished},
    {T::kCreated, T::kCancelling},   {T::kScheduled, T::kCancelling},
    {T::kDeploying, T::kCancelling}, {T::kRunning, T::kCancelling},
    {T::kCancelling, T::kCancelled}, {T::kScheduled, T::kFailed},
    {T::kDeploying, T::kFailed},     {T::kRunning, T::kFailed},
    {T::kCancelling, T::kFailed},
};

constexpr std::array<std::string_view, 8> kJobNames = {
    "created", "running", "failing", "failed", "cancelling", "cancelled", "finished", "restarting"};
constexpr std::array<std::string_view, 8> kTaskNames = {"created",   "scheduled", "deploying",
                                                        "running",   "finished",  "cancelling",
                                                        "cancelled", "failed"};

template <typename State, std::size_t Count>
bool has_step(const Step<State> (&steps)[Count], State before, State after) {
  return std::ranges::any_of(
      steps, [&](const Step<State>& each) { return each.before == before && each.after == after; });
}

}  // namespace

std::string_view to_string(JobState state) { return kJobNames.at(static_cast<std::size_t>(state)); }

std::string_view to_string(TaskState state) {
  return kTaskNames.at(static_cast<std::size_t>(state));
}

bool may_follow(JobState before, JobState after) { return has_step(kJobSteps, before, after); }

bool may_follow(TaskState before, TaskState after) { return has_step(kTaskSteps, before, after); }

bool is_last(JobState state) {
  return std::ranges::none_of(kJobSteps, [&](const auto& each) { return each.before == state; });
}

bool is_last(TaskState state) {
  return std::ranges::none_of(kTaskSteps, [&](const auto& each) { return each.before == state; });
}

}  // namespace lymer::runtime
