// An execution and what number its tasks have.
// Not here: state (checkpoint/coordinator.h).
#include "checkpoint/region_run.h"

#include <utility>

#include "runtime/base/check.h"

namespace lymer::checkpoint {

RegionRun::RegionRun(runtime::JobGraph graph, std::size_t first_task,
                     runtime::SnapshotListener* listener)
    : graph_(std::move(graph)), first_task_(first_task), listener_(listener) {
  for (const runtime::JobVertex& each : graph_.vertices) task_count_ += each.parallelism;
}

void RegionRun::forget() {
  LYMER_CHECK(!is_active(), "a region that runs was forgotten");
  execution_.reset();
}

void RegionRun::start(runtime::ExecutionOptions options, Clock& clock) {
  LYMER_CHECK(!is_active(), "a region that runs was started");
  if (listener_ != nullptr) options.checkpoints.listener = this;
  execution_ = std::make_unique<runtime::Execution>(graph_, options, clock);
  const auto started = execution_->start();
  LYMER_CHECK(started.has_value(), "a new execution can be started");
  ++starts_;
  state_ = State::kRunning;
}

void RegionRun::stop(bool comes_again) {
  if (is_active()) {
    execution_->cancel();
    state_ = State::kStopping;
  } else {
    state_ = comes_again ? State::kWaiting : State::kEnded;
  }
}

bool RegionRun::have_tasks_ended() { return is_active() && execution_->wait(Duration{}); }

void RegionRun::on_snapshot(runtime::TaskSnapshot snapshot) {
  snapshot.task += first_task_;
  listener_->on_snapshot(std::move(snapshot));
}

}  // namespace lymer::checkpoint
