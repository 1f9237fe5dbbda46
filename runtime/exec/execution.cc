// Builds from the graph, starts threads, waits, and keeps the book of states.
// Not here: what workers do (runtime/exec/worker.cc).
#include "runtime/exec/execution.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "runtime/base/text.h"

namespace lymer::runtime {

Execution::Execution(JobGraph graph, const ExecutionOptions& options, Clock& clock)
    : graph_(std::move(graph)),
      clock_(clock),
      metrics_(options.metrics != nullptr ? options.metrics : unreported_metrics()),
      buffers_(options.buffers != nullptr ? options.buffers : std::make_shared<BufferPool>()),
      alignment_(options.source_drift.value_or(Duration{})),
      life_(clock.now()) {
  report_buffers();
  make_workers(options);
  TaskSpecs specs = make_specs();
  connect(specs, options.channels);
  make_tasks(std::move(specs), options);
}

Execution::~Execution() {
  cancel();
  threads_.clear();  // They write metrics to the last.
  metrics_->close();
}

void Execution::report_buffers() {
  metrics_->gauge("buffer_pool_bytes", "Memory for what is queued between tasks.",
                  [pool = buffers_] { return static_cast<double>(pool->bytes()); });
  metrics_->gauge("buffer_pool_used_bytes", "Of that, minimum shares and what is borrowed.",
                  [pool = buffers_] { return static_cast<double>(pool->used()); });
}

void Execution::make_workers(const ExecutionOptions& options) {
  std::map<std::string, std::size_t> width;  // Of each slot-sharing group.
  for (const JobVertex& each : graph_.vertices) {
    width[each.slot_group] = std::max(width[each.slot_group], each.parallelism);
  }
  std::map<std::string, std::size_t> first;
  for (const auto& [group, slots] : width) {
    first[group] = slots_;
    slots_ += slots;
  }
  for (const JobVertex& each : graph_.vertices) first_slot_of_.push_back(first[each.slot_group]);
  WorkerObserver& observer = *this;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t wanted = options.workers == 0 ? cores : options.workers;
  for (std::size_t i = 0; i < std::min(wanted, slots_); ++i) {
    workers_.push_back(std::make_unique<Worker>(order_, clock_, observer, metrics_));
  }
}

std::size_t Execution::worker_of(std::size_t vertex, std::size_t subtask) const {
  return (first_slot_of_[vertex] + subtask) % workers_.size();
}

Execution::TaskSpecs Execution::make_specs() const {
  TaskSpecs specs;
  std::map<std::string, std::size_t> seen;  // Metrics are told apart by names.
  for (const JobVertex& vertex : graph_.vertices) {
    std::vector<TaskSpec>& subtasks = specs.emplace_back();
    const std::size_t number = ++seen[vertex.name];
    const std::string name = number == 1 ? vertex.name : text("{} #{}", vertex.name, number);
    for (std::size_t i = 0; i < vertex.parallelism; ++i) {
      TaskSpec& spec = subtasks.emplace_back();
      spec.name = name;
      spec.subtask = i;
      spec.subtasks = vertex.parallelism;
      const SourceShare share{i, vertex.parallelism};
      for (const NodeId id : vertex.chain) {
        const StreamNode& node = graph_.streams.at(id);
        if (node.source != nullptr) {
          spec.source = node.source(share);
          spec.source_uid = node.uid;
        } else {
          spec.members.push_back({node.uid, node.op(share)});
        }
      }
    }
  }
  return specs;
}

// A channel for each pair of subtasks that an edge connects.
void Execution::connect(TaskSpecs& specs, const ChannelLimits& limits) {
  std::vector<EdgeId> known;
  for (const JobEdge& edge : graph_.edges) {
    EdgeId id{graph_.streams.at(graph_.vertices[edge.from].chain.back()).uid,
              graph_.streams.at(graph_.vertices[edge.to].chain.front()).uid, edge.port, 0};
    while (std::ranges::find(known, id) != known.end()) ++id.ordinal;
    known.push_back(id);
    std::vector<TaskSpec>& senders = specs[edge.from];
    std::vector<TaskSpec>& receivers = specs[edge.to];
    for (std::size_t i = 0; i < senders.size(); ++i) {
      Wakeup& sender = workers_[worker_of(edge.from, i)]->wakeup();
      std::vector<TaskChannel*> targets;
      for (const std::size_t target : targets_of(edge, i, senders.size(), receivers.size())) {
        Wakeup& receiver = workers_[worker_of(edge.to, target)]->wakeup();
        channels_.push_back(std::make_unique<TaskChannel>(sender, receiver, limits, buffers_));
        channels_.back()->set_id({id, edge.partitioning, static_cast<std::uint32_t>(i),
                                  static_cast<std::uint32_t>(target),
                                  static_cast<std::uint32_t>(receivers.size())});
        targets.push_back(channels_.back().get());
        receivers[target].inputs.push_back(targets.back());
      }
      senders[i].output->add(edge.port, std::make_unique<Exchange>(
                                            edge.partitioning, std::move(targets), i, edge.custom));
    }
  }
}

void Execution::make_tasks(TaskSpecs specs, const ExecutionOptions& options) {
  const EventTime now = clock_.now();
  for (std::size_t vertex = 0; vertex < specs.size(); ++vertex) {
    for (std::size_t i = 0; i < specs[vertex].size(); ++i) {
      TaskSpec& spec = specs[vertex][i];
      Wakeup& wakeup = workers_[worker_of(vertex, i)]->wakeup();
      spec.latency_interval = options.latency_interval;
      spec.number = tasks_.size();
      spec.checkpoints = options.checkpoints;
      spec.state_backend = options.state_backend;
      if (options.source_drift && spec.source != nullptr) spec.alignment = &alignment_.add(wakeup);
      auto task = std::make_unique<Task>(std::move(spec));
      workers_[worker_of(vertex, i)]->add(*task);
      tasks_.push_back({std::move(task), Lifecycle<TaskState>(now)});
    }
  }
}

Result<void> Execution::run() {
  LYMER_RETURN_IF_ERROR(start());
  return end();
}

Result<void> Execution::start() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(has_run_, true)) {
    return Error{ErrorCode::kInvalidArgument, "a job can be run once"};
  }
  if (life_.state() == JobState::kCreated) life_.go_to(JobState::kRunning, clock_.now());
  for (Tracked& each : tasks_) each.life.go_to(TaskState::kScheduled, clock_.now());
  working_ = workers_.size();
  for (const auto& worker : workers_) {
    threads_.emplace_back([this, &worker] {
      worker->run();
      const std::lock_guard end_lock(mutex_);
      --working_;
      ended_.notify_all();
    });
  }
  return {};
}

