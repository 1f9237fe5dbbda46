// One subtask: source to edge, gate to edge, timers, errors, and where its time goes.
// Not here: threads (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/task.h"

#include <map>
#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_registry.h"
#include "runtime/operators/transform.h"
#include "runtime/row_source.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;

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

std::vector<OperatorChain::Member> members(std::unique_ptr<Operator> op) {
  std::vector<OperatorChain::Member> list;
  list.push_back({"op", std::move(op)});
  return list;
}

std::unique_ptr<Operator> keep_even() {
  return std::make_unique<Filter>(kSchema, [](const EventView& event) {
    return event.row.get(0, support::kInteger).as_int() % 2 == 0;
  });
}

struct Way {
  Wakeup wakeup;
  TaskChannel channel{wakeup, wakeup, {.max_batches = 1}};
  std::unique_ptr<TaskOutput> output() {
    auto made = std::make_unique<TaskOutput>();
    made->add(kMainPort, std::make_unique<Exchange>(Partitioning::kForward,
                                                    std::vector<TaskChannel*>{&channel}, 0));
    return made;
  }
  std::vector<std::string> take() {
    std::vector<std::string> lines;
    while (const auto element = channel.pop()) {
      for (std::string& line : support::lines_of(*element, kSchema)) lines.push_back(line);
    }
    return lines;
  }
};

std::vector<TaskStep> steps(Task& task, int count) {
  std::vector<TaskStep> taken;
  for (int i = 0; i < count; ++i) taken.push_back(task.step().value());
  return taken;
}

