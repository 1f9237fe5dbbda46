// The wiring of a process (server/job_checkpoints.cc) with tasks that are stepped by hand.
// Not here: threads.
#include "tests/simulation/life.h"

#include <utility>

#include "runtime/base/text.h"

namespace lymer::simulation {
namespace {

using checkpoint::Coordinator;
using checkpoint::Snapshot;

constexpr std::size_t kStepsMax = 3'000'000;  // A job takes some ten thousand.

class Life {
 public:
  Life(World& world, const LifePlan& plan)
      : world_(world),
        plan_(plan),
        store_(world.files, "state/checkpoints", [&world] { return world.chance.bits(); }) {}

  LifeStory run(RandomJob& job, const RandomJob::MakeSink& make_sink) {
    if (auto started = start(job, make_sink); !started) {
      fail(started.error());
      return story_;
    }
    for (std::size_t step = 0; step < kStepsMax; ++step) {
      story_.steps = step;
      if (plan_.dies_after && step >= *plan_.dies_after) {
        story_.end = LifeEnd::kDied;
        break;
      }
      if (auto done = work(step); !done) {
        close_all();
        fail(done.error());
        break;
      } else if (*done) {
        break;
      }
      if (step + 1 == kStepsMax) story_.end = LifeEnd::kStuck;
    }
    if (coordinator_) count_checkpoints();
    return story_;
  }

 private:
  struct Place {
    runtime::Task* task = nullptr;
    bool is_open = false;
  };

  void fail(const Error& error) {
    story_.end = LifeEnd::kFailed;
    story_.error = error.to_string();
  }

  Result<void> start(RandomJob& job, const RandomJob::MakeSink& make_sink) {
    job.build(stream_job_, make_sink, world_.chance, world_.planted);
    LYMER_ASSIGN_OR_RETURN(auto graph, stream_job_.job_graph(plan_.parallelism));
    runtime::ExecutionOptions options{.workers = 1, .channels = plan_.channels};
    if (plan_.is_checkpointed) LYMER_RETURN_IF_ERROR(find_newest(graph, options));
    execution_ = std::make_unique<runtime::Execution>(graph, options, world_.clock);
    if (coordinator_) {
      coordinator_->attach(graph, execution_->task_count(),
                           [this](const auto& order) { execution_->tell(order); });
    }
    for (runtime::Task* each : execution_->tasks_by_hand()) places_.push_back({each});
    return {};
  }

  Result<void> find_newest(const runtime::JobGraph& graph, runtime::ExecutionOptions& options) {
    LYMER_ASSIGN_OR_RETURN(auto newest, store_.read_newest([this](const Error& error) {
      story_.damage = error.to_string();
    }));
    if (newest) {
      LYMER_RETURN_IF_ERROR(check_operators(*newest, graph));
      restored_ = newest->epoch;
      story_.has_gone_on = true;
      if (world_.planted == Planted::kKeyGroupLost) lose_key_group(*newest);
      options.checkpoints.find_state =
          find_state_in(std::make_shared<const Snapshot>(*std::move(newest)));
    }
    coordinator_ =
        std::make_unique<Coordinator>(store_, plan_.checkpoints, world_.clock, restored_);
    options.checkpoints.listener = coordinator_.get();
    if (world_.planted == Planted::kBarriersNotAligned) {
      options.checkpoints.mode = runtime::CheckpointMode::kAtLeastOnce;
    }
    return {};
  }

  void lose_key_group(Snapshot& snapshot) {
    for (runtime::OperatorPart& part : snapshot.parts) {
      const std::vector<runtime::KeyGroup> groups = part.state.key_groups();
      if (groups.empty()) continue;
      const runtime::KeyGroup lost = groups[world_.chance.below(groups.size())];
      runtime::StateSnapshot rest;
      rest.merge(part.state, [lost](runtime::KeyGroup group) { return group != lost; });
      part.state = std::move(rest);
      return;
    }
  }

  // True once all has ended.
  Result<bool> work(std::size_t step) {
    world_.clock.sleep(Duration::millis(world_.chance.one_in(3) ? 1 : 0));
    if (coordinator_ && world_.chance.one_in(4)) LYMER_RETURN_IF_ERROR(coordinator_->tick());
    if (step % 100 == 0 && coordinator_ && world_.chance.one_in(plan_.savepoint_one_in)) {
      coordinator_->request_savepoint(text("state/savepoint-{:016x}", world_.chance.bits()));
    }
    const std::size_t turn = world_.chance.below(places_.size());
    Place& place = places_[turn];
    if (!std::exchange(place.is_open, true)) {
      LYMER_RETURN_IF_ERROR(place.task->open(world_.clock));
      return false;
    }
    LYMER_ASSIGN_OR_RETURN(const runtime::TaskStep done, place.task->step());
    if (done != runtime::TaskStep::kEnded) return false;
    const Place ended = place;
    places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(turn));
    LYMER_RETURN_IF_ERROR(ended.task->close());
    return places_.empty();
  }

  // As a worker does when its job has failed.
  void close_all() {
    for (const Place& each : places_) {
      if (each.is_open) (void)each.task->close();
    }
  }

  void count_checkpoints() {
    for (const checkpoint::CheckpointRecord& each : coordinator_->history()) {
      if (each.state == checkpoint::CheckpointState::kComplete) ++story_.checkpoints;
    }
  }

  World& world_;
  const LifePlan& plan_;
  LifeStory story_;
  checkpoint::CheckpointStore store_;
  runtime::StreamJob stream_job_;
  std::unique_ptr<Coordinator> coordinator_;
  runtime::Epoch restored_{0};
  std::unique_ptr<runtime::Execution> execution_;
  std::vector<Place> places_;
};

}  // namespace

LifeStory live(World& world, RandomJob& job, const RandomJob::MakeSink& make_sink,
               const LifePlan& plan) {
  return Life(world, plan).run(job, make_sink);
}

}  // namespace lymer::simulation