std::vector<Task*> Execution::tasks_by_hand() {
  const std::lock_guard lock(mutex_);
  has_run_ = true;
  std::vector<Task*> tasks;
  for (const Tracked& each : tasks_) tasks.push_back(each.task.get());
  return tasks;
}

bool Execution::wait(Duration most) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, std::chrono::milliseconds(most.to_millis()),
                         [this] { return working_ == 0; });
}

Result<void> Execution::end() {
  threads_.clear();  // Waits for all.
  const std::lock_guard lock(mutex_);
  if (error_) {
    if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFailing, clock_.now());
    if (life_.state() == JobState::kFailing) life_.go_to(JobState::kFailed, clock_.now());
  }
  if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFinished, clock_.now());
  if (life_.state() == JobState::kCancelling) life_.go_to(JobState::kCancelled, clock_.now());
  return error_ ? Result<void>(*error_) : Result<void>();
}

void Execution::order(WorkerOrder order) {
  // Finishing is for who has been told nothing yet; cancelling comes before all.
  WorkerOrder expected = WorkerOrder::kGoOn;
  if (order == WorkerOrder::kCancel) {
    order_.store(order, std::memory_order_relaxed);
  } else if (!order_.compare_exchange_strong(expected, order)) {
    return;
  }
  for (const auto& worker : workers_) worker->wakeup().notify();
}

void Execution::finish(bool drains) { order(drains ? WorkerOrder::kDrain : WorkerOrder::kFinish); }

void Execution::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (!may_follow(life_.state(), JobState::kCancelling)) return;
    life_.go_to(JobState::kCancelling, clock_.now());
  }
  order(WorkerOrder::kCancel);
}

void Execution::tell(const CheckpointOrder& order) {
  for (const Tracked& each : tasks_) each.task->tell(order);
  for (const auto& worker : workers_) worker->wakeup().notify();
}

void Execution::send(const ControlRecord& record) {
  for (const Tracked& each : tasks_) each.task->send(record);
  for (const auto& worker : workers_) worker->wakeup().notify();
}

void Execution::on_task_state(const Task& task, TaskState state) {
  const std::lock_guard lock(mutex_);
  const auto tracked = std::ranges::find(
      tasks_, &task, [](const Tracked& each) { return static_cast<const Task*>(each.task.get()); });
  if (may_follow(tracked->life.state(), state)) tracked->life.go_to(state, clock_.now());
}

void Execution::on_task_failed(const Task& task, const Error& error) {
  on_task_state(task, TaskState::kFailed);
  {
    const std::lock_guard lock(mutex_);
    if (!error_) {
      error_ = error.within(task.title());
      failed_task_ = task.title();
    }
    if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFailing, clock_.now());
  }
  order(WorkerOrder::kCancel);
}

JobState Execution::state() const {
  const std::lock_guard lock(mutex_);
  return life_.state();
}

JobReport Execution::report() const {
  const std::lock_guard lock(mutex_);
  JobReport report{
      life_.entries(), {}, slots_, workers_.size(), error_ ? error_->to_string() : std::string(),
      failed_task_};
  for (const Tracked& each : tasks_) {
    const TimeShares shares = each.task->rates().shares();
    report.tasks.push_back({each.task->title(), each.life.entries(), each.task->rates().totals(),
                            shares, back_pressure_level(shares.back_pressured)});
  }
  return report;
}

}  // namespace lymer::runtime
