// The states of one key: none, one, many.
// Not here: what they stand for (tests/cep/running_rule_test.cc).
#include "cep/rule_states.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RuleState state_of(std::uint32_t rule) {
  RuleState state = RuleState::of(RuleIndex(rule));
  state.kind = RuleState::Kind::kFolded;
  state.place = 10 * rule;
  return state;
}

std::vector<std::uint32_t> places(const RuleStates& states) {
  std::vector<std::uint32_t> listed;
  for (const RuleState& each : states.all()) listed.push_back(each.place);
  return listed;
}

TEST(RuleStates, KeepsRulesInOrder) {
  RuleStates states;
  EXPECT_TRUE(states.empty());
  EXPECT_THAT(places(states), IsEmpty());
  states.add(state_of(2));
  EXPECT_FALSE(states.empty());
  EXPECT_THAT(places(states), ElementsAre(20));
  states.add(state_of(0));
  states.add(state_of(1));
  EXPECT_THAT(places(states), ElementsAre(0, 10, 20));
}

TEST(RuleStates, FindsARulesState) {
  RuleStates states;
  EXPECT_EQ(states.find(RuleIndex(2)), nullptr);
  states.add(state_of(2));
  EXPECT_EQ(states.find(RuleIndex(2))->place, 20U);
  EXPECT_EQ(states.find(RuleIndex(1)), nullptr);
  states.add(state_of(4));
  EXPECT_EQ(states.find(RuleIndex(2))->place, 20U);
  EXPECT_EQ(states.find(RuleIndex(4))->place, 40U);
  EXPECT_EQ(states.find(RuleIndex(3)), nullptr);
  EXPECT_EQ(states.find(RuleIndex(5)), nullptr);
}

TEST(RuleStates, TakesStatesOut) {
  RuleStates states;
  states.add(state_of(2));
  states.erase(*states.find(RuleIndex(2)));
  EXPECT_TRUE(states.empty());
  for (const std::uint32_t rule : {1U, 2U, 3U}) states.add(state_of(rule));
  states.erase(*states.find(RuleIndex(2)));
  EXPECT_THAT(places(states), ElementsAre(10, 30));
  states.erase(*states.find(RuleIndex(1)));
  states.erase(*states.find(RuleIndex(3)));
  EXPECT_TRUE(states.empty());
  states.add(state_of(7));
  EXPECT_THAT(places(states), ElementsAre(70));
  states.clear();
  EXPECT_TRUE(states.empty());
}

}  // namespace
}  // namespace lymer::cep
