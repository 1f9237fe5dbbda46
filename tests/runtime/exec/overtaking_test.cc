// A task without room behind it whose barrier overtakes, and tasks that go on from what it
// overtook. Not here: gates, exchanges, channels (the other tests here), jobs
// (tests/checkpoint/overtaking_test.cc).
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/exec/checkpointing.h"
#include "runtime/exec/task.h"
#include "runtime/operators/transform.h"
#include "runtime/row_source.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lines = std::vector<std::string>;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});
constexpr auto kTrigger = CheckpointOrder::Kind::kTrigger;
constexpr auto kOvertake = CheckpointOrder::Kind::kOvertake;
constexpr auto kAbort = CheckpointOrder::Kind::kAbort;
constexpr bool kOvertakes = true;

class Heard final : public SnapshotListener {
 public:
  void on_snapshot(TaskSnapshot snapshot) override { all.push_back(std::move(snapshot)); }
  std::vector<TaskSnapshot> all;
};

class Pass final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return emit_or_keep(std::move(batch), out);
  }
};

// A channel with room for one batch.
struct Way {
  explicit Way(const EdgeId& edge) {
    channel.set_id({.edge = edge, .partitioning = Partitioning::kForward});
  }
  std::unique_ptr<TaskOutput> output() {
    auto made = std::make_unique<TaskOutput>();
    made->add(kMainPort, std::make_unique<Exchange>(Partitioning::kForward,
                                                    std::vector<TaskChannel*>{&channel}, 0));
    return made;
  }
  void put(StreamElement element) { EXPECT_TRUE(channel.try_push(element)); }
  void event(std::int64_t time) { put(support::batch_of(kSchema, {support::at(time, {time})})); }
  Lines take() {
    Lines lines;
    while (const auto element = channel.pop()) {
      const auto* batch = std::get_if<EventBatch>(&*element);
      if (batch != nullptr && batch->size() > 1) {
        lines.push_back(std::to_string(batch->size()) + " events");
        continue;
      }
      for (std::string& line : support::lines_of(*element, kSchema)) {
        lines.push_back(std::move(line));
      }
    }
    return lines;
  }
  Wakeup wakeup;
  TaskChannel channel{wakeup, wakeup, {.max_batches = 1}};
};

std::vector<OperatorChain::Member> members(const std::vector<std::string>& uids) {
  std::vector<OperatorChain::Member> made;
  for (const std::string& uid : uids) made.push_back({uid, std::make_unique<Pass>()});
  return made;
}

std::vector<OvertakenChannel> overtaken_in(const TaskSnapshot& snapshot) {
  for (const OperatorPart& part : snapshot.parts) {
    if (!head_of_overtaken(part.uid)) continue;
    return decode_overtaken(part.state.get_operator_state(kOvertakenName).value()).value();
  }
  return {};
}

Lines lines_of(const OvertakenChannel& channel) {
  Lines lines;
  for (const StreamElement& element : channel.elements) {
    for (std::string& line : support::lines_of(element, kSchema)) lines.push_back(std::move(line));
  }
  return lines;
}

class OvertakingTask : public ::testing::Test {
 protected:
  std::unique_ptr<Task> middle(CheckpointMode mode = CheckpointMode::kExactlyOnce) {
    auto task = std::make_unique<Task>(TaskSpec{.name = "middle",
                                                .checkpoints = {.listener = &heard_, .mode = mode},
                                                .inputs = {&in_.channel, &second_in_.channel},
                                                .members = members({"b"}),
                                                .output = out_.output()});
    EXPECT_TRUE(task->open(clock_));
    return task;
  }
  // The task holds event 2 for want of room, and event 3 stands before it.
  std::unique_ptr<Task> blocked(CheckpointMode mode = CheckpointMode::kExactlyOnce) {
    auto task = middle(mode);
    second_in_.put(EndOfInput{});
    in_.event(1);
    EXPECT_TRUE(task->step());
    in_.event(2);
    EXPECT_TRUE(task->step());
    in_.event(3);
    EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
    return task;
  }

  ManualClock clock_{EventTime{}};
  Heard heard_;
  Way in_{{"a", "b", kMainPort, 0}};
  Way second_in_{{"a", "b", kMainPort, 1}};
  Way out_{{"b", "c", kMainPort, 0}};
};

