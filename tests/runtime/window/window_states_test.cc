// Window functions with states of their own: by window and by key, through firings, ends, restores.
// Not here: windows without (tests/runtime/window/window_operator_test.cc).
#include "runtime/window/window_states.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/window/window_operator.h"
#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::watermark;
using ::testing::HasSubstr;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});
// What has fired: which time for the window and which for the key, how many windows of the key have
// gone, and the sum of the events.
const SchemaRef kResults = support::schema_of({{"of_window", support::kInteger},
                                               {"of_key", support::kInteger},
                                               {"gone", support::kInteger},
                                               {"sum", support::kInteger}});

WindowAggregate sum() {
  return aggregate_window<std::int64_t>(
      0,
      [](std::int64_t& so_far, const WindowEvent& event) {
        so_far += event.row.get(1, support::kInteger).as_int();
      },
      [](std::int64_t& so_far, const std::int64_t& other) { so_far += other; }, nullptr);
}

enum class Keeps : std::uint8_t { kBoth, kByKey, kNothing };

class CountsFirings final : public WindowProcessFunction {
 public:
  explicit CountsFirings(Keeps keeps) : keeps_(keeps) {}

  Result<void> open(WindowStates& states) override {
    if (keeps_ == Keeps::kNothing) return {};
    // The same name in both: they are apart.
    of_key_.emplace(states.of_key().value<std::int64_t>("firings"));
    gone_.emplace(states.of_key().list<std::int64_t>("gone"));
    if (keeps_ == Keeps::kByKey) return {};
    LYMER_ASSIGN_OR_RETURN(KeyedState* const of_window, states.of_window());
    of_window_.emplace(of_window->value<std::int64_t>("firings"));
    return {};
  }

  void process(const WindowContents& contents, const WindowView&, const EmitRow& emit) override {
    std::int64_t total = 0;
    if (!contents.accumulator.empty()) total = from_state<std::int64_t>(contents.accumulator);
    for (const WindowEvent& each : contents.events) {
      total += each.row.get(1, support::kInteger).as_int();
    }
    const std::int64_t of_key = of_key_->get().value_or(0) + 1;
    const std::int64_t of_window = of_window_ ? of_window_->get().value_or(0) + 1 : 0;
    of_key_->update(of_key);
    if (of_window_) of_window_->update(of_window);
    emit(support::row_of(
        kResults, {of_window, of_key, static_cast<std::int64_t>(gone_->get().size()), total}));
  }

  void clear(const WindowView& view) override {
    if (of_window_) of_window_->clear();
    gone_->add(view.window.start.to_millis());
  }

 private:
  Keeps keeps_;
  std::optional<ValueState<std::int64_t>> of_key_;
  std::optional<ListState<std::int64_t>> gone_;
  std::optional<ValueState<std::int64_t>> of_window_;
};

struct Case {
  WindowAssigner windows = WindowAssigner::tumbling(Duration::millis(10));
  bool has_aggregate = false;
  Keeps keeps = Keeps::kBoth;
  std::function<std::unique_ptr<Trigger>()> trigger = [] { return nullptr; };
  std::function<std::unique_ptr<Evictor>()> evictor = [] { return nullptr; };
};

std::unique_ptr<WindowOperator> make(const Case& of) {
  StatefulWindow function{.make = [of] { return std::make_unique<CountsFirings>(of.keeps); }};
  if (of.has_aggregate) function.aggregate = sum();
  return std::make_unique<WindowOperator>(WindowSpec{.inputs = {{kEvents, SchemaId(0), {0}}},
                                                     .output = SchemaId(1),
                                                     .windows = of.windows,
                                                     .function = std::move(function),
                                                     .trigger = of.trigger(),
                                                     .evictor = of.evictor(),
                                                     .lateness = Duration::millis(20)});
}

support::OperatorVerification windows(const Case& of) {
  return support::verify(
      [of] { return make(of); },
      {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kResults}, {kLatePort, kEvents}}});
}

std::string line(std::int64_t time, std::int64_t of_window, std::int64_t of_key, std::int64_t gone,
                 std::int64_t sum) {
  return "@" + std::to_string(time) + R"( {"of_window":)" + std::to_string(of_window) +
         R"(,"of_key":)" + std::to_string(of_key) + R"(,"gone":)" + std::to_string(gone) +
         R"(,"sum":)" + std::to_string(sum) + "}";
}

