// Windows in slices: a few cases by hand, in all ways of the harness.
// Not here: random streams, where slices are held against windows without
// (tests/runtime/window/random_windows_test.cc).
#include "runtime/window/slice_operator.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/exec/exchange.h"
#include "runtime/key_group.h"
#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::verify;
using support::watermark;

const SchemaRef kEvents =
    support::schema_of({{"user", support::kInteger}, {"n", support::kInteger}});

WindowAggregate sum() {
  return aggregate_window<std::int64_t>(
      0,
      [](std::int64_t& so_far, const WindowEvent& event) {
        so_far += event.row.get(1, support::kInteger).as_int();
      },
      [](std::int64_t& so_far, const std::int64_t& other) { so_far += other; },
      [](const std::int64_t& total, const WindowView& view, const EmitRow& emit) {
        std::vector<Value> key;
        EXPECT_TRUE(read_key(view.key, key));
        emit(support::row_of(kEvents, {key.empty() ? 0 : key[0].as_int(), total}));
      });
}

WindowSpec spec_of(WindowAssigner windows, std::int64_t lateness = 0) {
  return {.inputs = {{kEvents, SchemaId(0), {0}}},
          .output = SchemaId(0),
          .windows = std::move(windows),
          .function = sum(),
          .lateness = Duration::millis(lateness)};
}

support::OperatorVerification slices(const WindowAssigner& windows, std::int64_t lateness = 0) {
  return verify(
      [windows, lateness] { return std::make_unique<SliceOperator>(spec_of(windows, lateness)); },
      {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}, {kLatePort, kEvents}}});
}

std::string line(std::int64_t time, std::int64_t user, std::int64_t total) {
  return "@" + std::to_string(time) + R"( {"user":)" + std::to_string(user) + R"(,"n":)" +
         std::to_string(total) + "}";
}

TEST(SliceOperator, SumsTumblingWindows) {
  slices(WindowAssigner::tumbling(Duration::millis(10)))
      .input({at(1, {1, 1}), at(9, {1, 2}), at(10, {1, 4}), watermark(8), watermark(9),
              at(12, {1, 16}), at(5, {1, 9}), support::last_watermark(), support::end_of_input()})
      .expect({"watermark 8", line(9, 1, 3), "watermark 9", line(19, 1, 20), "watermark max",
               "end of input"},
              {{kLatePort, {line(5, 1, 9)}}});
}

TEST(SliceOperator, PutsSlicesTogether) {
  slices(WindowAssigner::sliding(Duration::millis(10), Duration::millis(4)))
      .input({at(1, {1, 1}), at(7, {1, 2}), at(9, {1, 4}), support::last_watermark()})
      .expect({line(1, 1, 1), line(5, 1, 1), line(9, 1, 7), line(13, 1, 6), line(17, 1, 4),
               "watermark max"});
}

TEST(SliceOperator, FiresAgainForLateEvents) {
  slices(WindowAssigner::sliding(Duration::millis(10), Duration::millis(5)), 3)
      .input({at(1, {1, 1}), watermark(9), at(2, {1, 2}), watermark(12), at(3, {1, 4})})
      .expect({line(4, 1, 1), line(9, 1, 1), "watermark 9", line(9, 1, 3), "watermark 12"},
              {{kLatePort, {line(3, 1, 4)}}});
}

