// A task's part in checkpoints: barriers from its source, snapshots, the last one, going on.
// Not here: jobs (tests/checkpoint/recovery_test.cc), gates
// (tests/runtime/exec/input_gate_test.cc).
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/exec/checkpointing.h"
#include "runtime/exec/task.h"
#include "runtime/operators/sink_operator.h"
#include "runtime/operators/transform.h"
#include "runtime/row_source.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

RowSourceSpec numbers(std::uint64_t count) {
  return {.schema = kSchema,
          .schema_id = SchemaId(0),
          .split = SplitId(0),
          .out_of_order = {},
          .make = [count](std::uint64_t number, RowBuilder& row, EventTime& time) {
            row.set(0, Value::of(static_cast<std::int64_t>(number)));
            time = ms(static_cast<std::int64_t>(number));
            return number < count;
          }};
}

class Heard final : public SnapshotListener {
 public:
  void on_snapshot(TaskSnapshot snapshot) override { all.push_back(std::move(snapshot)); }
  std::vector<TaskSnapshot> all;
};

// Notes what it is told about checkpoints.
class Told final : public Operator {
 public:
  explicit Told(std::vector<std::string>& calls) : calls_(calls) {}
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return emit_or_keep(std::move(batch), out);
  }
  Result<void> on_barrier(Epoch epoch) override { return note("barrier", epoch); }
  Result<void> on_checkpoint_complete(Epoch epoch) override { return note("complete", epoch); }
  Result<void> on_checkpoint_aborted(Epoch epoch) override { return note("aborted", epoch); }

 private:
  Result<void> note(const std::string& call, Epoch epoch) {
    calls_.push_back(call + " " + std::to_string(epoch.value()));
    return {};
  }
  std::vector<std::string>& calls_;
};

struct Way {
  Wakeup wakeup;
  TaskChannel channel{wakeup, wakeup, {.max_batches = 1}};
  std::unique_ptr<TaskOutput> output() {
    auto made = std::make_unique<TaskOutput>();
    made->add(kMainPort, std::make_unique<Exchange>(Partitioning::kForward,
                                                    std::vector<TaskChannel*>{&channel}, 0));
    return made;
  }
  // A word for each element.
  std::vector<std::string> take() {
    std::vector<std::string> words;
    while (const auto element = channel.pop()) {
      const auto* batch = std::get_if<EventBatch>(&*element);
      if (batch != nullptr) {
        words.push_back(std::to_string(batch->size()) + " events");
      } else {
        for (std::string& line : support::lines_of(*element, kSchema)) words.push_back(line);
      }
    }
    return words;
  }
};

constexpr auto kTrigger = CheckpointOrder::Kind::kTrigger;
constexpr auto kComplete = CheckpointOrder::Kind::kComplete;
constexpr auto kAbort = CheckpointOrder::Kind::kAbort;

class TaskCheckpoint : public ::testing::Test {
 protected:
  // A source, and an operator that notes.
  std::unique_ptr<Task> source_task(std::uint64_t rows, const FindState& find_state = nullptr) {
    std::vector<OperatorChain::Member> members;
    members.push_back({"told", std::make_unique<Told>(calls_)});
    auto task = std::make_unique<Task>(
        TaskSpec{.name = "numbers",
                 .number = 7,
                 .checkpoints = {.listener = &heard_, .find_state = find_state},
                 .source_uid = "numbers-uid",
                 .source = std::make_unique<RowSource>(numbers(rows), SourceShare{}),
                 .members = std::move(members),
                 .output = way_.output()});
    EXPECT_TRUE(task->open(clock_));
    return task;
  }

  ManualClock clock_{EventTime{}};
  Heard heard_;
  Way way_;
  std::vector<std::string> calls_;
};

TEST_F(TaskCheckpoint, SendsABarrierBetweenWhatTheSourceGives) {
  const auto task = source_task(3000);
  EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  task->tell({kTrigger, Epoch(4)});
  EXPECT_THAT(heard_.all, IsEmpty());
  EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  EXPECT_THAT(way_.take(), ElementsAre("1024 events", "watermark 1022", "barrier 4"));
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_EQ(heard_.all[0].task, 7U);
  EXPECT_EQ(heard_.all[0].epoch, Epoch(4));
  EXPECT_FALSE(heard_.all[0].is_last);
  EXPECT_THAT(heard_.all[0].parts, ElementsAre(Field(&OperatorPart::uid, "numbers-uid"),
                                               Field(&OperatorPart::uid, "told")));
  EXPECT_THAT(calls_, ElementsAre("barrier 4"));
}

