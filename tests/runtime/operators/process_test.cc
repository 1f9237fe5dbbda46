// Functions with state, timers and side outputs. Every case runs in all ways of the harness.
// Not here: kinds of state (tests/runtime/state/keyed_state_test.cc).
#include "runtime/operators/process.h"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::verify;
using support::watermark;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});
constexpr Type kInt{TypeKind::kInt};
constexpr Port kSide{1};

std::vector<std::byte> row_of_key(StateBytes key, std::int64_t number) {
  RowBuilder row(kEvents);
  std::vector<Value> values;
  EXPECT_TRUE(read_key(key, values));
  row.set(0, values.at(0));
  row.set(1, Value::of(number));
  return {row.bytes().begin(), row.bytes().end()};
}

// Tells how many events a key has had once it is quiet for 10 ms, and of each large one at once.
class Quiet final : public ProcessFunction {
 public:
  explicit Quiet(TimeDomain domain) : domain_(domain) {}

  Result<void> open(KeyedState& state) override {
    count_.emplace(state.value<std::int64_t>("count"));
    alarm_.emplace(state.value<EventTime>("alarm"));
    return {};
  }
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    count_->update(count_->get().value_or(0) + 1);
    if (const auto alarm = alarm_->get()) context.remove_timer(domain_, *alarm);
    const bool by_clock = domain_ == TimeDomain::kProcessingTime;
    const EventTime now = by_clock ? context.current_processing_time() : event.header.time;
    alarm_->update(now + Duration::millis(10));
    context.set_timer(domain_, *alarm_->get());
    if (event.row.get(1, kInt).as_int() < 100) return {};
    context.emit(kSide, event.header.time, event.row.bytes());
    context.emit(kSide, event.header.time, row_of_key(context.current_key(), 0));
    return {};
  }
  Result<void> on_timer(TimeDomain, EventTime time, ProcessContext& context) override {
    context.emit(kMainPort, time, row_of_key(context.current_key(), *count_->get()));
    count_->clear();
    alarm_->clear();
    return {};
  }

 private:
  TimeDomain domain_;
  std::optional<ValueState<std::int64_t>> count_;
  std::optional<ValueState<EventTime>> alarm_;
};

support::OperatorVerification quiet(TimeDomain domain) {
  const auto make = [domain] {
    return std::make_unique<ProcessOperator>(std::vector<KeyedInput>{{kEvents, SchemaId(0), {0}}},
                                             SchemaId(0), std::make_unique<Quiet>(domain));
  };
  return verify(
      make, {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}, {kSide, kEvents}}});
}

TEST(ProcessOperator, RunsTimersOfEventTime) {
  quiet(TimeDomain::kEventTime)
      .input({at(1, {"a", 1}), at(2, {"b", 1}), watermark(10), at(8, {"a", 1}), watermark(17),
              watermark(18), support::end_of_input()})
      .expect({"watermark 10", R"(@12 {"user":"b","n":1})", "watermark 17",
               R"(@18 {"user":"a","n":2})", "watermark 18", "end of input"});
}

TEST(ProcessOperator, RunsTimersOfTheClock) {
  quiet(TimeDomain::kProcessingTime)
      .input({at(50, {"a", 1}), watermark(1000), support::timer(9), support::timer(10)})
      .expect({"watermark 1000", R"(@10 {"user":"a","n":1})"});
}

TEST(ProcessOperator, HasOtherOutputs) {
  quiet(TimeDomain::kEventTime)
      .input({at(1, {"a", 100}), at(2, {"b", 1})})
      .expect({}, {{kSide, {R"(@1 {"user":"a","n":100})", R"(@1 {"user":"a","n":0})"}}});
}

// Two inputs: the sum of the first where the second one asks for it.
class Asked final : public ProcessFunction {
 public:
  Result<void> open(KeyedState& state) override {
    sum_.emplace(state.value<std::int64_t>("sum"));
    return {};
  }
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    if (event.input == 0) {
      sum_->update(sum_->get().value_or(0) + event.row.get(1, kInt).as_int());
    } else {
      context.emit(kMainPort, event.header.time,
                   row_of_key(context.current_key(), sum_->get().value_or(0)));
    }
    return {};
  }

 private:
  std::optional<ValueState<std::int64_t>> sum_;
};

TEST(ProcessOperator, TellsItsInputsApart) {
  const SchemaRef questions = support::schema_of({{"user", support::kText}});
  const auto make = [questions] {
    return std::make_unique<ProcessOperator>(
        std::vector<KeyedInput>{{kEvents, SchemaId(0), {0}}, {questions, SchemaId(1), {0}}},
        SchemaId(0), std::make_unique<Asked>());
  };
  verify(make, {.input = kEvents,
                .key = {0},
                .outputs = {{kMainPort, kEvents}},
                .others = {{questions, {0}}}})
      .input({at(1, {"a", 3}), at(2, {"a"}).of(1), at(3, {"a", 4}), at(4, {"b"}).of(1),
              at(5, {"a"}).of(1)})
      .expect({R"(@2 {"user":"a","n":3})", R"(@4 {"user":"b","n":0})", R"(@5 {"user":"a","n":7})"});
}

// Events above the limit of their user, which a broadcast stream tells.
class Limited final : public ProcessFunction {
 public:
  void open_operator_state(OperatorState& state) override {
    limits_.emplace(state.table("limits", Redistribution::kBroadcast));
    seen_.emplace(state.table("seen", Redistribution::kSplit));
  }
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    const std::string user(event.row.get(0, {TypeKind::kString}).as_string());
    const std::int64_t n = event.row.get(1, kInt).as_int();
    if (event.input == 1) {
      limits_->put(user, n);
      seen_->add(n);
      return {};
    }
    if (n <= limits_->get(user).value_or(0)) return {};
    context.emit(kMainPort, event.header.time,
                 row_of_key(context.current_key(), static_cast<std::int64_t>(seen_->get().size())));
    return {};
  }

 private:
  std::optional<BroadcastState<std::string, std::int64_t>> limits_;
  std::optional<OperatorListState<std::int64_t>> seen_;
};

TEST(ProcessOperator, SharesWhatABroadcastStreamSays) {
  const SchemaRef limits =
      support::schema_of({{"user", support::kText}, {"limit", support::kInteger}});
  const auto make = [limits] {
    return std::make_unique<ProcessOperator>(
        std::vector<KeyedInput>{{kEvents, SchemaId(0), {0}}, {limits, SchemaId(1), {}}},
        SchemaId(0), std::make_unique<Limited>(), 1);
  };
  verify(
      make,
      {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}}, .others = {{limits, {}}}})
      .input({at(1, {"a", 3}), at(2, {"a", 5}).of(1), at(3, {"a", 5}), at(4, {"a", 6}),
              at(5, {"a", 9}).of(1), at(6, {"a", 6}), at(7, {"b", 1})})
      .expect({R"(@1 {"user":"a","n":0})", R"(@4 {"user":"a","n":1})", R"(@7 {"user":"b","n":2})"});
}

}  // namespace
}  // namespace lymer::runtime
