// Jobs that have ended are archived when somebody next asks for anything.
// Not here: threads.
#include "runtime/exec/dispatcher.h"

#include <algorithm>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr Duration kLook = Duration::millis(100);

Error not_found(JobId id) {
  return Error{ErrorCode::kNotFound, text("there is no job {}", id.value())};
}

}  // namespace

JobId Dispatcher::submit(std::string name, JobGraph graph, const ExecutionOptions& options) {
  ExecutionOptions with_buffers = options;
  if (with_buffers.buffers == nullptr) with_buffers.buffers = buffers_;
  auto execution = std::make_shared<Execution>(graph, with_buffers, clock_);
  const auto started = execution->start();
  LYMER_CHECK(started.has_value(), "a new job can be run");
  const std::lock_guard lock(mutex_);
  const JobId id(next_++);
  running_.emplace(id, Running{std::move(name), std::move(graph), std::move(execution)});
  return id;
}

std::shared_ptr<Execution> Dispatcher::running(JobId id) {
  const std::lock_guard lock(mutex_);
  archive_ended();
  const auto found = running_.find(id);
  return found == running_.end() ? nullptr : found->second.execution;
}

const Dispatcher::Archived* Dispatcher::archived(JobId id) const {
  const auto found =
      std::ranges::find(archive_, id, [](const Archived& each) { return each.info.id; });
  return found == archive_.end() ? nullptr : &*found;
}

void Dispatcher::archive_ended() {
  for (auto each = running_.begin(); each != running_.end();) {
    Running& job = each->second;
    if (!job.execution->wait(Duration{})) {
      ++each;
      continue;
    }
    const Result<void> outcome = job.execution->end();
    archive_.push_front({{each->first, std::move(job.name), true, job.execution->report()},
                         std::move(job.graph),
                         outcome});
    each = running_.erase(each);
  }
  while (archive_.size() > max_archived_) archive_.pop_back();
}

Result<void> Dispatcher::cancel(JobId id) {
  const auto execution = running(id);
  if (execution == nullptr) return not_found(id);
  execution->cancel();
  return {};
}

Result<void> Dispatcher::finish(JobId id, bool drains) {
  const auto execution = running(id);
  if (execution == nullptr) return not_found(id);
  execution->finish(drains);
  return {};
}

Result<void> Dispatcher::wait(JobId id) {
  while (const auto execution = running(id)) (void)execution->wait(kLook);
  const std::lock_guard lock(mutex_);
  const Archived* job = archived(id);
  return job == nullptr ? Result<void>(not_found(id)) : job->outcome;
}

std::vector<JobInfo> Dispatcher::list() {
  const std::lock_guard lock(mutex_);
  archive_ended();
  std::vector<JobInfo> jobs;
  for (auto each = running_.rbegin(); each != running_.rend(); ++each) {
    jobs.push_back({each->first, each->second.name, false, each->second.execution->report()});
  }
  for (const Archived& each : archive_) jobs.push_back(each.info);
  return jobs;
}

std::optional<JobInfo> Dispatcher::find(JobId id) {
  for (JobInfo& each : list()) {
    if (each.id == id) return std::move(each);
  }
  return std::nullopt;
}

std::optional<JobGraph> Dispatcher::graph(JobId id) {
  const std::lock_guard lock(mutex_);
  archive_ended();
  if (const auto found = running_.find(id); found != running_.end()) return found->second.graph;
  const Archived* job = archived(id);
  return job == nullptr ? std::nullopt : std::optional(job->graph);
}

std::size_t Dispatcher::slots_in_use() {
  std::size_t slots = 0;
  for (const JobInfo& each : list()) {
    if (!each.is_archived) slots += each.report.slots;
  }
  return slots;
}

}  // namespace lymer::runtime
