// A thread's tasks in turn: states, errors, and stopping.
// Not here: several threads (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/worker.h"

#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;

class Seen final : public WorkerObserver {
 public:
  void on_task_state(const Task& task, TaskState state) override {
    lines.push_back(task.title() + " " + std::string(to_string(state)));
  }
  void on_task_failed(const Task& task, const Error& error) override {
    lines.push_back(task.title() + " failed: " + error.message);
  }
  std::vector<std::string> lines;
};

// Ends after so many steps, or fails.
class Steps final : public EventSource {
 public:
  explicit Steps(int count, bool fails = false) : left_(count), fails_(fails) {}
  Result<SourceState> step(Collector&) override {
    if (left_-- > 0) return left_ % 2 == 0 ? SourceState::kActive : SourceState::kIdle;
    if (fails_) return Error{ErrorCode::kIo, "broken"};
    return SourceState::kEnded;
  }
  void finish(bool) override { left_ = 0; }
  SourceState flush(Collector&) override { return SourceState::kActive; }
  Result<void> snapshot(StateSnapshot&) const override { return {}; }
  Result<void> restore(const StateSnapshot&) override { return {}; }
  EventTime watermark() const override { return EventTime::min(); }

 private:
  int left_;
  bool fails_;
};

std::unique_ptr<Task> task(const std::string& name, std::unique_ptr<EventSource> source) {
  return std::make_unique<Task>(TaskSpec{.name = name, .source = std::move(source)});
}

TEST(Worker, RunsTasksToTheirEnds) {
  const std::atomic<WorkerOrder> order = WorkerOrder::kGoOn;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(order, clock, seen);
  const auto one = task("one", std::make_unique<Steps>(5));
  const auto other = task("other", std::make_unique<Steps>(2));
  worker.add(*one);
  worker.add(*other);
  worker.run();
  EXPECT_THAT(seen.lines,
              ElementsAre("one (1/1) deploying", "one (1/1) running", "other (1/1) deploying",
                          "other (1/1) running", "other (1/1) finished", "one (1/1) finished"));
}

TEST(Worker, CancelsTheOthersOfATaskThatFails) {
  const std::atomic<WorkerOrder> order = WorkerOrder::kGoOn;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(order, clock, seen);
  const auto one = task("one", std::make_unique<Steps>(1000));
  const auto other = task("other", std::make_unique<Steps>(2, true));
  worker.add(*one);
  worker.add(*other);
  worker.run();
  EXPECT_THAT(seen.lines,
              ElementsAre("one (1/1) deploying", "one (1/1) running", "other (1/1) deploying",
                          "other (1/1) running", "other (1/1) failed: broken",
                          "one (1/1) cancelling", "one (1/1) cancelled"));
}

TEST(Worker, StopsWhenItIsTold) {
  const std::atomic<WorkerOrder> order = WorkerOrder::kCancel;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(order, clock, seen);
  const auto one = task("one", std::make_unique<Steps>(1000));
  worker.add(*one);
  worker.run();
  EXPECT_THAT(seen.lines, ElementsAre("one (1/1) deploying", "one (1/1) running",
                                      "one (1/1) cancelling", "one (1/1) cancelled"));
}

// Goes on until it is told to finish, and notes what it was told.
class Endless final : public EventSource {
 public:
  explicit Endless(std::vector<bool>& told) : told_(told) {}
  Result<SourceState> step(Collector&) override {
    return told_.empty() ? SourceState::kActive : SourceState::kEnded;
  }
  void finish(bool drains) override { told_.push_back(drains); }
  SourceState flush(Collector&) override { return SourceState::kActive; }
  Result<void> snapshot(StateSnapshot&) const override { return {}; }
  Result<void> restore(const StateSnapshot&) override { return {}; }
  EventTime watermark() const override { return EventTime::min(); }

 private:
  std::vector<bool>& told_;
};

TEST(Worker, TellsSourcesOnceToFinish) {
  for (const bool drains : {false, true}) {
    const std::atomic<WorkerOrder> order = drains ? WorkerOrder::kDrain : WorkerOrder::kFinish;
    ManualClock clock(EventTime{});
    Seen seen;
    Worker worker(order, clock, seen);
    std::vector<bool> told[2];
    const auto one = task("one", std::make_unique<Endless>(told[0]));
    const auto other = task("other", std::make_unique<Endless>(told[1]));
    worker.add(*one);
    worker.add(*other);
    worker.run();
    EXPECT_THAT(told[0], ElementsAre(drains));
    EXPECT_THAT(told[1], ElementsAre(drains));
    EXPECT_THAT(seen.lines,
                ElementsAre("one (1/1) deploying", "one (1/1) running", "other (1/1) deploying",
                            "other (1/1) running", "one (1/1) finished", "other (1/1) finished"));
  }
}

// Orders come from other threads at any time.
TEST(Worker, HearsOrdersWhileItWorks) {
  std::atomic<WorkerOrder> order = WorkerOrder::kGoOn;
  SystemClock clock;
  Seen seen;
  Worker worker(order, clock, seen);
  std::vector<bool> told;
  const auto one = task("one", std::make_unique<Endless>(told));
  worker.add(*one);
  {
    const std::jthread thread([&] { worker.run(); });
    order = WorkerOrder::kDrain;
    worker.wakeup().notify();
  }
  EXPECT_THAT(told, ElementsAre(true));
}

}  // namespace
}  // namespace lymer::runtime
