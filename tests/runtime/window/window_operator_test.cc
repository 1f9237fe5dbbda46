// Windows end to end: events and watermarks in, results out. Every case runs in all ways of the
// harness.
// Not here: random streams against a naive computation
// (tests/runtime/window/random_windows_test.cc).
#include "runtime/window/window_operator.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::Input;
using support::verify;
using support::watermark;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});
const SchemaRef kResults = support::schema_of(
    {{"user", support::kText}, {"n", support::kInteger}, {"from", support::kInteger}});

constexpr Type kInt{TypeKind::kInt};

// A row of the key, a number and the window's start; -1 for the one without.
std::vector<std::byte> result_row(const WindowView& view, std::int64_t number) {
  RowBuilder row(kResults);
  std::vector<Value> key;
  EXPECT_TRUE(read_key(view.key, key));
  row.set(0, key.at(0));
  row.set(1, Value::of(number));
  row.set(2, Value::of(view.window.is_global() ? -1 : view.window.start.to_millis()));
  return {row.bytes().begin(), row.bytes().end()};
}

WindowAggregate sum() {
  return aggregate_window<std::int64_t>(
      0,
      [](std::int64_t& so_far, const WindowEvent& event) {
        so_far += event.row.get(1, kInt).as_int();
      },
      [](std::int64_t& so_far, const std::int64_t& other) { so_far += other; },
      [](const std::int64_t& total, const WindowView& view, const EmitRow& emit) {
        emit(result_row(view, total));
      });
}

// The numbers of the events as digits of one number, which shows their order.
WindowProcess digits() {
  return [](std::span<const WindowEvent> events, const WindowView& view, const EmitRow& emit) {
    std::int64_t number = 0;
    for (const WindowEvent& each : events) number = 10 * number + each.row.get(1, kInt).as_int();
    emit(result_row(view, number));
  };
}

struct Case {
  WindowAssigner windows;
  std::function<WindowFunction()> function = [] { return WindowFunction(sum()); };
  std::function<std::unique_ptr<Trigger>()> trigger = [] { return nullptr; };
  std::function<std::unique_ptr<Evictor>()> evictor = [] { return nullptr; };
  Duration lateness = {};
};

support::OperatorVerification windows(Case of) {
  const auto make = [of = std::move(of)] {
    return std::make_unique<WindowOperator>(WindowSpec{.inputs = {{kEvents, SchemaId(0), {0}}},
                                                       .output = SchemaId(1),
                                                       .windows = of.windows,
                                                       .function = of.function(),
                                                       .trigger = of.trigger(),
                                                       .evictor = of.evictor(),
                                                       .lateness = of.lateness});
  };
  return verify(
      make,
      {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kResults}, {kLatePort, kEvents}}});
}

std::string line(std::int64_t time, const std::string& user, std::int64_t number,
                 std::int64_t from) {
  return "@" + std::to_string(time) + R"( {"user":")" + user + R"(","n":)" +
         std::to_string(number) + R"(,"from":)" + std::to_string(from) + "}";
}

Duration length(std::int64_t millis) { return Duration::millis(millis); }

TEST(WindowOperator, SumsTumblingWindows) {
  windows({WindowAssigner::tumbling(length(10))})
      .input({at(1, {"a", 1}), at(9, {"a", 2}), at(10, {"a", 4}), at(5, {"b", 8}), watermark(8),
              watermark(9), at(12, {"a", 16}), watermark(25), support::end_of_input()})
      .expect({"watermark 8", line(9, "b", 8, 0), line(9, "a", 3, 0), "watermark 9",
               line(19, "a", 20, 10), "watermark 25", "end of input"});
}

TEST(WindowOperator, PutsAnEventIntoEachSlidingWindow) {
  windows({WindowAssigner::sliding(length(10), length(5))})
      .input({at(1, {"a", 1}), at(7, {"a", 2}), support::last_watermark()})
      .expect({line(4, "a", 1, -5), line(9, "a", 3, 0), line(14, "a", 2, 5), "watermark max"});
}

TEST(WindowOperator, MergesSessions) {
  windows({WindowAssigner::session(length(5))})
      .input({at(1, {"a", 1}), at(20, {"a", 2}), at(8, {"a", 4}), at(4, {"a", 8}), watermark(11),
              watermark(12), at(22, {"a", 16}), support::last_watermark()})
      .expect({"watermark 11", line(12, "a", 13, 1), "watermark 12", line(26, "a", 18, 20),
               "watermark max"});
}

