// Builds from the graph, starts threads, waits, and keeps the book of states.
// Not here: what workers do (runtime/exec/worker.cc).
#include "runtime/exec/execution.h"

#include <algorithm>
#include <map>
#include <thread>

#include "runtime/base/text.h"
#include "runtime/graph/graph_picture.h"

namespace lymer::runtime {

Execution::Execution(JobGraph graph, ExecutionOptions options, Clock& clock)
    : graph_(std::move(graph)), clock_(clock), life_(clock.now()) {
  make_workers(options);
  make_channels(options);
  make_tasks();
}

Execution::~Execution() = default;

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
    workers_.push_back(std::make_unique<Worker>(stops_, clock_, observer));
  }
}

std::size_t Execution::worker_of(std::size_t vertex, std::size_t subtask) const {
  return (first_slot_of_[vertex] + subtask) % workers_.size();
}

void Execution::make_channels(const ExecutionOptions& options) {
  for (std::size_t edge = 0; edge < graph_.edges.size(); ++edge) {
    const JobEdge& of = graph_.edges[edge];
    const std::size_t senders = graph_.vertices[of.from].parallelism;
    const std::size_t receivers = graph_.vertices[of.to].parallelism;
    for (std::size_t sender = 0; sender < senders; ++sender) {
      for (const std::size_t receiver : targets_of(of, sender, senders, receivers)) {
        links_.push_back({edge, sender, receiver,
                          std::make_unique<TaskChannel>(
                              workers_[worker_of(of.from, sender)]->wakeup(),
                              workers_[worker_of(of.to, receiver)]->wakeup(), options.channels)});
      }
    }
  }
}

void Execution::make_tasks() {
  const EventTime now = clock_.now();
  for (std::size_t vertex = 0; vertex < graph_.vertices.size(); ++vertex) {
    for (std::size_t i = 0; i < graph_.vertices[vertex].parallelism; ++i) {
      auto task = std::make_unique<Task>(make_task(vertex, i));
      workers_[worker_of(vertex, i)]->add(*task);
      tasks_.push_back({std::move(task), Lifecycle<TaskState>(now)});
    }
  }
}

TaskSpec Execution::make_task(std::size_t vertex, std::size_t subtask) {
  const JobVertex& of = graph_.vertices[vertex];
  TaskSpec spec{.name = of.name, .subtask = subtask, .subtasks = of.parallelism};
  const SourceShare share{subtask, of.parallelism};
  for (const NodeId id : of.chain) {
    const StreamNode& node = graph_.streams.at(id);
    if (node.source != nullptr) {
      spec.source = node.source(share);
    } else {
      spec.members.push_back({node.uid, node.op(share)});
    }
  }
  for (std::size_t edge = 0; edge < graph_.edges.size(); ++edge) {
    const JobEdge& way = graph_.edges[edge];
    std::vector<TaskChannel*> targets;
    for (const Link& link : links_) {
      if (link.edge != edge) continue;
      if (way.to == vertex && link.receiver == subtask) spec.inputs.push_back(link.channel.get());
      if (way.from == vertex && link.sender == subtask) targets.push_back(link.channel.get());
    }
    if (targets.empty()) continue;
    spec.output->add(way.port, std::make_unique<Exchange>(way.partitioning, std::move(targets),
                                                          subtask, way.custom));
  }
  return spec;
}

Result<void> Execution::run() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_run_, true)) {
      return Error{ErrorCode::kInvalidArgument, "a job can be run once"};
    }
    if (life_.state() == JobState::kCreated) life_.go_to(JobState::kRunning, clock_.now());
    for (Tracked& each : tasks_) each.life.go_to(TaskState::kScheduled, clock_.now());
  }
  std::vector<std::jthread> threads;
  for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });
  threads.clear();  // Waits for all.
  return end();
}

Result<void> Execution::end() {
  const std::lock_guard lock(mutex_);
  if (error_) {
    if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFailing, clock_.now());
    if (life_.state() == JobState::kFailing) life_.go_to(JobState::kFailed, clock_.now());
  }
  if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFinished, clock_.now());
  if (life_.state() == JobState::kCancelling) life_.go_to(JobState::kCancelled, clock_.now());
  return error_ ? Result<void>(*error_) : Result<void>();
}

void Execution::stop() {
  stops_.store(true, std::memory_order_relaxed);
  for (const auto& worker : workers_) worker->wakeup().notify();
}

void Execution::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (!may_follow(life_.state(), JobState::kCancelling)) return;
    life_.go_to(JobState::kCancelling, clock_.now());
  }
  stop();
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
    if (!error_) error_ = error.within(task.title());
    if (life_.state() == JobState::kRunning) life_.go_to(JobState::kFailing, clock_.now());
  }
  stop();
}

JobState Execution::state() const {
  const std::lock_guard lock(mutex_);
  return life_.state();
}

JobReport Execution::report() const {
  const std::lock_guard lock(mutex_);
  JobReport report{
      life_.entries(), {}, slots_, workers_.size(), error_ ? error_->to_string() : std::string()};
  for (const Tracked& each : tasks_) {
    const TaskTimes& times = each.task->times();
    report.tasks.push_back({each.task->title(), each.life.entries(),
                            times.busy.load(std::memory_order_relaxed),
                            times.idle.load(std::memory_order_relaxed),
                            times.back_pressured.load(std::memory_order_relaxed)});
  }
  return report;
}

}  // namespace lymer::runtime
