// The API from end to end: each call makes the operator that it says.
// Not here: operators as such (tests/runtime/operators/), threads (tests/runtime/exec/).
#include "runtime/stream/stream.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/graph/graph_picture.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using Lines = std::vector<std::string>;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});
const SchemaRef kPairs = support::schema_of({{"a", support::kInteger}, {"b", support::kInteger}});

std::vector<TimedRow> rows(std::vector<support::EventDraft> drafts) {
  std::vector<TimedRow> made;
  for (const support::EventDraft& each : drafts) {
    made.push_back({each.time, support::row_of(kEvents, each.cells)});
  }
  return made;
}

// What a stream gives, run at this parallelism.
Lines lines_of(StreamJob& job, const Stream& stream, std::size_t parallelism = 2) {
  Lines lines;
  std::mutex mutex;
  stream.for_each("lines", [&, schema = stream.schema()](const EventView& event) {
    EventBatch batch;
    batch.append(event.header, event.row.bytes(), {});
    const std::lock_guard lock(mutex);
    lines.push_back(support::lines_of(batch, schema).front());
  });
  SystemClock clock;
  EXPECT_TRUE(job.run(clock, parallelism).has_value());
  return lines;
}

Stream some(StreamJob& job) {
  return job.from_rows("some", kEvents,
                       rows({support::at(1, {"a", 1}), support::at(2, {"b", 2}),
                             support::at(3, {"a", 3}), support::at(4, {"a", 5})}));
}

TEST(Stream, TransformsEvents) {
  StreamJob job;
  const Stream stream =
      some(job)
          .filter("no b",
                  [](const EventView& event) {
                    return event.row.get(0, support::kText).as_string() != "b";
                  })
          .map("double", kEvents,
               [](const EventView& event, RowBuilder& row) {
                 row.copy(event.row);
                 row.set(1, Value::of(2 * event.row.get(1, support::kInteger).as_int()));
               })
          .flat_map("twice", kEvents, [](const EventView& event, const FlatMap::Emit& emit) {
            emit(event.row.bytes());
            emit(event.row.bytes());
          });
  EXPECT_THAT(lines_of(job, stream),
              UnorderedElementsAre(R"(@1 {"user":"a","n":2})", R"(@1 {"user":"a","n":2})",
                                   R"(@3 {"user":"a","n":6})", R"(@3 {"user":"a","n":6})",
                                   R"(@4 {"user":"a","n":10})", R"(@4 {"user":"a","n":10})"));
}

TEST(Stream, UnitesStreams) {
  StreamJob job;
  const Stream both =
      some(job).union_with(job.from_rows("others", kEvents, rows({support::at(9, {"c", 9})})));
  EXPECT_EQ(lines_of(job, both).size(), 5U);
}

TEST(Stream, RollsByKey) {
  for (const auto& [make, expected] :
       {std::pair{&KeyedStream::sum, 9}, std::pair{&KeyedStream::min, 1},
        std::pair{&KeyedStream::max, 5}, std::pair{&KeyedStream::min_by, 1},
        std::pair{&KeyedStream::max_by, 5}}) {
    StreamJob job;
    const Lines lines = lines_of(job, (some(job).parallelism(1).key_by({0}).*make)(1));
    EXPECT_THAT(lines,
                testing::Contains(R"(@4 {"user":"a","n":)" + std::to_string(expected) + "}"));
  }
}

// Counts the events of a key; those of input 1 ask for it.
class Asked final : public ProcessFunction {
 public:
  Result<void> open(KeyedState& state) override {
    count_.emplace(state.value<std::int64_t>("count"));
    return {};
  }
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    const std::int64_t count = count_->get().value_or(0);
    if (event.input == 0) count_->update(count + 1);
    context.emit(event.input == 0 ? Port(1) : kMainPort, event.header.time,
                 support::row_of(kPairs, {count, std::int64_t{0}}));
    return {};
  }

 private:
  std::optional<ValueState<std::int64_t>> count_;
};

TEST(Stream, ProcessesTwoStreamsOfOneSchema) {
  StreamJob job;
  const Stream questions =
      job.from_rows("questions", kEvents, rows({support::at(1, {"a", 0})})).parallelism(1);
  const Stream answers = some(job).parallelism(1).key_by({0}).connect_and_process(
      "asked", questions.key_by({0}), kPairs, [] { return std::make_unique<Asked>(); });
  EXPECT_THAT(lines_of(job, answers.side_output(Port(1), kPairs)),
              UnorderedElementsAre(R"(@1 {"a":0,"b":0})", R"(@2 {"a":0,"b":0})",
                                   R"(@3 {"a":1,"b":0})", R"(@4 {"a":2,"b":0})"));
}

WindowProcess count_events() {
  return [](std::span<const WindowEvent> events, const WindowView& view, const EmitRow& emit) {
    emit(support::row_of(kPairs, {static_cast<std::int64_t>(events.size()),
                                  view.window.is_global() ? -1 : view.window.start.to_millis()}));
  };
}

TEST(Stream, HasWindowsOverAll) {
  StreamJob job;
  const Stream counts = some(job)
                            .window_all(WindowAssigner::tumbling(Duration::millis(3)))
                            .aggregate("count", kPairs, count_events());
  EXPECT_THAT(lines_of(job, counts),
              UnorderedElementsAre(R"(@2 {"a":2,"b":0})", R"(@5 {"a":2,"b":3})"));
}

