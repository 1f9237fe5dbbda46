// Aggregates of partial matches: one step for each event taken, the same values as a walk over all
// of them, and nothing kept for nodes that are gone.
// Not here: the steps themselves (tests/runtime/expression/aggregate_test.cc).
#include "cep/path_aggregates.h"

#include <gtest/gtest.h>

#include "runtime/format/json_writer.h"
#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using support::at;

constexpr runtime::Slot kNumberSlot = 0;
constexpr runtime::Slot kNameSlot = 1;

const runtime::SchemaRef& number_schema() {
  static const runtime::SchemaRef schema = support::schema_of(
      {{"n", support::kInteger, true}, {"name", support::kText, true}}, "numbers");
  return schema;
}

Expression over(Op op, runtime::Slot slot, runtime::HistoryIndex stage) {
  const runtime::Type type = number_schema()->fields()[slot].type;
  Expression aggregate{.op = op, .type = type, .history = stage};
  if (op != Op::kCount) {
    aggregate.args = {Expression{.op = Op::kField, .type = type, .slot = slot}};
  }
  return aggregate;
}

class PathAggregatesTest : public ::testing::Test {
 protected:
  nfa::NodeId take(nfa::NodeId path, std::uint16_t stage, support::Cell number,
                   const std::string& name = "") {
    return rig_.take(path, stage, at(1, {std::move(number), name}));
  }
  std::string value(const Expression& aggregate, nfa::NodeId path, AggregateNumbers* numbers) {
    rig_.history.invalidate();
    rig_.history.set_path(path, numbers);
    runtime::EvaluationContext context{
        .row = {}, .histories = &rig_.history, .scratch = scratch_, .errors = 0};
    std::string told;
    runtime::append_json(told, runtime::evaluate(aggregate, context));
    errors_ = context.errors;
    return told;
  }
  // The value as kept, which must be that of a walk.
  std::string kept(const Expression& aggregate, nfa::NodeId path) {
    const std::string walked = value(aggregate, path, nullptr);
    const std::uint64_t errors = errors_;
    EXPECT_EQ(value(aggregate, path, &numbers_), walked);
    EXPECT_EQ(errors_, errors);
    return walked;
  }
  [[nodiscard]] std::uint64_t steps() const { return rig_.history.aggregates().steps(); }

  PathRig rig_{{number_schema()}};
  AggregateNumbers numbers_;
  runtime::Scratch scratch_;
  std::uint64_t errors_ = 0;
};

TEST_F(PathAggregatesTest, AreThoseOfTheStage) {
  const auto a = take(nfa::kNoNode, 0, 100, "zoe");
  const auto b1 = take(a, 1, 7, "bob");
  const auto b2 = take(b1, 1, 3, "ann");
  const auto c = take(b2, 2, 50, "cid");
  EXPECT_EQ(kept(over(Op::kCount, 0, 1), c), "2");
  EXPECT_EQ(kept(over(Op::kSum, kNumberSlot, 1), c), "10");
  EXPECT_EQ(kept(over(Op::kFirst, kNumberSlot, 1), c), "7");
  EXPECT_EQ(kept(over(Op::kLast, kNumberSlot, 1), c), "3");
  EXPECT_EQ(kept(over(Op::kMin, kNameSlot, 1), c), R"("ann")");
  EXPECT_EQ(kept(over(Op::kMax, kNameSlot, 1), c), R"("bob")");
  EXPECT_EQ(kept(over(Op::kMax, kNumberSlot, 0), c), "100");
  EXPECT_EQ(kept(over(Op::kSum, kNumberSlot, 3), c), "null");
}

TEST_F(PathAggregatesTest, LeaveNullsOutButTakeAFirstOrLastNull) {
  const auto a = take(nfa::kNoNode, 0, support::kNull);
  const auto b = take(a, 0, 4);
  const auto c = take(b, 0, support::kNull);
  EXPECT_EQ(kept(over(Op::kFirst, kNumberSlot, 0), c), "null");
  EXPECT_EQ(kept(over(Op::kLast, kNumberSlot, 0), c), "null");
  EXPECT_EQ(kept(over(Op::kMin, kNumberSlot, 0), c), "4");
  EXPECT_EQ(kept(over(Op::kSum, kNumberSlot, 0), c), "4");
  EXPECT_EQ(kept(over(Op::kAvg, kNumberSlot, 0), c), "4.0");
  EXPECT_EQ(kept(over(Op::kCount, kNumberSlot, 0), c), "3");
}

