// One thread looks at everything in turn; tasks are on threads of their own and know nothing of it.
// Not here: what a restart brings back (runtime/exec/task_checkpoint.cc).
#include "checkpoint/supervisor.h"

#include <algorithm>

#include "runtime/base/text.h"
#include "runtime/graph/region.h"

namespace lymer::checkpoint {

using runtime::JobState;
using runtime::RestartOptions;

namespace {

RestartOptions strategy_of(const SupervisorOptions& options) {
  if (options.restart) return *options.restart;
  if (options.checkpoints.store == nullptr) return runtime::NoRestart{};
  return runtime::FixedDelay{};
}

// What is wrong with the job itself is as wrong the next time (Flink: NonRecoverableError).
bool may_pass(ErrorCode code) {
  return code != ErrorCode::kInvalidArgument && code != ErrorCode::kInvalidPattern &&
         code != ErrorCode::kUnsupported;
}

double in_seconds(Duration duration) { return static_cast<double>(duration.to_millis()) / 1000.0; }

}  // namespace

Supervisor::Supervisor(const runtime::JobGraph& graph, SupervisorOptions options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      strategy_(strategy_of(options_), clock, options_.random),
      life_(clock.now()) {
  runtime::ExecutionOptions& execution = options_.execution;
  if (execution.metrics == nullptr) execution.metrics = runtime::unreported_metrics();
  if (options_.checkpoints.decider != nullptr) options_.failover = Failover::kJob;
  if (execution.buffers == nullptr) execution.buffers = std::make_shared<runtime::BufferPool>();
  make_coordinator();
  make_regions(graph);
  make_metrics();
}

Supervisor::~Supervisor() {
  regions_.clear();  // They are cancelled, and write metrics to the last.
  options_.execution.metrics->close();
}

void Supervisor::make_coordinator() {
  const SupervisorOptions::Checkpoints& checkpoints = options_.checkpoints;
  if (checkpoints.store == nullptr) return;
  const runtime::Epoch last =
      checkpoints.first == nullptr ? runtime::Epoch{0} : checkpoints.first->epoch;
  coordinator_ = std::make_unique<Coordinator>(*checkpoints.store, checkpoints.options, clock_,
                                               last, checkpoints.decider);
}

void Supervisor::make_regions(const runtime::JobGraph& graph) {
  std::vector<runtime::Region> regions = {{graph}};
  if (options_.failover == Failover::kRegion) regions = runtime::regions_of(graph, options_.bound);
  runtime::JobGraph in_order{graph.streams, {}, {}};  // As tasks are numbered.
  std::size_t tasks = 0;
  for (runtime::Region& each : regions) {
    in_order.vertices.insert(in_order.vertices.end(), each.graph.vertices.begin(),
                             each.graph.vertices.end());
    regions_.push_back(
        std::make_unique<RegionRun>(std::move(each.graph), tasks, coordinator_.get()));
    tasks += regions_.back()->task_count();
  }
  if (coordinator_ == nullptr) return;
  coordinator_->attach(in_order, tasks, [this](const runtime::CheckpointOrder& order) {
    for (const auto& each : regions_) {
      if (each->is_active()) each->execution()->tell(order);
    }
  });
}

void Supervisor::make_metrics() {
  options_.execution.metrics->counter("restarts", "Of the job or of a region, after failures.",
                                      [this] { return static_cast<double>(restarts_.load()); });
  if (coordinator_ != nullptr) coordinator_->report_to(options_.execution.metrics);
}

void Supervisor::go_to(JobState state) {
  if (life_.state() != state && runtime::may_follow(life_.state(), state)) {
    life_.go_to(state, clock_.now());
  }
}

std::vector<RegionRun*> Supervisor::all() const {
  std::vector<RegionRun*> regions;
  for (const auto& each : regions_) regions.push_back(each.get());
  return regions;
}

bool Supervisor::is_any(RegionState state) const {
  return std::ranges::any_of(regions_, [&](const auto& each) { return each->state() == state; });
}

// ---- Requests ----------------------------------------------------------------------------------

Result<void> Supervisor::ask(std::function<void()> request) {
  if (coordinator_ == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "a job without checkpoints has no savepoints"};
  }
  const std::lock_guard lock(requests_mutex_);
  if (is_over_) return Error{ErrorCode::kInvalidArgument, "the job has come to its end"};
  requests_.push_back(std::move(request));
  return {};
}

void Supervisor::cancel() {
  const std::lock_guard lock(requests_mutex_);
  requests_.emplace_back([this] {
    go_to(JobState::kCancelling);
    stop_for_good();
  });
}

void Supervisor::finish(bool drains) {
  const std::lock_guard lock(requests_mutex_);
  requests_.emplace_back([this, drains] {
    if (!finishing_) finishing_ = drains;
    due_at_ = 0;  // Who waits to start again has no time to wait.
    for (const auto& each : regions_) {
      if (each->state() == RegionState::kRunning) each->execution()->finish(*finishing_);
    }
  });
}

void Supervisor::send(runtime::ControlRecord record) {
  const std::lock_guard lock(requests_mutex_);
  requests_.emplace_back([this, record = std::move(record)] {
    for (const auto& each : regions_) {
      if (each->is_active()) each->execution()->send(record);
    }
  });
}

Result<void> Supervisor::savepoint(const std::string& path) {
  return ask([this, path] { coordinator_->request_savepoint(path); });
}

Result<void> Supervisor::cancel_with_savepoint(const std::string& path) {
  const CheckpointDecider* decider = options_.checkpoints.decider;
  if (decider != nullptr && decider->decides()) {
    return Error{ErrorCode::kUnsupported,
                 "the job's output is committed by checkpoints alone: stop it with a savepoint"};
  }
  return ask([this, path] {
    cancel_savepoint_ = path;
    coordinator_->take_periodic(false);  // Nothing is to be committed behind it.
    coordinator_->request_savepoint(path);
  });
}

Result<void> Supervisor::stop_with_savepoint(const std::string& path, bool drains) {
  LYMER_RETURN_IF_ERROR(ask([this, path] {
    stop_savepoint_ = path;
    coordinator_->request_last_savepoint(path);
  }));
  finish(drains);
  return {};
}

const CheckpointRecord* Supervisor::find_savepoint(const std::string& path) const {
  return coordinator_ == nullptr ? nullptr : coordinator_->find_savepoint(path);
}

void Supervisor::carry_out_requests() {
  std::vector<std::function<void()>> requests;
  {
    const std::lock_guard lock(requests_mutex_);
    requests.swap(requests_);
  }
  for (const auto& each : requests) each();
}

void Supervisor::look_at_savepoints() {
  if (!cancel_savepoint_ || is_stopped_) return;
  const CheckpointRecord* taken = find_savepoint(*cancel_savepoint_);
  if (taken == nullptr) return;
  cancel_savepoint_.reset();
  coordinator_->take_periodic(true);
  if (taken->state == CheckpointState::kComplete) cancel();
}

// ---- Running -----------------------------------------------------------------------------------

Result<void> Supervisor::start() {
  if (life_.state() != JobState::kCreated) {
    return Error{ErrorCode::kInvalidArgument, "a job can be run once"};
  }
  LYMER_ASSIGN_OR_RETURN(const runtime::CheckpointHooks from,
                         hooks_from(options_.checkpoints.first));
  go_to(JobState::kRunning);
  start_regions(all(), from);
  return {};
}

Result<void> Supervisor::run() {
  constexpr Duration kLook = Duration::millis(10);
  LYMER_RETURN_IF_ERROR(start());
  while (!advance(kLook)) {
  }
  return outcome();
}

Result<void> Supervisor::outcome() const { return error_ ? Result<void>(*error_) : Result<void>(); }

bool Supervisor::advance(Duration most) {
  if (runtime::is_last(life_.state())) return true;
  carry_out_requests();
  pause(most);
  look_at_regions();
  tick_coordinator();
  look_at_savepoints();
  start_waiting();
  finish_if_over();
  return runtime::is_last(life_.state());
}

void Supervisor::pause(Duration most) {
  const auto active =
      std::ranges::find_if(regions_, [](const auto& each) { return each->is_active(); });
  if (active != regions_.end()) {
    (void)(*active)->execution()->wait(most);
  } else if (is_any(RegionState::kWaiting)) {
    clock_.sleep(most);  // There is nothing to wait for but time.
  }
}

void Supervisor::look_at_regions() {
  for (const auto& each : regions_) {
    if (!each->have_tasks_ended()) continue;
    const bool was_stopped = each->state() == RegionState::kStopping;
    const Result<void> ended = each->end();
    each->become(RegionState::kEnded);
    if (!ended && !was_stopped) {
      fail({each.get()}, ended.error(), each->execution()->report().failed_task);
    } else if (!is_stopped_ && was_stopped) {
      each->become(RegionState::kWaiting);
    } else if (!ended && !error_) {
      error_ = ended.error();  // It could not be closed.
    }
  }
}

void Supervisor::tick_coordinator() {
  if (coordinator_ == nullptr || is_stopped_) return;
  const auto ticked = coordinator_->tick();
  auto& first = options_.checkpoints.first;
  // It is as large as all state.
  if (first != nullptr && coordinator_->last_complete() > first->epoch) first.reset();
  if (ticked) return;
  const CheckpointRecord* stopping = stop_savepoint_ ? find_savepoint(*stop_savepoint_) : nullptr;
  if (stopping == nullptr || stopping->state != CheckpointState::kFailed) {
    fail(all(), ticked.error(), "");
    return;
  }
  // Nobody's fault but the savepoint's: the job goes on.
  note(ticked.error(), "");
  stop_savepoint_.reset();
  finishing_.reset();
  restart(all(), Duration{});
}

// ---- Failures ----------------------------------------------------------------------------------

void Supervisor::note(const Error& error, const std::string& task) {
  failures_.push_back({clock_.now(), task, error.to_string()});
  if (failures_.size() > kFailures) failures_.pop_front();
}

void Supervisor::fail(const std::vector<RegionRun*>& regions, const Error& error,
                      const std::string& task) {
  note(error, task);
  if (is_stopped_) {
    if (!error_) error_ = error;
    return;
  }
  const auto delay = may_pass(error.code) ? strategy_.on_failure() : std::nullopt;
  if (!delay) return give_up(error);
  ++restarts_;
  restart(options_.failover == Failover::kJob ? all() : regions, *delay);
}

void Supervisor::restart(const std::vector<RegionRun*>& regions, Duration delay) {
  go_to(JobState::kRestarting);
  if (coordinator_ != nullptr) coordinator_->interrupt("something failed, and starts anew");
  due_at_ = std::max(due_at_, clock_.monotonic_seconds() + in_seconds(delay));
  for (RegionRun* each : regions) each->stop(true);
}

void Supervisor::give_up(const Error& error) {
  const std::uint64_t restarts = restarts_.load();
  error_ = restarts == 0
               ? error
               : error.within(text("the job is given up after {} restart{} ({})", restarts,
                                   restarts == 1 ? "" : "s", to_string(strategy_of(options_))));
  go_to(JobState::kFailing);
  stop_for_good();
}

void Supervisor::stop_for_good() {
  is_stopped_ = true;
  for (const auto& each : regions_) each->stop(false);
}

// ---- Starting again ----------------------------------------------------------------------------

void Supervisor::start_waiting() {
  if (!is_any(RegionState::kWaiting) || is_any(RegionState::kStopping)) return;
  if (clock_.monotonic_seconds() < due_at_) return;
  std::vector<RegionRun*> waiting;
  for (const auto& each : regions_) {
    if (each->state() == RegionState::kWaiting) waiting.push_back(each.get());
  }
  const auto from = newest_state();
  if (!from) return fail(waiting, from.error().within("starting anew"), "");
  for (const RegionRun* each : waiting) {
    if (coordinator_ != nullptr) coordinator_->forget_tasks(each->first_task(), each->task_count());
  }
  start_regions(waiting, *from);
  go_to(JobState::kRunning);
  if (coordinator_ != nullptr) coordinator_->go_on();
}

Result<runtime::CheckpointHooks> Supervisor::newest_state() {
  const SupervisorOptions::Checkpoints& checkpoints = options_.checkpoints;
  if (checkpoints.store == nullptr) return runtime::CheckpointHooks();
  const auto on_damaged = [this](const Error& damage) { note(damage.within("passed over"), ""); };
  LYMER_ASSIGN_OR_RETURN(auto newest,
                         begin_and_read(*checkpoints.store, checkpoints.decider, on_damaged));
  std::shared_ptr<const Snapshot> from = checkpoints.first;
  if (newest) from = std::make_shared<const Snapshot>(*std::move(newest));
  if (from == nullptr && coordinator_->last_complete() > runtime::Epoch{0}) {
    // What it committed would come again.
    return Error{ErrorCode::kNotFound,
                 text("checkpoint {} is gone", coordinator_->last_complete().value())};
  }
  return hooks_from(std::move(from));
}

void Supervisor::start_regions(const std::vector<RegionRun*>& regions,
                               const runtime::CheckpointHooks& from) {
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    RegionRun& region = *regions_[i];
    if (std::ranges::find(regions, &region) == regions.end()) continue;
    region.forget();
    if (options_.on_start) options_.on_start(i);
    runtime::ExecutionOptions options = options_.execution;
    options.checkpoints.find_state = from.find_state;
    options.checkpoints.find_overtaken = from.find_overtaken;
    options.metrics =
        options_.execution.metrics->group("region", regions_.size() == 1 ? "" : std::to_string(i));
    region.start(std::move(options), clock_);
    if (finishing_) region.execution()->finish(*finishing_);
  }
}

// ---- The end -----------------------------------------------------------------------------------

void Supervisor::finish_if_over() {
  const bool is_over = std::ranges::all_of(
      regions_, [](const auto& each) { return each->state() == RegionState::kEnded; });
  if (!is_over) return;
  {
    const std::lock_guard lock(requests_mutex_);
    is_over_ = true;
  }
  carry_out_requests();  // None comes behind these.
  if (coordinator_ != nullptr) {
    if (!is_stopped_) {
      // Savepoints that were asked for at the very end.
      if (const auto ticked = coordinator_->tick(); !ticked) error_ = ticked.error();
    }
    coordinator_->abandon("the job has come to its end");
  }
  if (error_) go_to(JobState::kFailing);
  go_to(error_ ? JobState::kFailed : JobState::kFinished);
  go_to(JobState::kCancelled);
}

SupervisorReport Supervisor::report() const {
  SupervisorReport report{life_.entries(), {}, {failures_.begin(), failures_.end()}, restarts()};
  for (const auto& each : regions_) {
    report.regions.push_back({each->starts(), each->execution() == nullptr
                                                  ? runtime::JobReport()
                                                  : each->execution()->report()});
  }
  return report;
}

}  // namespace lymer::checkpoint
