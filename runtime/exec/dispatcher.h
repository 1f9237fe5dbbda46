// Several jobs in one process, each with threads of its own, and what is left of those that ended
// (Flink: Dispatcher).
//
//   Dispatcher jobs(clock);
//   const JobId id = jobs.submit("alerts", graph, {.workers = 2});
//   jobs.cancel(id);
//   LYMER_RETURN_IF_ERROR(jobs.wait(id));
//   jobs.find(id)->report.states.back();   // In the archive now.
//
// One job's failure is no other's. The archive keeps the last of them, with their graphs; what is
// beyond is forgotten. A destroyed dispatcher has cancelled its jobs.
// Not here: one job (runtime/exec/execution.h), restarts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/strong_id.h"
#include "runtime/exec/buffer_pool.h"
#include "runtime/exec/execution.h"
#include "runtime/graph/job_graph.h"

namespace lymer::runtime {

using JobId = StrongId<struct JobIdTag, std::uint64_t>;

struct JobInfo {
  JobId id;
  std::string name;
  bool is_archived = false;
  JobReport report;
};

// Thread-safe.
class Dispatcher {
 public:
  static constexpr std::size_t kArchived = 50;
  // The clock must outlive the dispatcher. The pool is for all jobs that bring none of their own.
  explicit Dispatcher(Clock& clock, std::size_t max_archived = kArchived,
                      std::shared_ptr<BufferPool> buffers = std::make_shared<BufferPool>())
      : clock_(clock), max_archived_(max_archived), buffers_(std::move(buffers)) {}

  // Starts a job.
  [[nodiscard]] JobId submit(std::string name, JobGraph graph, const ExecutionOptions& options);
  // As Execution has them; kNotFound for a job that is not running.
  [[nodiscard]] Result<void> cancel(JobId id);
  [[nodiscard]] Result<void> finish(JobId id, bool drains);
  // Waits until the job has ended and returns what Execution::run() would; also of an archived job.
  // kNotFound for one that is not known.
  [[nodiscard]] Result<void> wait(JobId id);

  // Those that run, then the archive, each with the newest first.
  [[nodiscard]] std::vector<JobInfo> list();
  [[nodiscard]] std::optional<JobInfo> find(JobId id);
  [[nodiscard]] std::optional<JobGraph> graph(JobId id);
  // Those of the jobs that run.
  [[nodiscard]] std::size_t slots_in_use();

 private:
  struct Running {
    std::string name;
    JobGraph graph;
    std::shared_ptr<Execution> execution;
  };
  struct Archived {
    JobInfo info;
    JobGraph graph;
    Result<void> outcome;
  };

  [[nodiscard]] std::shared_ptr<Execution> running(JobId id);
  [[nodiscard]] const Archived* archived(JobId id) const;
  void archive_ended();

  Clock& clock_;
  const std::size_t max_archived_;
  const std::shared_ptr<BufferPool> buffers_;
  std::mutex mutex_;  // For all below.
  std::uint64_t next_ = 1;
  std::map<JobId, Running> running_;
  std::deque<Archived> archive_;  // The newest first.
};

}  // namespace lymer::runtime