TEST(WindowOperator, KeepsTheOrderOfMergedSessions) {
  windows({.windows = WindowAssigner::session(length(5)),
           .function = [] { return WindowFunction(digits()); }})
      .input({at(1, {"a", 1}), at(8, {"a", 2}), at(9, {"a", 3}), at(4, {"a", 4}),
              support::last_watermark()})
      .expect({line(13, "a", 1234, 1), "watermark max"});
}

TEST(WindowOperator, FiresAgainForLateEventsAndLetsOthersGo) {
  windows({.windows = WindowAssigner::tumbling(length(10)), .lateness = length(5)})
      .input({at(1, {"a", 1}), watermark(9), at(2, {"a", 2}), watermark(13), at(3, {"a", 4}),
              watermark(14), at(4, {"a", 8})})
      .expect({line(9, "a", 1, 0), "watermark 9", line(9, "a", 3, 0), "watermark 13",
               line(9, "a", 7, 0), "watermark 14"},
              {{kLatePort, {R"(@4 {"user":"a","n":8})"}}});
}

TEST(WindowOperator, CountsEventsInWindowsWithoutEnd) {
  windows({.windows = WindowAssigner::global(), .trigger = [] { return purging(each_count(2)); }})
      .input({at(1, {"a", 1}), at(3, {"b", 2}), at(2, {"a", 4}), at(9, {"a", 8}),
              support::last_watermark()})
      .expect({line(2, "a", 5, -1), "watermark max"});
}

TEST(WindowOperator, SlidesByCount) {
  windows({.windows = WindowAssigner::global(),
           .function = [] { return WindowFunction(digits()); },
           .trigger = [] { return each_count(2); },
           .evictor = [] { return keep_last(3); }})
      .input({at(1, {"a", 1}), at(2, {"a", 2}), at(3, {"a", 3}), at(4, {"a", 4}), at(5, {"a", 5}),
              at(6, {"a", 6})})
      .expect({line(2, "a", 12, -1), line(4, "a", 234, -1), line(6, "a", 456, -1)});
}

TEST(WindowOperator, EvictsForAggregatesToo) {
  windows({.windows = WindowAssigner::tumbling(length(10)),
           .trigger = [] { return each_count(1); },
           .evictor = [] { return keep_last(1, EvictWhen::kAfter); }})
      .input({at(1, {"a", 1}), at(2, {"a", 2}), at(3, {"a", 4})})
      .expect({line(9, "a", 1, 0), line(9, "a", 3, 0), line(9, "a", 6, 0)});
}

TEST(WindowOperator, GoesByTheClock) {
  windows({WindowAssigner::tumbling(length(10)).in_processing_time()})
      .input({at(500, {"a", 1}), at(3, {"a", 2}), watermark(1000), support::timer(9)})
      .expect({"watermark 1000", line(9, "a", 3, 0)});
}

TEST(WindowOperator, RefusesWindowsThatMakeNoSense) {
  WindowOperator op({.inputs = {{kEvents, SchemaId(0), {0}}},
                     .output = SchemaId(1),
                     .windows = WindowAssigner::tumbling(Duration()),
                     .function = sum()});
  ManualClock clock(EventTime{});
  EXPECT_EQ(op.open({"windows", clock}).error().code, ErrorCode::kInvalidArgument);
}

// Keeps everything.
class Keeper final : public Collector {
 public:
  bool try_emit(Port, StreamElement& element) override {
    elements.push_back(std::exchange(element, EventBatch()));
    return true;
  }
  std::vector<StreamElement> elements;
};

// Results of the same input have the same ids, and of different ones others.
TEST(WindowOperator, NamesItsResults) {
  std::vector<EventId> ids[2];
  for (std::vector<EventId>& found : ids) {
    WindowOperator op({.inputs = {{kEvents, SchemaId(0), {0}}},
                       .output = SchemaId(1),
                       .windows = WindowAssigner::tumbling(length(10)),
                       .function = sum()});
    ManualClock clock(EventTime{});
    ASSERT_TRUE(op.open({"windows", clock}).has_value());
    EventBatch batch =
        support::batch_of(kEvents, {at(1, {"a", 1}), at(2, {"b", 1}), at(11, {"a", 1})});
    support::set_keys(batch, *kEvents, {0});
    Keeper out;
    ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
    ASSERT_TRUE(op.on_watermark(EventTime::max(), out).has_value());
    for (const EventHeader& each : std::get<EventBatch>(out.elements.front()).headers()) {
      found.push_back(each.id);
    }
  }
  EXPECT_EQ(ids[0], ids[1]);
  ASSERT_EQ(ids[0].size(), 3U);
  EXPECT_EQ(std::set<EventId>(ids[0].begin(), ids[0].end()).size(), 3U);
}

}  // namespace
}  // namespace lymer::runtime
