// Aggregates over many rows, over nothing, over nulls and beyond the range.
// Not here: where histories come from (tests/cep/match_history_test.cc).
#include "runtime/expression/aggregate.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/runtime/expression/nodes.h"

namespace lymer::runtime {
namespace {

using support::Cell;
using support::kNull;

const SchemaRef kSchema = support::schema_of(
    {{"n", support::kInteger, true}, {"x", support::kNumber, true}, {"d", support::kLength, true}});

class Aggregate : public ::testing::Test {
 protected:
  std::string over(Op op, Slot slot = 0, HistoryIndex history = 0) {
    Expression expression{.op = op, .type = {}, .history = history};
    if (op != Op::kCount) expression.args = {field(slot, kSchema->fields()[slot].type)};
    EvaluationContext context{.row = {}, .histories = &histories_, .scratch = scratch_};
    return told(expression, context);
  }
  RowHistories histories_{kSchema};
  Scratch scratch_;
};

TEST_F(Aggregate, SumsUpItsRows) {
  histories_.add(0, {3, 0.5, Duration::millis(10)});
  histories_.add(0, {1, 1.0, Duration::millis(30)});
  histories_.add(0, {5, 1.5, Duration::millis(21)});
  EXPECT_EQ(over(Op::kFirst), "3");
  EXPECT_EQ(over(Op::kLast), "5");
  EXPECT_EQ(over(Op::kCount), "3");
  EXPECT_EQ(over(Op::kSum), "9");
  EXPECT_EQ(over(Op::kAvg), "3.0");
  EXPECT_EQ(over(Op::kMin), "1");
  EXPECT_EQ(over(Op::kMax), "5");
  EXPECT_EQ(over(Op::kSum, 1), "3.0");
  EXPECT_EQ(over(Op::kAvg, 1), "1.0");
  EXPECT_EQ(over(Op::kSum, 2), "\"61ms\"");
  EXPECT_EQ(over(Op::kAvg, 2), "\"20ms\"");
  EXPECT_EQ(over(Op::kMax, 2), "\"30ms\"");
}

TEST_F(Aggregate, IsNullOverNothingButACountIsZero) {
  EXPECT_EQ(over(Op::kCount), "0");
  for (const Op op : {Op::kFirst, Op::kLast, Op::kSum, Op::kAvg, Op::kMin, Op::kMax}) {
    EXPECT_EQ(over(op), "null");
  }
}

TEST_F(Aggregate, LeavesNullsOut) {
  histories_.add(0, {kNull});
  histories_.add(0, {4});
  histories_.add(0, {2});
  histories_.add(0, {kNull});
  EXPECT_EQ(over(Op::kCount), "4");  // Of rows.
  EXPECT_EQ(over(Op::kSum), "6");
  EXPECT_EQ(over(Op::kAvg), "3.0");
  EXPECT_EQ(over(Op::kMin), "2");
  EXPECT_EQ(over(Op::kFirst), "null");  // The first row's.
  EXPECT_EQ(over(Op::kSum, 1), "null");
}

TEST_F(Aggregate, CountsASumBeyondTheRangeAsAnError) {
  histories_.add(0, {std::numeric_limits<std::int64_t>::max()});
  histories_.add(0, {1});
  EXPECT_EQ(over(Op::kSum), "null!");
  EXPECT_EQ(over(Op::kAvg), "null!");
  EXPECT_EQ(over(Op::kMax), "9223372036854775807");
}

TEST_F(Aggregate, LooksAtItsOwnHistory) {
  histories_.add(0, {1});
  histories_.add(2, {9});
  EXPECT_EQ(over(Op::kFirst, 0, 2), "9");
  EXPECT_EQ(over(Op::kCount, 0, 1), "0");
}

TEST_F(Aggregate, LeavesTheCurrentRowAsItWas) {
  histories_.add(0, {5});
  const std::vector<std::byte> row = support::row_of(kSchema, {100});
  EvaluationContext context{
      .row = RowView(row, kSchema->size()), .histories = &histories_, .scratch = scratch_};
  const Expression first{.op = Op::kFirst, .type = {}, .args = {field(0, support::kInteger)}};
  EXPECT_EQ(told(node(Op::kSubtract, {field(0, support::kInteger), first}), context), "95");
}

TEST(AggregateDeathTest, NeedsHistories) {
  Scratch scratch;
  EvaluationContext context{.row = {}, .scratch = scratch};
  EXPECT_DEATH((void)evaluate_aggregate(Expression{.op = Op::kCount, .type = {}}, context),
               "without histories");
}

}  // namespace
}  // namespace lymer::runtime
