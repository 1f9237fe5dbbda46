// Runs a job from its first start to its end, whatever fails between (Flink: JobMaster and its
// scheduler).
//
//   Supervisor job(graph, {.checkpoints = {.store = &store}, .restart = FixedDelay{.attempts = 3}},
//                  clock);
//   LYMER_RETURN_IF_ERROR(job.run());
//
//   LYMER_RETURN_IF_ERROR(job.start());                    // The same in steps:
//   while (!job.advance(Duration::millis(10))) look_after(job.report());
//   LYMER_RETURN_IF_ERROR(job.outcome());
//
// After a failure the tasks of the region that it was in are stopped, the restart strategy says how
// long to wait, and all of the region starts anew from the newest checkpoint that is whole; from
// what the job began with if there is none. Regions (runtime/graph/region.h) that have nothing to
// do with it go on undisturbed. Checkpoints cover all regions: one that is in progress when
// something fails is given up, and none is begun until all run again. Not here: when checkpoints
// are taken (checkpoint/coordinator.h), which failures end a job (runtime/exec/restart_strategy.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/coordinator.h"
#include "checkpoint/decider.h"
#include "checkpoint/region_run.h"
#include "checkpoint/snapshot.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/exec/execution.h"
#include "runtime/exec/lifecycle.h"
#include "runtime/exec/restart_strategy.h"
#include "runtime/graph/job_graph.h"

namespace lymer::checkpoint {

// What starts anew after a failure.
enum class Failover : std::uint8_t { kRegion, kJob };

struct SupervisorOptions {
  struct Checkpoints {
    CheckpointStore* store = nullptr;  // None: no checkpoints. Must outlive the supervisor.
    CheckpointOptions options = {};
    // Who decides which checkpoint is true; null: the newest is. Must outlive the supervisor, and
    // has begun when the first is given. All of the job then starts anew together.
    CheckpointDecider* decider = nullptr;
    // What the job begins with: the newest checkpoint or a savepoint. Its operators are the job's
    // (check_operators()).
    std::shared_ptr<const Snapshot> first = nullptr;
  };
  // Of each region, which has threads of its own. The listener and the state are the supervisor's.
  runtime::ExecutionOptions execution = {};
  Checkpoints checkpoints = {};
  // None without checkpoints unless given, a fixed delay with them.
  std::optional<runtime::RestartOptions> restart = {};
  Failover failover = Failover::kRegion;
  std::vector<std::vector<std::string>> bound = {};                           // See regions_of().
  runtime::RestartStrategy::Random random = [] { return std::uint64_t{0}; };  // For jitter.
  // Hears that the tasks of a region are about to be made, those that there were being gone.
  std::function<void(std::size_t region)> on_start = nullptr;
};

struct JobFailure {
  EventTime time;
  std::string task;  // Empty if it was none.
  std::string error;
};

struct RegionReport {
  std::size_t starts = 0;
  runtime::JobReport last;  // Of its last start.
};

struct SupervisorReport {
  std::vector<std::pair<runtime::JobState, EventTime>> states;
  std::vector<RegionReport> regions;
  std::vector<JobFailure> failures;  // The newest last; at most kFailures.
  std::uint64_t restarts = 0;
};

// Thread-compatible, but for the requests. A destroyed one has cancelled its job.
class Supervisor {
 public:
  static constexpr std::size_t kFailures = 16;  // As many as Flink keeps.

  // The clock must outlive the supervisor. A graph whose sources or sinks can be made once only is
  // for jobs without restart.
  Supervisor(const runtime::JobGraph& graph, SupervisorOptions options, Clock& clock);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  Supervisor(Supervisor&&) = delete;
  Supervisor& operator=(Supervisor&&) = delete;
  ~Supervisor();

