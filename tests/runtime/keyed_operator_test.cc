// What is common to operators with state: keys, the order of timers, and going on where it blocked.
// Not here: what single operators do with it (tests/runtime/operators/, window/, join/).
#include "runtime/keyed_operator.h"

#include <algorithm>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::ms;
using support::verify;
using support::watermark;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const SchemaRef kEvents = support::schema_of({{"a", support::kInteger}, {"b", support::kInteger}});

// Sets a timer for each event at its time, and puts the row out when it fires; the timer at 5 sets
// another one, which is due at once.
class Echo final : public KeyedOperator {
 public:
  explicit Echo(std::vector<KeyedInput> inputs) : KeyedOperator(inputs) {}

 private:
  Result<void> make_states(KeyedState& state) override {
    rows_ = &state.lists("rows", {}, [](StateBytes) { return true; });
    return {};
  }
  Result<void> on_event(const EventView& event) override {
    rows_->add(event.row.bytes());
    set_timer(TimeDomain::kEventTime, event.header.time);
    return {};
  }
  Result<void> on_timer(TimeDomain domain, EventTime time) override {
    EventHeader header;
    header.time = time;
    rows_->for_each([&](StateBytes row) {
      results().add(kMainPort, header, row);
      return true;
    });
    if (time == ms(5)) set_timer(domain, ms(6));
    return {};
  }

  ListColumn* rows_ = nullptr;
};

support::OperatorVerification echo(std::vector<KeyedInput> inputs) {
  return verify([inputs] { return std::make_unique<Echo>(inputs); },
                {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}}});
}

TEST(KeyedOperator, FiresTimersInOrderAlsoNewOnes) {
  echo({{kEvents, SchemaId(0), {0}}})
      .input({at(7, {1, 7}), at(5, {2, 5}), at(20, {3, 0}), watermark(4), watermark(10)})
      .expect({"watermark 4", R"(@5 {"a":2,"b":5})", R"(@6 {"a":2,"b":5})", R"(@7 {"a":1,"b":7})",
               "watermark 10"});
}

TEST(KeyedOperator, HandsMarksOnInTheirPlace) {
  echo({{kEvents, SchemaId(0), {0}}})
      .input({at(1, {1, 1}), support::mark(IdleMark{}), support::last_watermark(),
              support::end_of_input()})
      .expect({"idle", R"(@1 {"a":1,"b":1})", "watermark max", "end of input"});
}

// Two inputs of one schema: an event belongs to those whose bits it has.
TEST(KeyedOperator, KnowsInputsByTheirKeys) {
  Echo op({{kEvents, SchemaId(0), {0}}, {kEvents, SchemaId(0), {1}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"echo", clock}).has_value());
  support::RecordingCollector out(kEvents);
  EventBatch batch = support::batch_of(kEvents, {at(1, {1, 2}), at(2, {3, 4})});
  support::set_keys(batch, *kEvents, {0});
  batch.set_delivery(0, 3, false);
  batch.set_delivery(1, 2, false);
  out.set_room(10);
  ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  ASSERT_TRUE(op.on_watermark(ms(2), out).has_value());
  EXPECT_THAT(out.lines(), SizeIs(4));  // Twice the first, once the second, and the watermark.
}

// What fires at one watermark is not gathered without bound.
TEST(KeyedOperator, StopsWhileItIsBlocked) {
  Echo op({{kEvents, SchemaId(0), {0}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"echo", clock}).has_value());
  support::RecordingCollector out(kEvents);
  EventBatch batch;
  constexpr std::size_t kEventCount = 5 * OutputQueue::kFull;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    support::append_event(batch, kEvents, at(100 + number, {number, 0}), i);
  }
  support::set_keys(batch, *kEvents, {0});
  out.set_room(1);
  ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  EXPECT_EQ(op.on_watermark(EventTime::max(), out).value(), Progress::kBlocked);
  EXPECT_THAT(out.lines(), SizeIs(OutputQueue::kFull));
  out.set_room(1);
  EXPECT_EQ(op.resume(out).value(), Progress::kBlocked);
  EXPECT_THAT(out.lines(), SizeIs(2 * OutputQueue::kFull));
  out.set_room(100);
  EXPECT_EQ(op.resume(out).value(), Progress::kDone);
  EXPECT_THAT(out.lines(), SizeIs(kEventCount + 1));
}

