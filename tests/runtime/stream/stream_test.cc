// The API from end to end: each call makes the operator that it says.
// Not here: operators as such (tests/runtime/operators/), threads (tests/runtime/exec/).
#include "runtime/stream/stream.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <type_traits>

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
            "  1 all  -- parallelism 2, slot-sharing group in\n"
            "      to 2 print: forward; not chained: `all` is never chained\n"
            "  2 print  -- parallelism 2, slot-sharing group in\n");
  EXPECT_EQ(job.graph().at(NodeId(0)).uid, "n");
}

// What follows a temporary is a stream of its own, and what follows a stream is that stream.
TEST(Stream, DoesNotDangle) {
  StreamJob job;
  const auto& stream = some(job).named("renamed").uid("u").parallelism(1);
  static_assert(std::is_same_v<decltype(some(job).named("")), Stream>);
  Stream kept = stream;
  static_assert(std::is_same_v<decltype(kept.named("")), Stream&>);
  EXPECT_EQ(&kept.slot_group("own").chaining(Chaining::kNever), &kept);
  const auto& windows = stream.window_all(WindowAssigner::global()).lateness({});
  static_assert(std::is_same_v<decltype(stream.window_all({}).lateness({})), WindowedStream>);
  (void)windows.aggregate("count", kPairs, count_events());
  const StreamNode& node = job.graph().at(NodeId(0));
  EXPECT_EQ(node.name + node.uid + node.slot_group, "renameduown");
  EXPECT_TRUE(job.job_graph(1).has_value());
}

TEST(Stream, HasAnIdForEachOfManySchemas) {
  StreamJob job;
  std::vector<SchemaId> ids;
  for (int i = 0; i < 20'000; ++i) {
    ids.push_back(job.id_of(support::schema_of({{"n", support::kInteger}}, std::to_string(i))));
    EXPECT_EQ(ids.back(), SchemaId(static_cast<std::uint16_t>(i)));
  }
  const auto twin = [](const std::string& name, Type type) {
    return support::schema_of({{"n", type}}, name);
  };
  EXPECT_EQ(job.id_of(twin("17", support::kInteger)), ids[17]) << "equal ones have one";
  EXPECT_EQ(job.id_of(twin("17", support::kText)), SchemaId(20'000)) << "another type";
}

TEST(Stream, RefusesMoreSchemasThanThereAreIds) {
  StreamJob job;
  (void)some(job);
  for (int i = 0; i < 65'535; ++i) {
    (void)job.id_of(support::schema_of({}, std::to_string(i)));
  }
  EXPECT_TRUE(job.job_graph(1).has_value());
  (void)job.id_of(support::schema_of({}, "last"));
  EXPECT_THAT(job.job_graph(1).error().message, testing::HasSubstr("`last` is one schema more"));
}

// ---- Operators of one's own --------------------------------------------------------------------

constexpr std::int64_t kNumbers = 20'000;

Stream numbers(StreamJob& job, const std::string& name = "numbers") {
  return job
      .generate(name, kEvents,
                [](std::uint64_t number, RowBuilder& row, EventTime& time) {
                  row.set(0, Value::of("one"));
                  row.set(1, Value::of(static_cast<std::int64_t>(number)));
                  time = ms(static_cast<std::int64_t>(number));
                  return number < kNumbers;
                })
      .parallelism(1);
}

OperatorMaker pass() {
  return [](const SourceShare&) {
    return std::make_unique<Filter>(kEvents, [](const EventView&) { return true; });
  };
}

TEST(Stream, KeepsTheOrderThroughEach) {
  StreamJob job;
  std::vector<std::int64_t> seen;
  numbers(job)
      .transform_each("pass", kEvents, pass())
      .transform_each("pass on", kEvents, pass())
      .for_each("see",
                [&](const EventView& event) {
                  seen.push_back(event.row.get(1, support::kInteger).as_int());
                })
      .parallelism(1);
  SystemClock clock;
  ASSERT_TRUE(job.run(clock, 8).has_value());
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kNumbers));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(Stream, TransformsEachOfAUnion) {
  StreamJob job;
  const Stream wide = numbers(job, "wide").parallelism(2);
  const Stream both = some(job).parallelism(1).union_with(wide).union_with(
      numbers(job).partition(Partitioning::kRebalance));
  both.transform_each("pass", kEvents, pass()).for_each("nothing", [](const EventView&) {});
  const JobGraph graph = job.job_graph(3).value();
  std::vector<std::string> vertices;
  for (const JobVertex& each : graph.vertices) {
    vertices.push_back(each.name + " " + std::to_string(each.parallelism));
  }
  EXPECT_THAT(vertices, UnorderedElementsAre("some -> pass 1", "wide -> pass 2", "numbers 1",
                                             "pass 3", "nothing 3"));
}

// Tells the input of each event, and of what key it has come.
class Inputs final : public ProcessFunction {
 public:
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    const std::int64_t number = event.row.get(1, support::kInteger).as_int();
    context.emit(kMainPort, event.header.time,
                 support::row_of(kPairs, {static_cast<std::int64_t>(event.input), number}));
    return {};
  }
};

OperatorMaker inputs(std::vector<KeyedInput> of, SchemaId output) {
  return [of = std::move(of), output](const SourceShare&) {
    return std::make_unique<ProcessOperator>(of, output, std::make_unique<Inputs>());
  };
}