TEST_F(OvertakingTask, SendsTheBarrierAheadOfAllThatWaits) {
  const auto task = blocked();
  in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  ASSERT_THAT(heard_.all, SizeIs(1));
  const auto overtaken = overtaken_in(heard_.all[0]);
  ASSERT_THAT(overtaken, SizeIs(3));  // Two inputs and the output.
  EXPECT_EQ(overtaken[0].channel.edge.from, "a");
  EXPECT_THAT(lines_of(overtaken[0]), ElementsAre(R"(@3 {"n":3})"));
  EXPECT_EQ(overtaken[1].time, EventTime::max());
  EXPECT_TRUE(overtaken[2].is_output);
  EXPECT_EQ(overtaken[2].channel.edge.to, "c");
  EXPECT_THAT(lines_of(overtaken[2]), ElementsAre(R"(@2 {"n":2})"));
  EXPECT_EQ(heard_.all[0].parts.back().uid, "overtaken/b");
  EXPECT_GT(heard_.all[0].overtaken_bytes, 0U);
  // In its channel too the barrier is no further than what had left before.
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  EXPECT_THAT(out_.take(), ElementsAre(R"(@1 {"n":1})", "barrier 1"));
  EXPECT_TRUE(task->step());
  EXPECT_THAT(out_.take(), ElementsAre(R"(@2 {"n":2})"));
  EXPECT_TRUE(task->step());
  EXPECT_THAT(out_.take(), ElementsAre(R"(@3 {"n":3})"));
}

TEST_F(OvertakingTask, WaitsInLineUntilItIsTold) {
  const auto task = blocked();
  in_.put(Barrier{Epoch(1)});
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  EXPECT_THAT(heard_.all, IsEmpty());
  task->tell({kOvertake, Epoch(1)});
  EXPECT_EQ(task->step().value(), TaskStep::kMoved);
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_THAT(overtaken_in(heard_.all[0]), SizeIs(3));
}

TEST_F(OvertakingTask, WaitsInLineWhereEventsMayComeTwice) {
  const auto task = blocked(CheckpointMode::kAtLeastOnce);
  in_.put(Barrier{Epoch(1)});
  task->tell({kOvertake, Epoch(1)});
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  EXPECT_THAT(heard_.all, IsEmpty());
}

// The barrier has passed the operators and found the way out full.
TEST_F(OvertakingTask, OvertakesAlsoWhereTheBarrierHasComeToTheWayOut) {
  const auto task = middle();
  second_in_.put(EndOfInput{});
  in_.event(1);
  EXPECT_TRUE(task->step());
  in_.event(2);
  in_.put(Barrier{Epoch(1)});
  EXPECT_TRUE(task->step());
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  task->tell({kOvertake, Epoch(1)});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(task->step());
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_THAT(lines_of(overtaken_in(heard_.all[0]).back()), ElementsAre(R"(@2 {"n":2})"));
}

TEST_F(OvertakingTask, AnswersWhenAllBarriersHaveCome) {
  const auto task = middle();
  in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_TRUE(task->step());
  EXPECT_THAT(out_.take(), ElementsAre("barrier 1"));
  EXPECT_THAT(heard_.all, IsEmpty());
  second_in_.event(11);
  EXPECT_TRUE(task->step());
  clock_.sleep(Duration::seconds(3));
  second_in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_TRUE(task->step());
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_EQ(heard_.all[0].alignment_seconds, 3.0);
  EXPECT_EQ(heard_.all[0].snapshot_seconds, 0.0);
  EXPECT_THAT(lines_of(overtaken_in(heard_.all[0]).at(1)), ElementsAre(R"(@11 {"n":11})"));
}

TEST_F(OvertakingTask, AnswersAlsoWhileThereIsNoRoom) {
  const auto task = middle();
  in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_TRUE(task->step());
  for (const std::int64_t time : {1, 2}) {
    in_.event(time);
    ASSERT_TRUE(task->step());
  }
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  second_in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_EQ(task->step().value(), TaskStep::kBlocked);
  EXPECT_THAT(heard_.all, SizeIs(1));
}

TEST_F(OvertakingTask, CountsTheTimeOfWaitingInLine) {
  const auto task = middle();
  in_.put(Barrier{Epoch(1)});
  EXPECT_EQ(task->step().value(), TaskStep::kIdle);
  clock_.sleep(Duration::seconds(2));
  second_in_.put(Barrier{Epoch(1)});
  EXPECT_TRUE(task->step());
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_EQ(heard_.all[0].alignment_seconds, 2.0);
  EXPECT_THAT(overtaken_in(heard_.all[0]), IsEmpty());
}

TEST_F(OvertakingTask, ForgetsWhatIsGivenUp) {
  const auto task = middle();
  in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_TRUE(task->step());
  task->tell({kAbort, Epoch(1)});
  second_in_.put(Barrier{Epoch(1), kOvertakes});
  EXPECT_TRUE(task->step());
  EXPECT_THAT(heard_.all, IsEmpty());
  in_.put(Barrier{Epoch(2)});
  second_in_.put(Barrier{Epoch(2)});
  EXPECT_TRUE(task->step());
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_EQ(heard_.all[0].epoch, Epoch(2));
  EXPECT_THAT(out_.take(), ElementsAre("barrier 1", "barrier 2"));
}

