// A thread's tasks in turn: states, errors, and stopping.
// Not here: several threads (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/worker.h"

#include <memory>

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

 private:
  int left_;
  bool fails_;
};

std::unique_ptr<Task> task(const std::string& name, std::unique_ptr<EventSource> source) {
  return std::make_unique<Task>(TaskSpec{.name = name, .source = std::move(source)});
}

TEST(Worker, RunsTasksToTheirEnds) {
  const std::atomic<bool> stops = false;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(stops, clock, seen);
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
  const std::atomic<bool> stops = false;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(stops, clock, seen);
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
  const std::atomic<bool> stops = true;
  ManualClock clock(EventTime{});
  Seen seen;
  Worker worker(stops, clock, seen);
  const auto one = task("one", std::make_unique<Steps>(1000));
  worker.add(*one);
  worker.run();
  EXPECT_THAT(seen.lines, ElementsAre("one (1/1) deploying", "one (1/1) running",
                                      "one (1/1) cancelling", "one (1/1) cancelled"));
}

}  // namespace
}  // namespace lymer::runtime