TEST(Stream, TakesTriggersEvictorsAndLateness) {
  StreamJob job;
  const Stream counts = some(job)
                            .parallelism(1)
                            .key_by({0})
                            .window(WindowAssigner::global())
                            .trigger([] { return each_count(1); })
                            .evictor([] { return keep_last(2); })
                            .lateness(Duration::millis(5))
                            .aggregate("count", kPairs, count_events());
  EXPECT_THAT(lines_of(job, counts),
              UnorderedElementsAre(R"(@1 {"a":1,"b":-1})", R"(@2 {"a":1,"b":-1})",
                                   R"(@3 {"a":2,"b":-1})", R"(@4 {"a":2,"b":-1})"));
}

void put_pair(const RowView& left, const RowView& right, const EmitRow& emit) {
  emit(support::row_of(
      kPairs, {left.get(1, support::kInteger).as_int(), right.get(1, support::kInteger).as_int()}));
}

TEST(Stream, JoinsAStreamWithItself) {
  StreamJob job;
  const KeyedStream events = some(job).key_by({0});
  const JoinInterval near{Duration::millis(1), Duration::millis(2)};
  EXPECT_THAT(lines_of(job, events.interval_join("near", events, near, kPairs, put_pair)),
              UnorderedElementsAre(R"(@3 {"a":1,"b":3})", R"(@4 {"a":3,"b":5})"));
}

TEST(Stream, JoinsByWindow) {
  StreamJob job;
  const Stream other =
      job.from_rows("others", kEvents, rows({support::at(2, {"a", 7}), support::at(9, {"a", 8})}));
  const Stream pairs =
      some(job)
          .key_by({0})
          .window_with(other.key_by({0}), WindowAssigner::tumbling(Duration::millis(4)))
          .aggregate("pairs", kPairs,
                     window_join(JoinKind::kInner, [](const JoinSides& sides, const EmitRow& emit) {
                       put_pair(*sides.left, *sides.right, emit);
                     }));
  EXPECT_THAT(lines_of(job, pairs),
              UnorderedElementsAre(R"(@3 {"a":1,"b":7})", R"(@3 {"a":3,"b":7})"));
}

// Events of one split and key come in their order, whatever the parallelism.
TEST(Stream, KeepsTheOrderOfAKey) {
  constexpr std::uint64_t kCount = 30'000;
  for (const std::size_t parallelism : {2U, 3U, 8U}) {
    StreamJob job;
    std::vector<std::int64_t> seen;
    job.generate("numbers", kEvents,
                 [](std::uint64_t number, RowBuilder& row, EventTime& time) {
                   row.set(0, Value::of("one"));
                   row.set(1, Value::of(static_cast<std::int64_t>(number)));
                   time = ms(static_cast<std::int64_t>(number));
                   return number < kCount;
                 })
        .parallelism(1)
        .key_by({0})
        .max(1)
        .for_each("see", [&](const EventView& event) {
          seen.push_back(event.row.get(1, support::kInteger).as_int());
        });
    SystemClock clock;
    ASSERT_TRUE(job.run(clock, parallelism).has_value());
    EXPECT_EQ(seen.size(), kCount);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), kCount);
  }
}

// Of a chain only the last operator's side outputs are read.
TEST(Stream, KeepsSideOutputsApart) {
  for (const std::size_t parallelism : {1U, 2U}) {
    StreamJob job;
    const Stream late = job.from_rows("late", kEvents,
                                      rows({support::at(100, {"a", 1}), support::at(1, {"a", 2}),
                                            support::at(2, {"b", 3})}))
                            .parallelism(1)
                            .key_by({0})
                            .window(WindowAssigner::tumbling(Duration::millis(1)))
                            .aggregate("count", kPairs, count_events());
    const Stream all = late.filter("all", [](const EventView&) { return true; });
    EXPECT_EQ(lines_of(job, all.side_output(kLatePort, kEvents), parallelism), Lines());
  }
}

// A side output with a schema of its own can have a key, too.
TEST(Stream, GoesOnBehindSideOutputs) {
  StreamJob job;
  const Stream asked =
      some(job).key_by({0}).process("asked", kEvents, [] { return std::make_unique<Asked>(); });
  EXPECT_EQ(lines_of(job, asked.side_output(Port(1), kPairs).key_by({0}).max(0)).size(), 4U);
}

TEST(Stream, DescribesItsOperators) {
  StreamJob job;
  some(job)
      .named("numbers")
      .uid("n")
      .slot_group("in")
      .parallelism(1)
      .partition(Partitioning::kRebalance)
      .filter("all", [](const EventView&) { return true; })
      .chaining(Chaining::kNever)
      .for_each("print", [](const EventView&) {});
  EXPECT_EQ(to_text(picture_of(job.job_graph(2).value())),
            "job graph\n"
            "  0 numbers  -- parallelism 1, slot-sharing group in\n"
            "      to 1 all: rebalance; not chained: the parallelism changes from 1 to 2\n"
            "  1 all  -- parallelism 2, slot-sharing group default\n"
            "      to 2 print: forward; not chained: `all` is never chained\n"
            "  2 print  -- parallelism 2, slot-sharing group default\n");
  EXPECT_EQ(job.graph().at(NodeId(0)).uid, "n");
}

}  // namespace
}  // namespace lymer::runtime