// Subtasks whose checkpoint overtook may have fired up to different times.
TEST(SliceOperator, FiresNothingTwiceWhereSubtasksWereAtDifferentTimes) {
  constexpr std::int64_t kUsers = 40;
  ManualClock clock(EventTime{});
  const auto events_at = [](std::int64_t time, std::size_t subtask, std::size_t subtasks) {
    EventBatch batch;
    for (std::int64_t user = 0; user < kUsers; ++user) {
      EventBatch one = support::batch_of(kEvents, {at(time, {user, 1})});
      support::set_keys(one, *kEvents, {0});
      const std::uint64_t hash = one.headers()[0].key_hash;
      if (subtask_of(key_group_of_hash(hash), subtasks) != subtask) continue;
      batch.append(one.headers()[0], one.bytes(one.headers()[0].row), {});
      batch.set_key_hash(batch.size() - 1, hash);
    }
    return batch;
  };
  std::vector<std::string> lines;
  StateSnapshot state;
  for (const std::size_t subtask : {0U, 1U}) {
    SliceOperator op(spec_of(WindowAssigner::sliding(Duration::millis(20), Duration::millis(10))));
    ASSERT_TRUE(op.open({.uid = "sum", .clock = clock, .share = {subtask, 2}}));
    support::RecordingCollector out(kEvents);
    for (const std::int64_t time : {5, 15, 25}) {
      ASSERT_TRUE(op.on_batch(events_at(time, subtask, 2), out));
    }
    // The first has fired the windows that end at 10 and at 20, the second none.
    ASSERT_TRUE(op.on_watermark(support::ms(subtask == 0 ? 22 : 3), out));
    StateSnapshot part;
    ASSERT_TRUE(op.snapshot(part));
    state.merge(part, [](KeyGroup) { return true; });
    for (const std::string& each : out.take_lines()) {
      if (!each.starts_with("watermark")) lines.push_back(each);
    }
  }
  ASSERT_FALSE(lines.empty());
  // Once more it goes on before time has passed all of it.
  for (int life = 0; life < 2; ++life) {
    SliceOperator op(spec_of(WindowAssigner::sliding(Duration::millis(20), Duration::millis(10))));
    ASSERT_TRUE(op.open({.uid = "sum", .clock = clock, .share = {0, 1}}));
    ASSERT_TRUE(op.restore(state));
    support::RecordingCollector out(kEvents);
    if (life == 0) {
      ASSERT_TRUE(op.on_watermark(support::ms(12), out));
      state = StateSnapshot();
      ASSERT_TRUE(op.snapshot(state));
    } else {
      ASSERT_TRUE(op.on_watermark(EventTime::max(), out));
    }
    for (const std::string& each : out.take_lines()) {
      if (!each.starts_with("watermark")) lines.push_back(each);
    }
  }
  std::vector<std::string> expected;
  for (std::int64_t user = 0; user < kUsers; ++user) {
    for (const auto& [end, total] : {std::pair{9, 1}, {19, 2}, {29, 2}, {39, 1}}) {
      expected.push_back(line(end, user, total));
    }
  }
  std::ranges::sort(lines);
  std::ranges::sort(expected);
  EXPECT_EQ(lines, expected);
}

TEST(SliceOperator, KnowsWhatItCanDo) {
  const Duration size = Duration::millis(10);
  EXPECT_TRUE(SliceOperator::can_do(spec_of(WindowAssigner::tumbling(size))));
  EXPECT_FALSE(SliceOperator::can_do(spec_of(WindowAssigner::session(size))));
  EXPECT_FALSE(SliceOperator::can_do(spec_of(WindowAssigner::global())));
  EXPECT_FALSE(SliceOperator::can_do(spec_of(WindowAssigner::tumbling(size).in_processing_time())));
  WindowSpec triggered = spec_of(WindowAssigner::tumbling(size));
  triggered.trigger = each_count(1);
  EXPECT_FALSE(SliceOperator::can_do(triggered));
  WindowSpec evicting = spec_of(WindowAssigner::tumbling(size));
  evicting.evictor = keep_last(1);
  EXPECT_FALSE(SliceOperator::can_do(evicting));
  WindowSpec process = spec_of(WindowAssigner::tumbling(size));
  process.function = WindowProcess([](auto, const auto&, const auto&) {});
  EXPECT_TRUE(SliceOperator::can_do(process));
  // Several slices would not keep the order in which events came.
  process.windows = WindowAssigner::sliding(size, Duration::millis(5));
  EXPECT_FALSE(SliceOperator::can_do(process));
}

// The numbers in the order in which they came, as digits.
WindowSpec digits_spec(std::int64_t lateness) {
  WindowSpec spec = spec_of(WindowAssigner::tumbling(Duration::millis(10)), lateness);
  spec.function = WindowProcess([](std::span<const WindowEvent> events, const WindowView&,
                                   const EmitRow& emit) {
    std::int64_t digits = 0;
    for (const WindowEvent& each : events) {
      digits = 10 * digits + each.row.get(1, support::kInteger).as_int();
    }
    emit(support::row_of(kEvents, {events.front().row.get(0, support::kInteger).as_int(), digits}));
  });
  return spec;
}

TEST(SliceOperator, KeepsTheOrderOfEventsForAFunctionOfThemAll) {
  verify([] { return std::make_unique<SliceOperator>(digits_spec(3)); },
         {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}, {kLatePort, kEvents}}})
      .input({at(5, {1, 1}), at(3, {1, 2}), at(15, {1, 9}), at(4, {1, 3}), watermark(9),
              at(2, {1, 4}), watermark(12), at(1, {1, 5}), support::last_watermark()})
      .expect({line(9, 1, 123), "watermark 9", line(9, 1, 1234), "watermark 12", line(19, 1, 9),
               "watermark max"},
              {{kLatePort, {line(1, 1, 5)}}});
}

