// The states of one key: none, one, many.
// Not here: what they stand for (tests/cep/running_rule_test.cc).
#include "cep/rule_states.h"

#include <random>
#include <set>
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
  std::vector<RuleIndex> rules;
  states.list(rules);
  for (const RuleIndex each : rules) listed.push_back(states.find(each)->place);
  return listed;
}

TEST(RuleStates, KeepsRulesInOrder) {
  nfa::StateMemory memory;
  RuleStates states;
  EXPECT_TRUE(states.empty());
  EXPECT_THAT(places(states), IsEmpty());
  states.add(state_of(2), memory);
  EXPECT_FALSE(states.empty());
  EXPECT_THAT(places(states), ElementsAre(20));
  states.add(state_of(0), memory);
  states.add(state_of(1), memory);
  EXPECT_THAT(places(states), ElementsAre(0, 10, 20));
}

TEST(RuleStates, FindsARulesState) {
  nfa::StateMemory memory;
  RuleStates states;
  EXPECT_EQ(states.find(RuleIndex(2)), nullptr);
  states.add(state_of(2), memory);
  EXPECT_EQ(states.find(RuleIndex(2))->place, 20U);
  EXPECT_EQ(states.find(RuleIndex(1)), nullptr);
  states.add(state_of(4), memory);
  EXPECT_EQ(states.find(RuleIndex(2))->place, 20U);
  EXPECT_EQ(states.find(RuleIndex(4))->place, 40U);
  EXPECT_EQ(states.find(RuleIndex(3)), nullptr);
  EXPECT_EQ(states.find(RuleIndex(5)), nullptr);
}

TEST(RuleStates, TakesStatesOut) {
  nfa::StateMemory memory;
  RuleStates states;
  states.add(state_of(2), memory);
  states.erase(*states.find(RuleIndex(2)));
  EXPECT_TRUE(states.empty());
  for (const std::uint32_t rule : {1U, 2U, 3U}) states.add(state_of(rule), memory);
  states.erase(*states.find(RuleIndex(2)));
  EXPECT_THAT(places(states), ElementsAre(10, 30));
  states.erase(*states.find(RuleIndex(1)));
  states.erase(*states.find(RuleIndex(3)));
  EXPECT_TRUE(states.empty());
  states.add(state_of(7), memory);
  EXPECT_THAT(places(states), ElementsAre(70));
  states.clear(memory);
  EXPECT_TRUE(states.empty());
}

TEST(RuleStates, FindsEachOfManyWhileTheyComeAndGo) {
  nfa::StateMemory memory;
  RuleStates states;
  std::set<std::uint32_t> expected;
  std::minstd_rand random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto rule = static_cast<std::uint32_t>(random() % 300);
    RuleState* const known = states.find(RuleIndex(rule));
    ASSERT_EQ(known != nullptr, expected.contains(rule));
    if (known == nullptr) {
      states.add(state_of(rule), memory);
      expected.insert(rule);
    } else {
      ASSERT_EQ(known->place, 10 * rule);
      states.erase(*known);
      expected.erase(rule);
    }
    ASSERT_EQ(states.empty(), expected.empty());
  }
  std::vector<std::uint32_t> in_order;
  for (const std::uint32_t each : expected) in_order.push_back(10 * each);
  EXPECT_EQ(places(states), in_order);
  states.clear(memory);
  EXPECT_TRUE(states.empty());
  EXPECT_EQ(memory.used_bytes(), 0U);
}

}  // namespace
}  // namespace lymer::cep