TEST_F(PathAggregatesTest, StayOutOfRange) {
  const auto a = take(nfa::kNoNode, 0, std::numeric_limits<std::int64_t>::max());
  const auto b = take(a, 0, 1);
  const auto c = take(b, 0, -5);
  const Expression sum = over(Op::kSum, kNumberSlot, 0);
  EXPECT_EQ(kept(sum, c), "null");
  EXPECT_EQ(errors_, 1U);
  EXPECT_EQ(kept(sum, a), "9223372036854775807");
}

// The point of it: as many steps as events, however often one asks and however long it gets.
TEST_F(PathAggregatesTest, CostOneStepAnEvent) {
  constexpr std::int64_t kEvents = 100'000;
  const Expression sum = over(Op::kSum, kNumberSlot, 0);
  nfa::NodeId path = nfa::kNoNode;
  for (std::int64_t i = 1; i <= kEvents; ++i) {
    const nfa::NodeId longer = take(path, 0, 1);
    if (path != nfa::kNoNode) rig_.buffer.release(path);
    path = longer;
    ASSERT_EQ(value(sum, path, &numbers_), std::to_string(i));
    ASSERT_EQ(value(sum, path, &numbers_), std::to_string(i));
  }
  EXPECT_EQ(steps(), static_cast<std::uint64_t>(kEvents));
  // Asked for the first time at the end, another one is worked out at once and then kept.
  const Expression count = over(Op::kCount, kNumberSlot, 0);
  EXPECT_EQ(value(count, path, &numbers_), std::to_string(kEvents));
  EXPECT_EQ(value(count, path, &numbers_), std::to_string(kEvents));
  EXPECT_EQ(steps(), 2 * static_cast<std::uint64_t>(kEvents));
}

TEST_F(PathAggregatesTest, AreSharedByBranches) {
  const Expression sum = over(Op::kSum, kNumberSlot, 0);
  auto stem = take(nfa::kNoNode, 0, 1);
  for (int i = 0; i < 9; ++i) stem = take(stem, 0, 1);
  EXPECT_EQ(kept(sum, stem), "10");
  EXPECT_EQ(kept(sum, take(stem, 0, 5)), "15");
  EXPECT_EQ(kept(sum, take(stem, 0, 7)), "17");
  EXPECT_EQ(steps(), 12U);
}

TEST_F(PathAggregatesTest, GoWithTheirNodes) {
  const Expression sum = over(Op::kSum, kNumberSlot, 0);
  const auto before = take(nfa::kNoNode, 0, 1);
  EXPECT_EQ(kept(sum, before), "1");
  EXPECT_EQ(rig_.history.aggregates().kept_nodes(), 1U);
  rig_.buffer.release(before);
  rig_.events.collect();
  EXPECT_EQ(rig_.history.aggregates().kept_nodes(), 0U);
  const auto after = take(nfa::kNoNode, 0, 2);
  ASSERT_EQ(after, before);
  EXPECT_EQ(kept(sum, after), "2");
  EXPECT_EQ(rig_.history.aggregates().kept_nodes(), 1U);
}

TEST_F(PathAggregatesTest, AreWalkedWhereTheirArgumentReadsHistories) {
  // What an event adds depends on events that came after it.
  Expression nested = over(Op::kSum, kNumberSlot, 0);
  nested.args = {over(Op::kLast, kNumberSlot, 0)};
  const auto a = take(nfa::kNoNode, 0, 1);
  const auto b = take(a, 0, 5);
  EXPECT_EQ(kept(nested, a), "1");
  EXPECT_EQ(kept(nested, b), "10");
  EXPECT_FALSE(numbers_.number_of(nested).has_value());
}

TEST_F(PathAggregatesTest, AreNumberedByRule) {
  const Expression sum = over(Op::kSum, kNumberSlot, 0);
  const Expression count = over(Op::kCount, kNumberSlot, 0);
  AggregateNumbers others;
  EXPECT_EQ(numbers_.number_of(sum), 0U);
  EXPECT_EQ(numbers_.number_of(count), 1U);
  EXPECT_EQ(numbers_.number_of(sum), 0U);
  EXPECT_EQ(others.number_of(count), 0U);
}

}  // namespace
}  // namespace lymer::cep