TEST_F(TaskCheckpoint, SendsControlRecordsAndBarriersInTheOrderInWhichItIsTold) {
  const auto task = source_task(3000);
  EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  (void)way_.take();
  task->send({1, "x"});
  task->tell({kTrigger, Epoch(4)});
  task->send({2, "y"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  EXPECT_THAT(way_.take(), ElementsAre("control 1 x", "barrier 4", "control 2 y"));
}

TEST_F(TaskCheckpoint, SendsNoControlRecordBehindTheEnd) {
  const auto task = source_task(10);
  while (task->step().value() == TaskStep::kMoved) (void)way_.take();
  (void)way_.take();
  task->send({1, "x"});
  ASSERT_TRUE(task->step());
  EXPECT_THAT(way_.take(), IsEmpty());
}

TEST_F(TaskCheckpoint, WaitsForRoomBeforeTheBarrier) {
  const auto task = source_task(5000);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(task->step());
  task->tell({kTrigger, Epoch(1)});
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  EXPECT_THAT(heard_.all, IsEmpty());
  // Nothing more is read until the barrier is out: of 5 batches one had waited.
  std::vector<std::string> seen;
  for (int i = 0; i < 4 && heard_.all.empty(); ++i) {
    for (std::string& word : way_.take()) seen.push_back(std::move(word));
    ASSERT_TRUE(task->step());
  }
  ASSERT_THAT(heard_.all, SizeIs(1));
  for (std::string& word : way_.take()) seen.push_back(std::move(word));
  EXPECT_THAT(seen, ElementsAre("1024 events", "watermark 1022", "1024 events", "watermark 2046",
                                "barrier 1"));
}

TEST_F(TaskCheckpoint, GoesOnWhereItsSourceStood) {
  {
    const auto task = source_task(3000);
    ASSERT_TRUE(task->step());
    task->tell({kTrigger, Epoch(1)});
    ASSERT_TRUE(task->step());
    (void)way_.take();
  }
  const StateSnapshot state = heard_.all.at(0).parts.at(0).state;
  const FindState find = [&](const std::string& uid,
                             SourceShare) -> Result<std::optional<StateSnapshot>> {
    return uid == "numbers-uid" ? std::optional(state) : std::nullopt;
  };
  const auto task = source_task(3000, find);
  ASSERT_TRUE(task->step());
  EXPECT_THAT(way_.take(), ElementsAre("1024 events", "watermark 2046"));
}

TEST_F(TaskCheckpoint, TellsOperatorsWhatBecameOfIt) {
  const auto task = source_task(3000);
  task->tell({kTrigger, Epoch(1)});
  task->tell({kAbort, Epoch(1)});
  ASSERT_TRUE(task->step());
  task->tell({kTrigger, Epoch(2)});
  ASSERT_TRUE(task->step());
  (void)way_.take();
  task->tell({kComplete, Epoch(2)});
  ASSERT_TRUE(task->step());
  EXPECT_THAT(calls_, ElementsAre("aborted 1", "barrier 2", "complete 2"));
}

TEST_F(TaskCheckpoint, WaitsAtItsEndUntilItsLastSnapshotIsSafe) {
  const auto task = source_task(5);
  task->tell({kTrigger, Epoch(3)});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(task->step());
  EXPECT_EQ(task->step().value(), TaskStep::kIdle);
  EXPECT_EQ(task->step().value(), TaskStep::kIdle);
  ASSERT_THAT(heard_.all, SizeIs(2));
  EXPECT_TRUE(heard_.all[1].is_last);
  // What it said last is not in that one.
  task->tell({kComplete, Epoch(3)});
  EXPECT_EQ(task->step().value(), TaskStep::kIdle);
  task->tell({kComplete, Epoch(4)});
  EXPECT_EQ(task->step().value(), TaskStep::kEnded);
  EXPECT_TRUE(task->close());
}

TEST_F(TaskCheckpoint, KeepsTheTimeOfItsInputs) {
  Way in;
  std::vector<OperatorChain::Member> members;
  members.push_back({"told", std::make_unique<Told>(calls_)});
  Task task({.name = "told",
             .checkpoints = {.listener = &heard_},
             .inputs = {&in.channel},
             .members = std::move(members),
             .output = way_.output()});
  ASSERT_TRUE(task.open(clock_));
  StreamElement time = Watermark{ms(50)};
  StreamElement barrier = Barrier{Epoch(1)};
  ASSERT_TRUE(in.channel.try_push(time) && in.channel.try_push(barrier));
  ASSERT_TRUE(task.step() && task.step());
  ASSERT_THAT(heard_.all, SizeIs(1));
  const StateSnapshot state = heard_.all[0].parts.at(0).state;

  Way later_in;
  Way later_out;
  std::vector<OperatorChain::Member> later_members;
  later_members.push_back({"told", std::make_unique<Told>(calls_)});
  const FindState find = [&](const std::string&,
                             SourceShare) -> Result<std::optional<StateSnapshot>> {
    return std::optional(state);
  };
  Task later({.name = "told",
              .checkpoints = {.listener = &heard_, .find_state = find},
              .inputs = {&later_in.channel},
              .members = std::move(later_members),
              .output = later_out.output()});
  ASSERT_TRUE(later.open(clock_));
  StreamElement lower = Watermark{ms(30)};
  StreamElement higher = Watermark{ms(60)};
  ASSERT_TRUE(later_in.channel.try_push(lower));
  ASSERT_TRUE(later.step());
  ASSERT_TRUE(later_in.channel.try_push(higher));
  ASSERT_TRUE(later.step());
  EXPECT_THAT(later_out.take(), ElementsAre("watermark 60"));
}

}  // namespace
}  // namespace lymer::runtime