// In memory, until its disk fails.
class FailingBackend final : public StateBackend {
 public:
  std::unique_ptr<ValueTable> make_values(const WhatIsLeft& left) override {
    return memory_backend().make_values(left);
  }
  std::unique_ptr<MapTable> make_map(const WhatIsLeft& left) override {
    return memory_backend().make_map(left);
  }
  [[nodiscard]] Result<void> status() const override {
    if (has_failed) return Error{ErrorCode::kIo, "the disk is full"};
    return {};
  }
  bool has_failed = false;
};

TEST(KeyedOperator, LetsNobodyKnowWhatCameOfStateThatFailed) {
  FailingBackend backend;
  Echo op({{kEvents, SchemaId(0), {0}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"echo", clock, backend}).has_value());
  support::RecordingCollector out(kEvents);
  out.set_room(100);
  EventBatch batch = support::batch_of(kEvents, {at(1, {1, 2})});
  support::set_keys(batch, *kEvents, {0});
  ASSERT_TRUE(op.on_batch(EventBatch(batch), out).has_value());
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state));
  backend.has_failed = true;
  for (const auto& progress : {op.on_batch(EventBatch(batch), out), op.on_watermark(ms(2), out)}) {
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error().message, "the disk is full");
  }
  EXPECT_THAT(out.lines(), SizeIs(0));
  EXPECT_FALSE(op.snapshot(state));
  Echo other({{kEvents, SchemaId(0), {0}}});
  EXPECT_FALSE(other.open({"echo", clock, backend}));
  backend.has_failed = false;
  Echo restored({{kEvents, SchemaId(0), {0}}});
  ASSERT_TRUE(restored.open({"echo", clock, backend}));
  backend.has_failed = true;
  EXPECT_FALSE(restored.restore(state));
}

// Puts each event out as it is, and looks whether it was told of it before.
class Foreseeing final : public KeyedOperator {
 public:
  explicit Foreseeing(const std::vector<KeyedInput>& inputs) : KeyedOperator(inputs) {}
  [[nodiscard]] std::size_t foreseen() const noexcept { return foreseen_; }
  [[nodiscard]] std::size_t most_told() const noexcept { return most_told_; }

 private:
  Result<void> make_states(KeyedState&) override { return {}; }
  void expect(std::span<const EventHeader> events) override {
    told_.assign(events.begin(), events.end());
    most_told_ = std::max(most_told_, told_.size());
  }
  Result<void> on_event(const EventView& event) override {
    const std::size_t index = expected_index();
    const bool is_told = index < told_.size() && told_[index].id == event.header.id;
    if (is_told && input_of(told_[index]) == event.input) ++foreseen_;
    results().add(kMainPort, event.header, event.row.bytes());
    return {};
  }
  Result<void> on_timer(TimeDomain, EventTime) override { return {}; }

  std::vector<EventHeader> told_;
  std::size_t foreseen_ = 0;
  std::size_t most_told_ = 0;
};

// Also where it blocks in between.
TEST(KeyedOperator, IsToldOfEventsBeforeTheyCome) {
  Foreseeing op({{kEvents, SchemaId(0), {0}}, {kEvents, SchemaId(1), {0}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"foreseeing", clock}).has_value());
  support::RecordingCollector out(kEvents);
  constexpr std::size_t kEventCount = 3 * OutputQueue::kFull + 17;
  EventBatch batch;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    support::append_event(batch, kEvents, at(number, {number, 0}).of(i % 3 == 0 ? 1 : 0), i);
  }
  support::set_keys(batch, *kEvents, {0});
  out.set_room(1);
  Progress progress = op.on_batch(std::move(batch), out).value();
  EXPECT_EQ(progress, Progress::kBlocked);
  while (progress == Progress::kBlocked) {
    out.set_room(1);
    progress = op.resume(out).value();
  }
  EXPECT_THAT(out.lines(), SizeIs(kEventCount));
  EXPECT_EQ(op.foreseen(), kEventCount);
  EXPECT_LE(op.most_told(), 128U);
}

TEST(KeyedOperator, RefusesTimersThatAreNone) {
  Echo op({{kEvents, SchemaId(0), {0}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"echo", clock}).has_value());
  StateSnapshot state;
  state.put(KeyGroup(3), "event-time timers", {std::byte{1}});
  EXPECT_EQ(op.restore(state).error().code, ErrorCode::kCorrupt);
}

TEST(KeyedOperator, RefusesEventsOfNoInput) {
  Echo op({{kEvents, SchemaId(0), {0}}});
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"echo", clock}).has_value());
  support::RecordingCollector out(kEvents);
  const auto took = op.on_batch(support::batch_of(kEvents, {at(1, {1, 1}).of(7)}), out);
  EXPECT_EQ(took.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lymer::runtime
