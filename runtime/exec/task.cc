// First what is left from the step before, then a timer that is due, then more input.
// Not here: threads.
#include "runtime/exec/task.h"

#include <utility>
#include <variant>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::runtime {

Task::Task(TaskSpec spec) : spec_(std::move(spec)) {
  // By construction only the last one's side outputs are read (runtime/graph/job_graph.cc).
  for (std::size_t i = 0; i + 1 < spec_.members.size(); ++i) {
    spec_.members[i].drops_side_outputs = true;
  }
  if (!spec_.members.empty()) {
    chain_.emplace(std::move(spec_.members), *spec_.output);
    chain_input_.emplace(*chain_);
  }
  if (spec_.source == nullptr) {
    LYMER_CHECK(chain_.has_value(), "a task without operators");
    gate_.emplace(spec_.inputs);
  }
}

std::string Task::title() const {
  return text("{} ({}/{})", spec_.name, spec_.subtask + 1, spec_.subtasks);
}

Result<void> Task::open(Clock& clock) {
  clock_ = &clock;
  last_seconds_ = clock.monotonic_seconds();
  return chain_ ? chain_->open(clock) : Result<void>();
}

Result<void> Task::close() { return chain_ ? chain_->close() : Result<void>(); }

EventTime Task::next_timer() const {
  return chain_ && !has_ended_ ? chain_->next_timer() : EventTime::max();
}

// The clock is only read where an operator asks for the time.
bool Task::is_due(EventTime timer) const {
  return timer != EventTime::max() && timer <= clock_->now();
}

Result<TaskStep> Task::step() {
  count_time(last_step_);
  LYMER_ASSIGN_OR_RETURN(last_step_, work());
  count_time(last_step_);
  return last_step_;
}

// Counts the time since the last count.
void Task::count_time(TaskStep step) {
  const double now = clock_->monotonic_seconds();
  const double spent = now - std::exchange(last_seconds_, now);
  std::atomic<double>& part = step == TaskStep::kMoved     ? times_.busy
                              : step == TaskStep::kBlocked ? times_.back_pressured
                                                           : times_.idle;
  part.store(part.load(std::memory_order_relaxed) + spent, std::memory_order_relaxed);
}

Result<TaskStep> Task::work() {
  if (!spec_.output->flush()) return TaskStep::kBlocked;
  if (chain_input_) {
    LYMER_ASSIGN_OR_RETURN(const Progress progress, chain_input_->resume());
    if (progress == Progress::kBlocked) return TaskStep::kBlocked;
  }
  if (has_ended_) return spec_.output->flush() ? TaskStep::kEnded : TaskStep::kBlocked;
  if (is_due(next_timer())) {
    LYMER_RETURN_IF_ERROR(chain_input_->on_timer(clock_->now()));
    return TaskStep::kMoved;
  }
  return gate_ ? work_from_gate() : work_from_source();
}

Result<TaskStep> Task::work_from_source() {
  Collector& out = chain_input_ ? static_cast<Collector&>(*chain_input_) : *spec_.output;
  LYMER_ASSIGN_OR_RETURN(const SourceState state, spec_.source->step(out));
  switch (state) {
    case SourceState::kActive:
      return TaskStep::kMoved;
    case SourceState::kIdle:
      return TaskStep::kIdle;
    case SourceState::kBlocked:
      return TaskStep::kBlocked;
    case SourceState::kEnded:
      break;
  }
  has_ended_ = true;
  return TaskStep::kMoved;
}

Result<TaskStep> Task::work_from_gate() {
  std::optional<StreamElement> element = gate_->poll();
  if (!element) return TaskStep::kIdle;
  has_ended_ = std::holds_alternative<EndOfInput>(*element);
  LYMER_RETURN_IF_ERROR(chain_->push(std::move(*element)));
  return TaskStep::kMoved;
}

}  // namespace lymer::runtime
