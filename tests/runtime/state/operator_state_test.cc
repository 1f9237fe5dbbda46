// State of whole subtasks: lists and broadcast maps, snapshots, and other numbers of subtasks.
// Not here: functions that use it (tests/runtime/operators/process_test.cc).
#include "runtime/state/operator_state.h"

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const SchemaRef kNumbers = support::schema_of({{"n", support::kInteger}});
using List = OperatorListState<std::int64_t>;
using Limits = BroadcastState<std::string, std::int64_t>;

StateSnapshot snapshot_of(const OperatorState& state) {
  StateSnapshot snapshot;
  state.snapshot(snapshot);
  return snapshot;
}

TEST(OperatorState, KeepsElementsInOrder) {
  OperatorState state;
  List list(state.table("list", Redistribution::kSplit));
  list.add(3);
  list.add(1);
  EXPECT_THAT(list.get(), ElementsAre(3, 1));
  EXPECT_THAT(List(state.table("list", Redistribution::kSplit)).get(), ElementsAre(3, 1));
  list.update({7});
  EXPECT_THAT(list.get(), ElementsAre(7));
  list.clear();
  EXPECT_THAT(list.get(), IsEmpty());
}

TEST(OperatorState, ComesBackFromASnapshot) {
  OperatorState state;
  List(state.table("list", Redistribution::kUnion)).update({3, 1});
  Limits limits(state.table("limits", Redistribution::kBroadcast));
  state.set_writable(true);
  limits.put("b", 2);
  limits.put("a", 1);
  limits.put("c", 3);
  limits.remove("b");
  OperatorState restored;
  ASSERT_TRUE(restored.restore(snapshot_of(state)));
  EXPECT_THAT(List(restored.table("list", Redistribution::kUnion)).get(), ElementsAre(3, 1));
  EXPECT_THAT(Limits(restored.table("limits", Redistribution::kBroadcast)).entries(),
              ElementsAre(Pair("a", 1), Pair("c", 3)));
  EXPECT_EQ(snapshot_of(restored), snapshot_of(state));
  EXPECT_TRUE(OperatorState().restore(StateSnapshot()));
}

TEST(OperatorState, RefusesBytesThatWereCut) {
  OperatorState state;
  List(state.table("list", Redistribution::kUnion)).update({3, 1});
  const StateSnapshot good = snapshot_of(state);
  const auto whole = good.get_operator_state("operator state").value();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    StateSnapshot cut;
    cut.put_operator_state("operator state",
                           {whole.begin(), whole.begin() + static_cast<long>(length)});
    OperatorState restored;
    EXPECT_FALSE(restored.restore(cut)) << length;
  }
}

TEST(OperatorState, RefusesAnotherRedistribution) {
  OperatorState state;
  List(state.table("list", Redistribution::kUnion)).update({3});
  OperatorState other;
  (void)other.table("list", Redistribution::kSplit);
  const auto restored = other.restore(snapshot_of(state));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
}

TEST(OperatorState, IsSpreadOverOtherSubtasks) {
  StateSnapshot all_wrote;
  for (const std::int64_t first : {0, 10}) {
    OperatorState state;
    state.set_writable(true);
    List(state.table("split", Redistribution::kSplit)).update({first, first + 1, first + 2});
    List(state.table("union", Redistribution::kUnion)).update({first});
    (void)state.table("limits", Redistribution::kBroadcast);
    state.set_writable(true);
    Limits(state.table("limits", Redistribution::kBroadcast)).put("a", 1);
    all_wrote.merge(snapshot_of(state), [](KeyGroup) { return true; });
  }
  std::vector<std::int64_t> all;
  for (std::size_t subtask = 0; subtask < 4; ++subtask) {
    OperatorState each;
    ASSERT_TRUE(each.restore(all_wrote, {subtask, 4}));
    const auto part = List(each.table("split", Redistribution::kSplit)).get();
    EXPECT_GE(part.size(), 1U);
    EXPECT_LE(part.size(), 2U);
    all.insert(all.end(), part.begin(), part.end());
    EXPECT_THAT(List(each.table("union", Redistribution::kUnion)).get(), ElementsAre(0, 10));
    EXPECT_THAT(Limits(each.table("limits", Redistribution::kBroadcast)).entries(),
                ElementsAre(Pair("a", 1)));
  }
  EXPECT_THAT(all, UnorderedElementsAre(0, 1, 2, 10, 11, 12));
}

TEST(OperatorStateDeathTest, RefusesToWriteWhereSubtasksWouldDiffer) {
  OperatorState state;
  Limits limits(state.table("limits", Redistribution::kBroadcast));
  EXPECT_DEATH(limits.put("a", 1), "subtasks would differ");
}

// Tells, once all is there, what each subtask knows.
class Knows final : public ProcessFunction {
 public:
  void open_operator_state(OperatorState& state) override {
    limit_.emplace(state.table("limit", Redistribution::kBroadcast));
  }
  Result<void> on_event(const EventView& event, ProcessContext& context) override {
    if (event.input == 0) {
      context.set_timer(TimeDomain::kEventTime, support::ms(1'000'000));
    } else {
      limit_->put(0, event.row.get(0, support::kInteger).as_int());
    }
    return {};
  }
  Result<void> on_timer(TimeDomain, EventTime time, ProcessContext& context) override {
    context.emit(kMainPort, time, support::row_of(kNumbers, {limit_->get(0).value_or(-1)}));
    return {};
  }

 private:
  std::optional<BroadcastState<std::int64_t, std::int64_t>> limit_;
};

TEST(OperatorState, IsTheSameInAllSubtasksBehindABroadcast) {
  StreamJob job;
  const Stream limits = job.from_rows(
      "limits", kNumbers, {{support::ms(0), support::row_of(kNumbers, {std::int64_t{90}})}});
  const Stream events = job.generate(
      "events", kNumbers, [](std::uint64_t number, RowBuilder& event, EventTime& time) {
        event.set(0, Value::of(static_cast<std::int64_t>(number % 100)));
        time = support::ms(static_cast<std::int64_t>(number));
        return number < 5000;
      });
  std::mutex mutex;
  std::vector<std::int64_t> known;
  events.key_by({0})
      .connect_broadcast_and_process("knows", limits, kNumbers,
                                     [] { return std::make_unique<Knows>(); })
      .for_each("collect", [&](const EventView& event) {
        const std::lock_guard lock(mutex);
        known.push_back(event.row.get(0, support::kInteger).as_int());
      });
  SystemClock clock;
  ASSERT_TRUE(job.run(clock, 3, {.workers = 2}));
  EXPECT_EQ(known, std::vector<std::int64_t>(100, 90)) << "one for each key";
}

}  // namespace
}  // namespace lymer::runtime
