// Rows of a match carry its time, and ids that a replay gives again.
// Not here: the functions that make them (tests/cep/match_function_test.cc).
#include "cep/match_context.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/path_rig.h"
#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using support::at;
using ::testing::SizeIs;

constexpr runtime::Port kNextPort{4};

class MatchContextTest : public ::testing::Test {
 protected:
  // The ids of two rows on the main output and one on the side.
  std::vector<std::uint64_t> ids_of(const RuleId& rule) {
    rows_ = {};
    sides_ = {};
    const auto path = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a", 1}).from(3, 4));
    const Match match = rig_.match(path, rule, program_);
    context_.begin(match);
    runtime::RowBuilder& row = context_.row();
    row.set(0, runtime::Value::of("x"));
    context_.collect(row);
    context_.output({kFirstSidePort, told_schema()}, row);
    context_.collect(row);
    std::vector<std::uint64_t> ids;
    for (const runtime::EventHeader& header : rows_.headers()) ids.push_back(header.id.offset);
    for (const auto& [port, rows] : sides_.batches) ids.push_back(rows.headers()[0].id.offset);
    return ids;
  }

  PathRig rig_{{payment_schema()}};
  nfa::Program program_;
  runtime::EventBatch rows_;
  SideRows sides_;
  EventTime watermark_ = support::ms(50);
  MatchContext context_{told_schema(), rows_, sides_, watermark_};
};

TEST_F(MatchContextTest, GivesRowsIdsOfTheirOwn) {
  const auto ids = ids_of({"r", 1});
  EXPECT_THAT(std::set<std::uint64_t>(ids.begin(), ids.end()), SizeIs(3));
  EXPECT_EQ(ids_of({"r", 1}), ids);
  EXPECT_NE(ids_of({"r", 2}), ids);
}

TEST_F(MatchContextTest, GivesRowsOnTheSideTheSameIdsWhateverIsOnOtherPorts) {
  const std::uint64_t beside_others = ids_of({"r", 1}).back();
  sides_ = {};
  const auto path = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a", 1}).from(3, 4));
  context_.begin(rig_.match(path, {"r", 1}, program_));
  const runtime::RowBuilder& row = context_.row();
  context_.output({kFirstSidePort, told_schema()}, row);
  context_.output({kNextPort, told_schema()}, row);
  const std::uint64_t alone = sides_.batches[kFirstSidePort].headers()[0].id.offset;
  EXPECT_EQ(alone, beside_others);
  EXPECT_NE(alone, sides_.batches[kNextPort].headers()[0].id.offset);
}

TEST_F(MatchContextTest, GivesRowsTheTimeOfTheMatch) {
  (void)ids_of({"r", 1});
  EXPECT_EQ(rows_.headers()[1].time, support::ms(99));
  EXPECT_EQ(sides_.batches[kFirstSidePort].headers()[0].time, support::ms(99));
  EXPECT_EQ(context_.timestamp(), support::ms(99));
}

TEST_F(MatchContextTest, TellsTheTimesOfTheOperator) {
  EXPECT_EQ(context_.watermark(), support::ms(50));
  watermark_ = support::ms(60);
  EXPECT_EQ(context_.watermark(), support::ms(60));
  const ManualClock clock(support::ms(7));
  context_.set_clock(clock);
  EXPECT_EQ(context_.processing_time(), support::ms(7));
}

TEST_F(MatchContextTest, StartsEachRowAfresh) {
  runtime::RowBuilder& row = context_.row();
  row.set(0, runtime::Value::of("x"));
  EXPECT_TRUE(context_.row().view().is_null(0));
}

}  // namespace
}  // namespace lymer::cep