TEST(WindowStates, AreOfAWindowAndOfItsKey) {
  for (const bool has_aggregate : {false, true}) {
    windows({.has_aggregate = has_aggregate})
        .input({at(1, {"a", 1}), at(2, {"b", 2}), at(11, {"a", 4}), watermark(19), at(3, {"a", 8}),
                at(12, {"a", 16}), watermark(30), at(31, {"a", 32}), at(13, {"a", 64}),
                support::last_watermark()})
        .expect({line(9, 1, 1, 0, 2), line(9, 1, 1, 0, 1), line(19, 1, 2, 0, 4), "watermark 19",
                 line(9, 2, 3, 0, 9), line(19, 2, 4, 0, 20), "watermark 30",
                 // The first window has gone, and with it what it had counted.
                 line(19, 3, 5, 1, 84), line(39, 1, 6, 2, 32), "watermark max"});
  }
}

TEST(WindowStates, StayWhileAWindowIsEmptied) {
  windows({.has_aggregate = true, .trigger = [] { return purging(each_count(2)); }})
      .input({at(1, {"a", 1}), at(2, {"a", 2}), at(3, {"a", 4}), at(4, {"a", 8}), watermark(40),
              at(41, {"a", 16}), at(42, {"a", 32})})
      .expect({line(9, 1, 1, 0, 3), line(9, 2, 2, 0, 12), "watermark 40", line(49, 1, 3, 1, 48)});
}

TEST(WindowStates, GoWithEvictors) {
  for (const bool has_aggregate : {false, true}) {
    windows({.has_aggregate = has_aggregate, .evictor = [] { return keep_last(2); }})
        .input({at(1, {"a", 1}), at(2, {"a", 2}), at(3, {"a", 4}), watermark(9), at(4, {"a", 8})})
        .expect({line(9, 1, 1, 0, 6), "watermark 9", line(9, 2, 2, 0, 12)});
  }
}

TEST(WindowStates, AreByKeyAloneWhereWindowsMerge) {
  const Case sessions{.windows = WindowAssigner::session(Duration::millis(5)),
                      .keeps = Keeps::kByKey};
  windows(sessions)
      .input({at(1, {"a", 1}), at(8, {"a", 2}), at(4, {"a", 4}), at(30, {"a", 8}),
              support::last_watermark()})
      .expect({line(12, 0, 1, 0, 7), line(34, 0, 2, 1, 8), "watermark max"});
  Case wrong = sessions;
  wrong.keeps = Keeps::kBoth;
  ManualClock clock(EventTime{});
  const auto opened = make(wrong)->open({"windows", clock});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(opened.error().message, HasSubstr("keep them by key"));
}

// All names of pieces that an operator writes.
std::set<std::string> names_of(const Operator& op) {
  StateSnapshot state;
  EXPECT_TRUE(op.snapshot(state).has_value());
  std::set<std::string> names;
  for (const KeyGroup group : state.key_groups()) {
    for (const std::string_view each : state.names(group)) names.emplace(each);
  }
  return names;
}

TEST(WindowStates, LeaveNothingOfAWindowThatHasGone) {
  ManualClock clock(EventTime{});
  const auto op = make({});
  ASSERT_TRUE(op->open({"windows", clock}).has_value());
  support::RecordingCollector out(kResults);
  EventBatch batch = support::batch_of(kEvents, {at(1, {"a", 1})});
  support::set_keys(batch, *kEvents, {0});
  ASSERT_TRUE(op->on_batch(std::move(batch), out).has_value());
  ASSERT_TRUE(op->on_watermark(support::ms(9), out).has_value());
  EXPECT_THAT(names_of(*op), testing::IsSupersetOf({"key state firings", "window state firings"}));
  ASSERT_TRUE(op->on_watermark(support::ms(29), out).has_value());
  EXPECT_THAT(names_of(*op), testing::ElementsAre("key state firings", "key state gone"));
}

TEST(WindowStates, AreNotLostInSilence) {
  ManualClock clock(EventTime{});
  const auto before = make({});
  ASSERT_TRUE(before->open({"windows", clock}).has_value());
  support::RecordingCollector out(kResults);
  EventBatch batch = support::batch_of(kEvents, {at(1, {"a", 1})});
  support::set_keys(batch, *kEvents, {0});
  ASSERT_TRUE(before->on_batch(std::move(batch), out).has_value());
  ASSERT_TRUE(before->on_watermark(support::ms(9), out).has_value());
  StateSnapshot state;
  ASSERT_TRUE(before->snapshot(state).has_value());
  const auto after = make({.keeps = Keeps::kNothing});
  ASSERT_TRUE(after->open({"windows", clock}).has_value());
  const auto restored = after->restore(state);
  ASSERT_FALSE(restored.has_value());
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(restored.error().message, HasSubstr("`firings`"));
}

}  // namespace
}  // namespace lymer::runtime
