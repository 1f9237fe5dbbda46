// Takes the checkpoints of a job: says when, gathers what the tasks answer, keeps it, and tells
// them that it is safe (Flink: CheckpointCoordinator).
//
//   Coordinator coordinator(store, {.interval = Duration::seconds(1)}, clock);
//   Execution execution(graph, {.checkpoints = {.listener = &coordinator}}, clock);
//   coordinator.attach(graph, execution.task_count(),
//                      [&](const auto& order) { execution.tell(order); });
//   execution.start();
//   while (!execution.wait(Duration::millis(10))) coordinator.tick();
//
// A checkpoint is whole when every task has answered it or has ended; then it is written, on the
// thread that calls tick(), which no task waits for. When all tasks have ended one more is taken,
// so that sinks can commit what came last.
//
// Not here: files (checkpoint/checkpoint_store.h), barriers (runtime/exec/task_checkpoint.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint_metrics.h"
#include "checkpoint/checkpoint_record.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/decider.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/exec/checkpointing.h"
#include "runtime/exec/overtaken.h"
#include "runtime/graph/job_graph.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

struct CheckpointOptions {
  // From the beginning of one to that of the next; only on demand if not positive.
  Duration interval = Duration::seconds(10);
  // After this long it is given up.
  Duration timeout = Duration::minutes(10);
  // From the end of one to the beginning of the next, at least.
  Duration min_pause = {};
  std::size_t max_concurrent = 1;
  // Barriers overtake what stands in channels, which becomes part of the checkpoint, so that one is
  // taken in time also where the job is slow (Flink: unaligned checkpoints); only where each event
  // is to count exactly once, and never for savepoints. Then one is taken at a time, whatever
  // max_concurrent says.
  bool unaligned = false;
  // If positive: only so long after a checkpoint has begun, if it has not been answered by all.
  Duration aligned_timeout = {};
  // So many may fail one after another before the job does.
  std::size_t tolerable_failures = 0;
  // So many of the newest are kept; at least one.
  std::size_t retained = 3;
};

class Coordinator final : public runtime::SnapshotListener {
 public:
  using Tell = std::function<void(const runtime::CheckpointOrder&)>;

  // All must outlive the coordinator. `last` is the epoch that the job goes on from. With a decider
  // one checkpoint is taken at a time, whatever max_concurrent says.
  Coordinator(CheckpointStore& store, const CheckpointOptions& options, Clock& clock,
              runtime::Epoch last = runtime::Epoch{0}, CheckpointDecider* decider = nullptr);

  // Counts from now on what comes to an end.
  void report_to(std::shared_ptr<runtime::MetricGroup> metrics) {
    metrics_.emplace(std::move(metrics));
  }
  // The job that is about to start. `tell` hands an order to all its tasks.
  void attach(const runtime::JobGraph& graph, std::size_t tasks, Tell tell);

  // From any thread.
  void on_snapshot(runtime::TaskSnapshot snapshot) override;
  // Asks for a savepoint in this directory, which must not exist; its record has that path and says
  // what came of it. Sinks commit nothing by it, and the job goes on if it fails.
  void request_savepoint(const std::string& path);
  // Asks for a savepoint of the job's end: of what its tasks say when all have ended, taken before
  // sinks commit it; checkpoints until then, also one in progress, are given up. If it fails tick()
  // returns an error, and nothing is committed.
  void request_last_savepoint(const std::string& path);

  // These are for a job that starts again in the middle, from the thread of tick(). What is in
  // progress comes to nothing, for this reason, and nothing is begun until go_on(); savepoints that
  // are asked for meanwhile wait.
  void interrupt(std::string_view why);
  // These tasks, from `first` on, have been stopped and start anew: what they said is forgotten.
  void forget_tasks(std::size_t first, std::size_t count);
  void go_on() { is_interrupted_ = false; }
  // The job has come to its end: savepoints that were not taken fail, for this reason.
  void abandon(std::string_view why);
  // Begins checkpoints when they are due, as usual, or savepoints alone.
  void take_periodic(bool takes) { takes_periodic_ = takes; }

  // Does what is due; called often, always by the same thread. Returns an error when more
  // checkpoints have failed than may, the last one has, or nobody knows whether one was decided:
  // then the job is to be cancelled.
  [[nodiscard]] Result<void> tick();