  // Returns kInvalidArgument if it was started before, and what is wrong with the first state.
  [[nodiscard]] Result<void> start();
  // Does what is due, after it has waited for `most` or until a region has ended; true once all is
  // over. Called often, by one thread.
  [[nodiscard]] bool advance(Duration most);
  // How it came to its end: a success also after cancel(), unless a task could not be closed.
  [[nodiscard]] Result<void> outcome() const;
  // All of these.
  [[nodiscard]] Result<void> run();

  // ---- Requests: from any thread, carried out soon ----
  void cancel();
  // The input ends here; see Execution::finish(). Also for what starts anew from then on.
  void finish(bool drains);
  // Lets all sources that run send this; see Execution::send(). What starts anew does not send it
  // again: operators are made anew with what it said.
  void send(runtime::ControlRecord record);
  // These return kInvalidArgument without checkpoints, and once the job is over. What became of the
  // savepoint its record tells (find_savepoint()).
  //
  // A savepoint while the job goes on; then cancel(), if it is asked for and it was taken: not
  // where a decider commits output with checkpoints alone (kUnsupported), as what the savepoint has
  // seen would be lost.
  [[nodiscard]] Result<void> savepoint(const std::string& path);
  [[nodiscard]] Result<void> cancel_with_savepoint(const std::string& path);
  // finish(), a savepoint of what all tasks hold then, and only when it is safe the last
  // checkpoint, by which sinks commit. A failure on the way changes nothing: what failed starts
  // anew and ends at once. Where the savepoint cannot be written the job goes on from its newest
  // checkpoint, as if nobody had asked.
  [[nodiscard]] Result<void> stop_with_savepoint(const std::string& path, bool drains);

  // ---- From the thread of advance() ----
  [[nodiscard]] runtime::JobState state() const { return life_.state(); }
  [[nodiscard]] SupervisorReport report() const;
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_.load(); }
  [[nodiscard]] const std::deque<JobFailure>& failures() const noexcept { return failures_; }
  // Null without checkpoints.
  [[nodiscard]] const Coordinator* coordinator() const noexcept { return coordinator_.get(); }
  [[nodiscard]] const CheckpointRecord* find_savepoint(const std::string& path) const;

 private:
  using RegionState = RegionRun::State;

  void make_coordinator();
  void make_regions(const runtime::JobGraph& graph);
  void make_metrics();
  [[nodiscard]] Result<void> ask(std::function<void()> request);
  void pause(Duration most);
  void carry_out_requests();
  void look_at_regions();
  void look_at_savepoints();
  void tick_coordinator();
  void note(const Error& error, const std::string& task);
  void fail(const std::vector<RegionRun*>& regions, const Error& error, const std::string& task);
  void restart(const std::vector<RegionRun*>& regions, Duration delay);
  void give_up(const Error& error);
  void stop_for_good();
  void start_waiting();
  void start_regions(const std::vector<RegionRun*>& regions, const runtime::CheckpointHooks& from);
  [[nodiscard]] Result<runtime::CheckpointHooks> newest_state();
  void finish_if_over();
  void go_to(runtime::JobState state);
  [[nodiscard]] std::vector<RegionRun*> all() const;
  [[nodiscard]] bool is_any(RegionState state) const;

  SupervisorOptions options_;
  Clock& clock_;
  runtime::RestartStrategy strategy_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<std::unique_ptr<RegionRun>> regions_;
  runtime::Lifecycle<runtime::JobState> life_;
  std::deque<JobFailure> failures_;
  std::optional<Error> error_;
  std::atomic<std::uint64_t> restarts_ = 0;
  double due_at_ = 0;              // When those that wait may start, by the monotonic clock.
  bool is_stopped_ = false;        // Nothing starts any more.
  std::optional<bool> finishing_;  // Whether it drains.
  std::optional<std::string> stop_savepoint_;  // By which it is to end.
  std::optional<std::string> cancel_savepoint_;

  std::mutex requests_mutex_;  // For these two.
  bool is_over_ = false;
  std::vector<std::function<void()>> requests_;
};

}  // namespace lymer::checkpoint