TEST(Stream, KeysByAll) {
  for (const std::size_t parallelism : {1U, 3U}) {
    StreamJob job;
    const Stream events = job.from_rows(
        "some", kEvents, rows({support::at(1, {"a", 1}), support::at(2, {support::kNull, 5})}));
    const SchemaId id = events.schema_id();
    const Stream told =
        events.key_by_all({{0}, {1}}, false)
            .transform("inputs", kPairs,
                       inputs({{kEvents, id, {0}}, {kEvents, id, {1}}}, job.id_of(kPairs)));
    EXPECT_THAT(
        lines_of(job, told, parallelism),
        UnorderedElementsAre(R"(@1 {"a":0,"b":1})", R"(@1 {"a":1,"b":1})", R"(@2 {"a":1,"b":5})"));
  }
}

TEST(Stream, PutsSeveralStreamsIntoOneOperator) {
  StreamJob job;
  const Stream words = some(job);
  const Stream pairs = words.map("pairs", kPairs, [](const EventView& event, RowBuilder& row) {
    row.set(0, Value::of(std::int64_t{7}));
    row.set(1, Value::of(10 * event.row.get(1, support::kInteger).as_int()));
  });
  const Stream told = job.transform(
      {words.key_by({0}).stream(), pairs.key_by({0}).stream()}, "inputs", kPairs,
      inputs({words.key_by({0}).input(), pairs.key_by({0}).input()}, job.id_of(kPairs)));
  EXPECT_THAT(
      lines_of(job, told),
      UnorderedElementsAre(R"(@1 {"a":0,"b":1})", R"(@2 {"a":0,"b":2})", R"(@3 {"a":0,"b":3})",
                           R"(@4 {"a":0,"b":5})", R"(@1 {"a":1,"b":10})", R"(@2 {"a":1,"b":20})",
                           R"(@3 {"a":1,"b":30})", R"(@4 {"a":1,"b":50})"));
}

// What events say that their rows look like.
std::set<SchemaId> schemas_of(StreamJob& job, const Stream& stream) {
  std::set<SchemaId> schemas;
  std::mutex mutex;
  stream.for_each("schemas", [&](const EventView& event) {
    const std::lock_guard lock(mutex);
    schemas.insert(event.header.schema);
  });
  SystemClock clock;
  EXPECT_TRUE(job.run(clock, 2).has_value());
  return schemas;
}

const SchemaRef kOthers =
    support::schema_of({{"user", support::kText}, {"n", support::kInteger}}, "others");

TEST(Stream, MarksEventsWithASchema) {
  StreamJob job;
  const Stream marked = some(job).marked(kOthers);
  EXPECT_EQ(marked.schema(), kOthers);
  EXPECT_NE(job.id_of(kOthers), job.id_of(kEvents));
  EXPECT_THAT(schemas_of(job, marked), ElementsAre(job.id_of(kOthers)));
}

TEST(Stream, GivesSideOutputsAsTheyAre) {
  for (const bool as_it_is : {true, false}) {
    StreamJob job;
    const Stream counts =
        job.from_rows("some", kEvents, rows({support::at(100, {"a", 1}), support::at(1, {"a", 2})}))
            .parallelism(1)
            .key_by({0})
            .window(WindowAssigner::tumbling(Duration::millis(1)))
            .aggregate("count", kPairs, count_events());
    const Stream late =
        as_it_is ? counts.side_output_as_it_is(kLatePort) : counts.side_output(kLatePort, kOthers);
    EXPECT_THAT(schemas_of(job, late), ElementsAre(job.id_of(as_it_is ? kEvents : kOthers)));
  }
}

TEST(Stream, ReadsAnySource) {
  for (const std::size_t subtasks : {0U, 2U}) {
    StreamJob job;
    std::atomic<int> made = 0;
    const RowSourceSpec spec{.schema = kEvents,
                             .schema_id = job.id_of(kEvents),
                             .split = SplitId(9),
                             .out_of_order = {},
                             .make = [](std::uint64_t number, RowBuilder& row, EventTime& time) {
                               row.set(0, Value::of("a"));
                               row.set(1, Value::of(static_cast<std::int64_t>(number)));
                               time = ms(static_cast<std::int64_t>(number));
                               return number < 4;
                             }};
    Stream stream = job.from_source("any", kEvents, [&made, spec](const SourceShare& share) {
      ++made;
      return std::make_unique<RowSource>(spec, share);
    });
    if (subtasks > 0) stream.parallelism(subtasks);
    EXPECT_THAT(lines_of(job, stream),
                UnorderedElementsAre(R"(@0 {"user":"a","n":0})", R"(@1 {"user":"a","n":1})",
                                     R"(@2 {"user":"a","n":2})", R"(@3 {"user":"a","n":3})"));
    EXPECT_EQ(made, subtasks == 0 ? 1 : 2);
  }
}

TEST(Stream, MakesOneSinkForOneSubtask) {
  StreamJob job;
  std::vector<std::size_t> shares;
  std::vector<std::int64_t> seen;
  numbers(job)
      .sink_to("sink",
               [&](const SourceShare& share) {
                 shares.push_back(share.subtasks);
                 return std::make_unique<FunctionSink>(kEvents, [&](const EventView& event) {
                   seen.push_back(event.row.get(1, support::kInteger).as_int());
                 });
               })
      .parallelism(1);
  SystemClock clock;
  ASSERT_TRUE(job.run(clock, 4).has_value());
  EXPECT_THAT(shares, ElementsAre(1U));
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kNumbers));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

}  // namespace
}  // namespace lymer::runtime