  // The newest last; some hundred of them. From the thread of tick().
  [[nodiscard]] const std::vector<CheckpointRecord>& history() const noexcept { return history_; }
  [[nodiscard]] runtime::Epoch last_complete() const noexcept { return last_complete_; }
  // The newest that has come to an end in this directory; null if none has. Until the next call.
  [[nodiscard]] const CheckpointRecord* find_savepoint(std::string_view path) const;

 private:
  struct Pending {
    CheckpointRecord record;
    double begun_at = 0;                                              // Monotonic seconds.
    std::map<std::size_t, std::vector<runtime::OperatorPart>> parts;  // By task.
  };
  [[nodiscard]] Result<void> do_due();
  void settle();
  void take_answers();
  void take_answer(runtime::TaskSnapshot snapshot);
  void trigger_savepoints();
  void trigger_due();
  void overtake_overdue();
  [[nodiscard]] bool may_overtake() const;
  void trigger(const std::optional<std::string>& savepoint);
  [[nodiscard]] bool have_all_ended() const { return ended_.size() == tasks_; }
  [[nodiscard]] bool have_sources_ended() const;
  [[nodiscard]] std::size_t answers_of(const Pending& pending) const;
  [[nodiscard]] Result<void> finish_job();
  [[nodiscard]] bool is_to_end();
  void give_up(runtime::Epoch before, const std::string& why);
  void fail_unbegun(const std::string& path, std::string_view why);
  [[nodiscard]] bool is_whole(const Pending& pending) const;
  [[nodiscard]] Result<void> finish_whole();
  [[nodiscard]] Result<void> finish(Pending pending);
  [[nodiscard]] Result<void> decide(CheckpointRecord& record, const CheckpointInfo& written);
  [[nodiscard]] Result<void> fail(Pending pending, const std::string& why);
  [[nodiscard]] Result<void> fail_overdue();
  [[nodiscard]] Result<CheckpointInfo> write(Pending& pending);
  [[nodiscard]] std::size_t most_concurrent() const;
  [[nodiscard]] Snapshot take_snapshot(Pending& pending) const;
  void keep(const CheckpointRecord& record);
  [[nodiscard]] runtime::Epoch next_epoch();

  CheckpointStore& store_;
  CheckpointOptions options_;
  Clock& clock_;
  CheckpointDecider* decider_;  // May be null.
  Tell tell_;
  std::map<std::string, std::uint32_t> parallelism_;  // By uid.
  std::size_t tasks_ = 0;
  std::set<std::size_t> sources_;  // Tasks.
  runtime::Epoch last_epoch_;
  runtime::Epoch last_complete_;

  std::mutex answers_mutex_;  // For these three.
  std::vector<runtime::TaskSnapshot> answers_;
  std::vector<std::string> wanted_savepoints_;
  std::optional<std::string> last_savepoint_;

  std::map<runtime::Epoch, Pending> pending_;
  std::map<std::size_t, std::vector<runtime::OperatorPart>> ended_;  // By task.
  bool is_last_safe_ = false;
  bool is_interrupted_ = false;
  bool takes_periodic_ = true;
  std::optional<double> last_begun_at_;
  std::optional<double> last_ended_at_;
  std::size_t failures_ = 0;  // Without a success between them.
  std::vector<CheckpointRecord> history_;
  std::optional<CheckpointMetrics> metrics_;
};

// What a job goes on with: each subtask has the key groups that are its now, and the operator state
// of all subtasks that there were.
[[nodiscard]] runtime::FindState find_state_in(std::shared_ptr<const Snapshot> snapshot);

// Likewise what was overtaken. Returns kCorrupt or kUnsupported for what cannot be read.
[[nodiscard]] Result<runtime::FindOvertaken> find_overtaken_in(const Snapshot& snapshot);

// Both of them; nothing where there is no snapshot.
[[nodiscard]] Result<runtime::CheckpointHooks> hooks_from(std::shared_ptr<const Snapshot> snapshot);

// Returns kInvalidArgument, naming it, if the snapshot has state of an operator that the job does
// not have.
[[nodiscard]] Result<void> check_operators(const Snapshot& snapshot,
                                           const runtime::JobGraph& graph);

}  // namespace lymer::checkpoint
