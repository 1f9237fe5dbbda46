// Stages and fields by name, over events of one stream and of several.
// Not here: keeping what they come to (tests/cep/path_aggregates_test.cc).
#include "cep/stage_events.h"

#include <gtest/gtest.h>

#include "runtime/format/json_writer.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using runtime::Op;
using support::at;

// Both streams have an amount, at other slots; only one has a note; `mark` is of two types.
const runtime::SchemaRef kPayments = support::schema_of(
    {{"amount", support::kInteger, true}, {"mark", support::kText, true}}, "payments");
const runtime::SchemaRef kRefunds = support::schema_of({{"note", support::kText, true},
                                                        {"amount", support::kInteger, true},
                                                        {"mark", support::kInteger, true}},
                                                       "refunds");

class StageEventsTest : public ::testing::Test {
 protected:
  nfa::NodeId pay(nfa::NodeId path, std::uint16_t stage, support::Cell amount) {
    return rig_.take(path, stage, at(1, {std::move(amount), "m"}));
  }
  nfa::NodeId refund(nfa::NodeId path, std::uint16_t stage, support::Cell amount) {
    support::EventDraft draft = at(2, {"n", std::move(amount), 5});
    draft.schema = runtime::SchemaId(1);
    return rig_.take(path, stage, draft);
  }
  std::string value(Op op, std::string_view stage, std::string_view field) {
    runtime::EvaluationContext context{.row = {}, .histories = &rig_.history, .scratch = scratch_};
    std::string told;
    runtime::append_json(told, stages_.aggregate(op, stage, field, context));
    return told;
  }

  PathRig rig_{{kPayments, kRefunds}};
  AggregateNumbers numbers_;
  StageEvents stages_{{"first", "rest"}, rig_.history, numbers_};
  runtime::Scratch scratch_;
};

TEST_F(StageEventsTest, AreEmptyBeforeTheFirstEvent) {
  rig_.history.set_path(nfa::kNoNode);
  EXPECT_TRUE(stages_.events("first").empty());
  EXPECT_EQ(value(Op::kCount, "first", ""), "0");
  EXPECT_EQ(value(Op::kSum, "first", "amount"), "null");
}

TEST_F(StageEventsTest, AreListedByName) {
  const auto path = refund(pay(pay(nfa::kNoNode, 0, 1), 1, 2), 1, 3);
  rig_.history.set_path(path);
  ASSERT_EQ(stages_.events("first").size(), 1U);
  ASSERT_EQ(stages_.events("rest").size(), 2U);
  EXPECT_EQ(stages_.events("rest")[0]["amount"].as_int(), 2);
  EXPECT_EQ(stages_.events("rest")[1]["amount"].as_int(), 3);
  EXPECT_EQ(stages_.events("rest")[1].schema().name(), "refunds");
  EXPECT_EQ(stages_.events("rest")[1].time(), support::ms(2));
  EXPECT_TRUE(stages_.events("other").empty());
}

TEST_F(StageEventsTest, AggregateTheFieldOfEachEventsStream) {
  const auto path = pay(refund(pay(nfa::kNoNode, 1, 10), 1, 3), 1, 7);
  rig_.history.set_path(path);
  EXPECT_EQ(value(Op::kSum, "rest", "amount"), "20");
  EXPECT_EQ(value(Op::kMin, "rest", "amount"), "3");
  EXPECT_EQ(value(Op::kMax, "rest", "amount"), "10");
  EXPECT_EQ(value(Op::kFirst, "rest", "amount"), "10");
  EXPECT_EQ(value(Op::kLast, "rest", "amount"), "7");
  EXPECT_EQ(value(Op::kCount, "rest", ""), "3");
  EXPECT_EQ(value(Op::kAvg, "rest", "amount").substr(0, 4), "6.66");
}

TEST_F(StageEventsTest, LeaveOutWhatDoesNotFit) {
  const auto path = refund(pay(nfa::kNoNode, 1, 10), 1, 3);
  rig_.history.set_path(path);
  EXPECT_EQ(value(Op::kLast, "rest", "note"), R"("n")");
  EXPECT_EQ(value(Op::kFirst, "rest", "note"), "null");
  EXPECT_EQ(value(Op::kSum, "rest", "note"), "null");
  EXPECT_EQ(value(Op::kSum, "rest", "nonsense"), "null");
  EXPECT_EQ(value(Op::kMax, "rest", "mark"), R"("m")");  // The type of the first stream holds.
  EXPECT_EQ(value(Op::kCount, "nonsense", ""), "0");
  EXPECT_EQ(value(Op::kLast, "nonsense", "amount"), "null");
}

TEST_F(StageEventsTest, AskForAnAggregateUnderOneNumber) {
  const auto path = pay(pay(nfa::kNoNode, 0, 1), 0, 2);
  rig_.history.set_path(path);
  EXPECT_EQ(value(Op::kSum, "first", "amount"), "3");
  EXPECT_EQ(value(Op::kSum, "first", "amount"), "3");
  EXPECT_EQ(rig_.history.aggregates().steps(), 2U);
}

}  // namespace
}  // namespace lymer::cep
