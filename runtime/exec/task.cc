// First what is left from the step before, then a timer that is due, then more input.
// Not here: threads.
#include "runtime/exec/task.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

// How often metrics are brought up to date.
constexpr double kMetricsSeconds = 0.1;

}  // namespace

Task::Task(TaskSpec spec) : spec_(std::move(spec)) {
  // By construction only the last one's side outputs are read (runtime/graph/job_graph.cc).
  for (std::size_t i = 0; i + 1 < spec_.members.size(); ++i) {
    spec_.members[i].drops_side_outputs = true;
  }
  for (const OperatorChain::Member& each : spec_.members) uids_.push_back(each.uid);
  if (!spec_.members.empty()) {
    chain_.emplace(std::move(spec_.members), *spec_.output);
    chain_input_.emplace(*chain_);
  }
  if (spec_.source != nullptr) {
    Collector& out = chain_input_ ? static_cast<Collector&>(*chain_input_) : *spec_.output;
    source_output_.emplace(out, spec_.name, spec_.latency_interval);
  } else {
    LYMER_CHECK(chain_.has_value(), "a task without operators");
    gate_.emplace(spec_.inputs, spec_.checkpoints.mode == CheckpointMode::kExactlyOnce);
  }
}

std::string Task::title() const {
  return text("{} ({}/{})", spec_.name, spec_.subtask + 1, spec_.subtasks);
}

Task::~Task() { metrics_->close(); }

Result<void> Task::open(Clock& clock, const std::shared_ptr<MetricGroup>& metrics) {
  clock_ = &clock;
  last_seconds_ = metrics_seconds_ = clock.monotonic_seconds();
  metrics_ = metrics->group("task", spec_.name)->group("subtask", std::to_string(spec_.subtask));
  report_times();
  if (spec_.state_backend && chain_) {
    LYMER_ASSIGN_OR_RETURN(backend_, spec_.state_backend());
  }
  OperatorContext context{spec_.source_uid, clock, backend_ ? *backend_ : memory_backend()};
  context.metrics = metrics_;
  context.share = {spec_.subtask, spec_.subtasks};
  context.is_checkpointed = spec_.checkpoints.listener != nullptr;
  if (spec_.source != nullptr) LYMER_RETURN_IF_ERROR(spec_.source->open(context));
  if (chain_) {
    chain_->copy_snapshots_from(spec_.checkpoints.copied_state_bytes);
    LYMER_RETURN_IF_ERROR(chain_->open(context));
  }
  if (!spec_.checkpoints.find_state) return {};
  LYMER_RETURN_IF_ERROR(restore());
  spec_.checkpoints.find_state = nullptr;  // It holds the whole snapshot.
  return {};
}

Result<void> Task::close() {
  update_metrics();
  return chain_ ? chain_->close() : Result<void>();
}

void Task::report_times() {
  const auto report = [&](std::string_view name, std::string_view help, double TimeShares::* part) {
    metrics_->counter(name, help, [this, part] { return rates_.totals().*part; });
  };
  report("operator_busy_seconds", "Time spent working.", &TimeShares::busy);
  report("operator_idle_seconds", "Time spent without input.", &TimeShares::idle);
  report("operator_backpressured_seconds", "Time spent without room behind.",
         &TimeShares::back_pressured);
}

void Task::update_metrics() {
  metrics_seconds_ = last_seconds_;
  if (spec_.source != nullptr) spec_.source->update_metrics();
  if (chain_) chain_->update_metrics();
}

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
  if (last_seconds_ - metrics_seconds_ >= kMetricsSeconds) update_metrics();
  return last_step_;
}

// Counts the time since the last count.
void Task::count_time(TaskStep step) {
  const double now = clock_->monotonic_seconds();
  const double spent = now - std::exchange(last_seconds_, now);
  const TaskRates::Kind kind = step == TaskStep::kMoved     ? TaskRates::Kind::kBusy
                               : step == TaskStep::kBlocked ? TaskRates::Kind::kBackPressured
                                                            : TaskRates::Kind::kIdle;
  rates_.add(kind, spent, now);
}