// Many keys, so that their memory is asked for ahead, in batches that go from one window to the
// next and back; and a collector that takes one batch at a time.
std::vector<std::string> lines_of_many_keys(WindowSpec spec) {
  constexpr std::int64_t kKeys = 6000;
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kEvents);
  SliceOperator op(std::move(spec));
  EXPECT_TRUE(op.open({"slices", clock}).has_value());
  for (const std::int64_t time : {1, 3, 15, 2}) {
    std::vector<support::EventDraft> events;
    for (std::int64_t key = 0; key < kKeys; ++key) {
      events.push_back(at(key % 100 == 7 ? 18 - time : time, {key, time}));
    }
    EventBatch batch = support::batch_of(kEvents, events);
    support::set_keys(batch, *kEvents, {0});
    EXPECT_EQ(op.on_batch(std::move(batch), out).value(), Progress::kDone);
  }
  out.set_room(1);
  Progress progress = op.on_watermark(EventTime::from_millis(30), out).value();
  while (progress == Progress::kBlocked) {
    out.set_room(1);
    progress = op.resume(out).value();
  }
  EXPECT_GT(out.refusals(), 2U);
  std::vector<std::string> lines = out.take_lines();
  EXPECT_EQ(lines.back(), "watermark 30");
  lines.pop_back();
  std::ranges::sort(lines);
  return lines;
}

TEST(SliceOperator, KeepsManyKeysApart) {
  std::vector<std::string> sums;
  std::vector<std::string> digits;
  for (std::int64_t key = 0; key < 6000; ++key) {
    const bool is_odd_one = key % 100 == 7;  // Comes at 17, 15, 3 and 16.
    sums.push_back(line(9, key, is_odd_one ? 15 : 6));
    sums.push_back(line(19, key, is_odd_one ? 6 : 15));
    digits.push_back(line(9, key, is_odd_one ? 15 : 132));
    digits.push_back(line(19, key, is_odd_one ? 132 : 15));
  }
  std::ranges::sort(sums);
  std::ranges::sort(digits);
  EXPECT_EQ(lines_of_many_keys(spec_of(WindowAssigner::tumbling(Duration::millis(10)))), sums);
  EXPECT_EQ(lines_of_many_keys(digits_spec(0)), digits);
}

TEST(SliceOperator, RefusesEventsThatAreNotItsOwn) {
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kEvents);
  out.set_room(10);
  SliceOperator op(digits_spec(0));
  ASSERT_TRUE(op.open({"slices", clock}).has_value());
  EventBatch batch = support::batch_of(kEvents, {at(11, {1, 1})});
  support::set_keys(batch, *kEvents, {0});
  ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state).has_value());
  SliceOperator other(spec_of(WindowAssigner::tumbling(Duration::millis(10))));
  ASSERT_TRUE(other.open({"slices", clock}).has_value());
  EXPECT_EQ(other.restore(state).error().code, ErrorCode::kCorrupt);
}

TEST(SliceOperator, RefusesStateThatIsNotItsOwn) {
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kEvents);
  out.set_room(10);
  SliceOperator op(spec_of(WindowAssigner::tumbling(Duration::millis(10))));
  ASSERT_TRUE(op.open({"slices", clock}).has_value());
  EventBatch batch = support::batch_of(kEvents, {at(11, {1, 1})});
  support::set_keys(batch, *kEvents, {0});
  ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state).has_value());

  SliceOperator other(spec_of(WindowAssigner::tumbling(Duration::millis(7))));
  ASSERT_TRUE(other.open({"slices", clock}).has_value());
  EXPECT_EQ(other.restore(state).error().code, ErrorCode::kCorrupt);

  const KeyGroup group = state.key_groups().front();
  const auto piece = state.get(group, "slices").value();
  for (std::size_t length = 1; length < piece.size(); ++length) {
    StateSnapshot cut;
    cut.put(group, "slices", {piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(length)});
    SliceOperator fresh(spec_of(WindowAssigner::tumbling(Duration::millis(10))));
    ASSERT_TRUE(fresh.open({"slices", clock}).has_value());
    EXPECT_EQ(fresh.restore(cut).error().code, ErrorCode::kCorrupt) << length;
  }
}

TEST(SliceOperator, RefusesWindowsThatMakeNoSense) {
  SliceOperator op(spec_of(WindowAssigner::tumbling(Duration())));
  ManualClock clock(EventTime{});
  EXPECT_EQ(op.open({"slices", clock}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lymer::runtime