TEST(Task, GoesFromASourceToAnEdge) {
  Way way;
  Task task({.name = "numbers",
             .source = std::make_unique<RowSource>(numbers(3), SourceShare{}),
             .members = members(keep_even()),
             .output = way.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_THAT(steps(task, 3), ElementsAre(TaskStep::kMoved, TaskStep::kMoved, TaskStep::kEnded));
  EXPECT_THAT(way.take(),
              ElementsAre(R"(@0 {"n":0})", R"(@2 {"n":2})", "watermark max", "end of input"));
  EXPECT_TRUE(task.close().has_value());
  EXPECT_EQ(task.title(), "numbers (1/1)");
}

TEST(Task, WaitsForRoomBehindIt) {
  Way way;
  Task task({.name = "numbers",
             .source = std::make_unique<RowSource>(numbers(5000), SourceShare{}),
             .output = way.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_THAT(steps(task, 2), ElementsAre(TaskStep::kMoved, TaskStep::kMoved));
  clock.sleep(Duration::seconds(1));
  EXPECT_EQ(task.step().value(), TaskStep::kBlocked);
  clock.sleep(Duration::seconds(3));
  EXPECT_EQ(task.step().value(), TaskStep::kBlocked);
  EXPECT_EQ(task.rates().totals().back_pressured, 3);
  EXPECT_EQ(task.rates().totals().busy, 1);
  (void)way.take();
  clock.sleep(Duration::seconds(2));
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);  // What it waited for has come.
  EXPECT_EQ(task.rates().totals().back_pressured, 5);
  EXPECT_EQ(task.rates().totals().busy, 1);
}

TEST(Task, GoesFromAGateToAnEdge) {
  Way in;
  Way out;
  Task task({.name = "even",
             .inputs = {&in.channel},
             .members = members(keep_even()),
             .output = out.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_EQ(task.step().value(), TaskStep::kIdle);
  StreamElement element = support::batch_of(kSchema, {support::at(1, {1}), support::at(2, {2})});
  ASSERT_TRUE(in.channel.try_push(element));
  element = EndOfInput{};
  ASSERT_TRUE(in.channel.try_push(element));
  EXPECT_THAT(steps(task, 3), ElementsAre(TaskStep::kMoved, TaskStep::kMoved, TaskStep::kEnded));
  EXPECT_THAT(out.take(), ElementsAre(R"(@2 {"n":2})", "end of input"));
}

// Asks for a time and says that it came.
class Ticker final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch, Collector&) override { return Progress::kDone; }
  EventTime next_timer() const override { return has_fired_ ? EventTime::max() : ms(5); }
  Result<Progress> on_timer(EventTime now, Collector& out) override {
    has_fired_ = true;
    return emit_or_keep(Watermark{now}, out);
  }

 private:
  bool has_fired_ = false;
};

TEST(Task, TellsOperatorsTheTime) {
  Way in;
  Way out;
  Task task({.name = "ticker",
             .inputs = {&in.channel},
             .members = members(std::make_unique<Ticker>()),
             .output = out.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_EQ(task.next_timer(), ms(5));
  EXPECT_EQ(task.step().value(), TaskStep::kIdle);
  clock.sleep(Duration::millis(7));
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);
  EXPECT_THAT(out.take(), ElementsAre("watermark 7"));
  EXPECT_EQ(task.next_timer(), EventTime::max());
}

// Two sources of one thread, of which the other has not begun.
struct Aligned {
  Wakeup wakeup;
  SourceAlignment all{Duration()};
  SourceAlignment::Member& mine = all.add(wakeup);
  SourceAlignment::Member& other = all.add(wakeup);
};

TEST(Task, ReadsNothingWhileItIsAhead) {
  Way way;
  Aligned aligned;
  Task task({.name = "numbers",
             .source = std::make_unique<RowSource>(numbers(2000), SourceShare{}),
             .alignment = &aligned.mine,
             .output = way.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);
  EXPECT_EQ(way.take().size(), 1024U + 1U);
  EXPECT_THAT(steps(task, 2), ElementsAre(TaskStep::kIdle, TaskStep::kIdle));
  EXPECT_THAT(way.take(), ElementsAre());
  aligned.other.update(ms(5000), true);
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);
  EXPECT_GT(way.take().size(), 900U);
}

TEST(Task, FinishesHoweverFarItIsAhead) {
  Way way;
  Aligned aligned;
  Task task({.name = "numbers",
             .source = std::make_unique<RowSource>(numbers(5000), SourceShare{}),
             .alignment = &aligned.mine,
             .members = members(keep_even()),
             .output = way.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  EXPECT_EQ(task.step().value(), TaskStep::kMoved);
  task.finish(true);
  std::vector<std::string> lines = way.take();
  for (int i = 0; i < 5; ++i) {
    (void)task.step().value();
    for (std::string& line : way.take()) lines.push_back(std::move(line));
  }
  EXPECT_EQ(task.step().value(), TaskStep::kEnded);
  task.finish(false);  // Says nothing new.
  ASSERT_EQ(lines.size(), 512U + 3U) << "half of one batch, and three marks";
  EXPECT_EQ(lines[513], "watermark max");
  EXPECT_EQ(lines[514], "end of input");
}

TEST(Task, LeavesToItsInputsWhenTheyFinish) {
  Way in;
  Way out;
  Task task({.name = "even",
             .inputs = {&in.channel},
             .members = members(keep_even()),
             .output = out.output()});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(task.open(clock).has_value());
  task.finish(true);
  EXPECT_EQ(task.step().value(), TaskStep::kIdle);
  EXPECT_THAT(out.take(), ElementsAre());
}

// By name and the label `operator`.
std::map<std::string, double> values_in(MetricRegistry& registry) {
  std::map<std::string, double> values;
  for (const MetricSample& each : registry.collect()) {
    if (!each.labels.contains("task")) continue;
    EXPECT_EQ(each.labels.at("task"), "numbers");
    EXPECT_EQ(each.labels.at("subtask"), "1");
    values[each.name] = each.value;
  }
  return values;
}

TEST(Task, TellsWhereItsTimeGoes) {
  Way way;
  ManualClock clock(EventTime{});
  MetricRegistry registry(clock);
  {
    Task task({.name = "numbers",
               .subtask = 1,
               .subtasks = 2,
               .source = std::make_unique<RowSource>(numbers(5000), SourceShare{}),
               .output = way.output()});
    EXPECT_TRUE(values_in(registry).empty());
    ASSERT_TRUE(task.open(clock, registry.root().group("job", "test")).has_value());
    clock.sleep(Duration::seconds(1));
    ASSERT_EQ(task.step().value(), TaskStep::kMoved);
    clock.sleep(Duration::seconds(2));
    ASSERT_EQ(task.step().value(), TaskStep::kMoved);
    clock.sleep(Duration::seconds(4));
    ASSERT_EQ(task.step().value(), TaskStep::kBlocked);
    clock.sleep(Duration::seconds(8));
    ASSERT_EQ(task.step().value(), TaskStep::kBlocked);
    const auto values = values_in(registry);
    EXPECT_EQ(values.at("lymer_operator_idle_seconds_total"), 1);
    EXPECT_EQ(values.at("lymer_operator_busy_seconds_total"), 6);
    EXPECT_EQ(values.at("lymer_operator_backpressured_seconds_total"), 8);
    ASSERT_TRUE(task.close().has_value());
  }
  EXPECT_TRUE(values_in(registry).empty());
}

}  // namespace
}  // namespace lymer::runtime