Result<TaskStep> Task::work() {
  if (has_orders_.load(std::memory_order_acquire)) LYMER_RETURN_IF_ERROR(carry_out_orders());
  if (gate_) gate_->look();
  const bool overtakes = must_overtake();
  spec_.output->set_overtakes(overtakes);
  const bool has_room = spec_.output->flush();
  const bool may_resume = chain_input_ && (has_room || overtakes);
  bool is_blocked = !has_room && !overtakes;
  if (may_resume) {
    LYMER_ASSIGN_OR_RETURN(const Progress progress, chain_input_->resume());
    is_blocked = progress == Progress::kBlocked;
  }
  report_snapshot();  // Also while blocked: all of what was overtaken may have come.
  if (is_blocked) return TaskStep::kBlocked;
  if (has_ended_) return spec_.output->flush() ? end() : TaskStep::kBlocked;
  if (!restored_.empty()) return work_from_restored();
  if (!marks_.empty()) return send_mark();
  if (has_room && is_due(next_timer())) {
    LYMER_RETURN_IF_ERROR(chain_input_->on_timer(clock_->now()));
    return TaskStep::kMoved;
  }
  // Without room all that may pass is a barrier.
  if (!has_room && !(gate_ && gate_->has_overtaking())) return TaskStep::kBlocked;
  return gate_ ? work_from_gate() : work_from_source();
}

void Task::finish(bool drains) {
  if (spec_.source != nullptr && !has_ended_) spec_.source->finish(drains);
  spec_.alignment = nullptr;  // Its end is to be read, however far ahead it is.
}

Result<TaskStep> Task::work_from_source() {
  if (spec_.alignment != nullptr && !spec_.alignment->may_read()) return TaskStep::kIdle;
  source_output_->set_now(last_seconds_);
  LYMER_ASSIGN_OR_RETURN(const SourceState state, spec_.source->step(*source_output_));
  if (spec_.alignment != nullptr) {
    const bool has_more = state == SourceState::kActive || state == SourceState::kBlocked;
    spec_.alignment->update(spec_.source->watermark(), has_more);
  }
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

void Task::observe(const LatencyMarker& marker) {
  metrics_->group("source", marker.source)
      ->histogram("latency_seconds", "From the source to here, for what nothing holds back.")
      .observe(last_seconds_ - marker.made_at_seconds);
}

Result<TaskStep> Task::work_from_gate() {
  std::optional<StreamElement> element = gate_->poll();
  note_alignment();
  if (!element) return TaskStep::kIdle;
  has_ended_ = std::holds_alternative<EndOfInput>(*element);
  if (const auto* marker = std::get_if<LatencyMarker>(&*element)) observe(*marker);
  if (const auto* barrier = std::get_if<Barrier>(&*element)) {
    if (barrier->unaligned) overtaking_ = std::max(overtaking_, barrier->epoch);
    begin_snapshot(barrier->epoch);
    spec_.output->set_overtakes(must_overtake());
  }
  LYMER_RETURN_IF_ERROR(chain_->push(std::move(*element)));
  report_snapshot();
  return TaskStep::kMoved;
}

// What was on its way to the last operator comes before what those above it have to say.
Result<TaskStep> Task::work_from_restored() {
  Restored& last = restored_.back();
  std::optional<StreamElement> element = last.input.poll();
  if (element) {
    LYMER_RETURN_IF_ERROR(chain_->push(std::move(*element), last.index));
    return TaskStep::kMoved;
  }
  if (gate_ && last.index == 0) {
    gate_->restore(std::max(gate_->watermark(), last.input.watermark()));
  }
  restored_.pop_back();
  return TaskStep::kMoved;
}

}  // namespace lymer::runtime
