// The identity of matches is frozen: results that were delivered once are told apart by it.
// Not here: that the operator numbers equal matches (tests/cep/running_rule_test.cc).
#include "cep/match.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using support::at;

class MatchId : public ::testing::Test {
 protected:
  // A match of two events of split 1, at offsets that can be chosen.
  std::string id(const RuleId& rule, std::uint64_t first, std::uint64_t second,
                 std::uint16_t second_stage = 1, std::uint32_t ordinal = 0) {
    const auto a = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a"}).from(1, first));
    const auto b = rig_.take(a, second_stage, at(5, {"u", "b"}).from(1, second));
    Match match = rig_.match(b, rule, program_);
    match.ordinal = ordinal;
    return match_id(match);
  }
  nfa::Program program_;
  PathRig rig_{{letter_schema()}};
};

TEST_F(MatchId, IsFrozen) {
  EXPECT_EQ(id({"guessing", 1}, 10, 20), "adcd09c8ade8a7589ecd94f7d8fd1fea");
}

TEST_F(MatchId, DependsOnAllThatMakesAMatch) {
  const std::set<std::string> ids = {
      id({"r", 1}, 10, 20),       id({"s", 1}, 10, 20), id({"r", 2}, 10, 20),
      id({"r", 1}, 10, 21),       id({"r", 1}, 11, 20), id({"r", 1}, 10, 20, 2),
      id({"r", 1}, 10, 20, 1, 1),
  };
  EXPECT_EQ(ids.size(), 7U);
}

TEST_F(MatchId, DoesNotDependOnWhereTheMatchLies) {
  EXPECT_EQ(id({"r", 1}, 10, 20), id({"r", 1}, 10, 20));
}

TEST_F(MatchId, KnowsTheTimesOfItsEvents) {
  const RuleId rule{"r", 1};
  const auto a = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  const auto b = rig_.take(a, 1, at(5, {"u", "b"}));
  const Match match = rig_.match(b, rule, program_);
  EXPECT_EQ(match.first_time(), support::ms(1));
  EXPECT_EQ(match.last_time(), support::ms(5));
  EXPECT_EQ(match.event(1).time, support::ms(5));
}

TEST_F(MatchId, GivesStagesInTheOrderOfTheirFirstEvents) {
  const RuleId rule{"r", 1};
  program_.stages = {"one", "two", "none", "three"};
  auto path = rig_.take(nfa::kNoNode, 3, at(1, {"u", "a"}));  // A loop of a group may do that.
  path = rig_.take(path, 0, at(2, {"u", "b"}));
  path = rig_.take(path, 3, at(3, {"u", "c"}));
  path = rig_.take(path, 1, at(4, {"u", "d"}));
  const Match match = rig_.match(path, rule, program_);
  std::string told;
  for (const StageMatch& each : match.stages()) {
    told += each.stage + ":";
    for (const EventView& event : each.events) told += event["letter"].as_string();
    told += " ";
  }
  EXPECT_EQ(told, "three:ac one:b two:d ");
  EXPECT_EQ(match.events("three").size(), 2U);
  EXPECT_EQ(match.events("three")[1].time(), support::ms(3));
  EXPECT_TRUE(match.events("none").empty());
  EXPECT_TRUE(match.events("other").empty());
}

}  // namespace
}  // namespace lymer::cep