RowSourceSpec numbers() {
  return {.schema = kSchema,
          .schema_id = SchemaId(0),
          .split = SplitId(0),
          .out_of_order = {},
          .make = [](std::uint64_t number, RowBuilder& row, EventTime& time) {
            row.set(0, Value::of(static_cast<std::int64_t>(number)));
            time = ms(static_cast<std::int64_t>(number));
            return true;
          }};
}

TEST_F(OvertakingTask, SendsTheBarrierOfASourceAheadOfWhatItHasGiven) {
  Task task({.name = "numbers",
             .checkpoints = {.listener = &heard_},
             .source_uid = "b",
             .source = std::make_unique<RowSource>(numbers(), SourceShare{}),
             .output = out_.output()});
  ASSERT_TRUE(task.open(clock_));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(task.step());
  task.tell({kTrigger, Epoch(1)});
  EXPECT_EQ(task.step().value(), TaskStep::kBlocked);
  task.tell({kOvertake, Epoch(1)});
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);
  ASSERT_THAT(heard_.all, SizeIs(1));
  const auto overtaken = overtaken_in(heard_.all[0]);
  ASSERT_THAT(overtaken, SizeIs(1));
  EXPECT_THAT(lines_of(overtaken[0]), SizeIs(1024 + 1));  // And a watermark.
  EXPECT_THAT(out_.take(), ElementsAre("1024 events", "watermark 1022", "barrier 1"));
}

// ---- Going on ----------------------------------------------------------------------------------

OvertakenChannel on_its_way(const EdgeId& edge, std::vector<StreamElement> elements) {
  return {.channel = {.edge = edge, .partitioning = Partitioning::kForward},
          .time = ms(5),
          .elements = std::move(elements)};
}

StreamElement event(std::int64_t time) {
  return support::batch_of(kSchema, {support::at(time, {time})});
}

CheckpointHooks going_on(SnapshotListener& listener, const std::vector<OvertakenChannel>& found) {
  return {
      .listener = &listener,
      .find_state = [](const std::string&, SourceShare) -> Result<std::optional<StateSnapshot>> {
        return std::optional<StateSnapshot>();
      },
      .find_overtaken =
          [&found](const std::string& uid) {
            return !found.empty() && uid == found[0].channel.edge.to ? &found : nullptr;
          }};
}

TEST_F(OvertakingTask, GivesWhatWasOvertakenBeforeAnythingNew) {
  const std::vector<OvertakenChannel> found = {
      on_its_way({"a", "b", kMainPort, 0}, {event(7), Watermark{ms(6)}})};
  Way out({"b", "c", kMainPort, 0});
  Task task({.name = "middle",
             .checkpoints = going_on(heard_, found),
             .inputs = {&in_.channel},
             .members = members({"b"}),
             .output = out.output()});
  ASSERT_TRUE(task.open(clock_));
  in_.put(Watermark{ms(6)});  // It was promised before.
  in_.event(8);
  in_.put(Barrier{Epoch(1), kOvertakes});
  Lines lines;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(task.step());
    for (std::string& line : out.take()) lines.push_back(std::move(line));
  }
  // The barrier overtakes event 8 only, once what was restored has been given.
  EXPECT_THAT(lines, ElementsAre("watermark 5", R"(@7 {"n":7})", "watermark 6", "barrier 1",
                                 R"(@8 {"n":8})"));
  ASSERT_THAT(heard_.all, SizeIs(1));
  EXPECT_THAT(lines_of(overtaken_in(heard_.all[0]).at(0)),
              ElementsAre("watermark 6", R"(@8 {"n":8})"));
}

// With one subtask the two that an edge connected are a chain.
TEST_F(OvertakingTask, GivesWhatWasOvertakenToTheMiddleOfAChain) {
  const std::vector<OvertakenChannel> found = {on_its_way({"a", "b", kMainPort, 0}, {event(7)})};
  Task task({.name = "a -> b",
             .checkpoints = going_on(heard_, found),
             .inputs = {&second_in_.channel},
             .members = members({"a", "b"}),
             .output = out_.output()});
  ASSERT_TRUE(task.open(clock_));
  second_in_.event(8);
  Lines lines;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(task.step());
    for (std::string& line : out_.take()) lines.push_back(std::move(line));
  }
  EXPECT_THAT(lines, ElementsAre("watermark 5", R"(@7 {"n":7})", R"(@8 {"n":8})"));
}

TEST_F(OvertakingTask, DoesNotGoOnWithoutTheWayThatThereWas) {
  const std::vector<OvertakenChannel> found = {on_its_way({"gone", "b", kMainPort, 0}, {event(7)})};
  Task task({.name = "middle",
             .checkpoints = going_on(heard_, found),
             .inputs = {&in_.channel},
             .members = members({"b"}),
             .output = out_.output()});
  const auto opened = task.open(clock_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), ::testing::HasSubstr("`gone`"));
}

}  // namespace
}  // namespace lymer::runtime
