// Which rules an event can touch, as text: "rule" where it can begin one, "(rule)" where it can
// only touch what is there. Not here: what the rules then do (tests/cep/pattern_operator_test.cc).
#include "cep/event_plan.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "cep/kept_values.h"
#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

class EventPlanTest : public ::testing::Test {
 protected:
  const CompiledPattern& make(PatternSpec spec) {
    compiled_.push_back(
        std::make_unique<CompiledPattern>(compile(Pattern::make(std::move(spec)).value())));
    const CompiledPattern& pattern = *compiled_.back();
    engines_.push_back(std::make_unique<nfa::RuleEngine>(pattern.program, engine_choice(pattern),
                                                         buffers_, false));
    return pattern;
  }
  void add(PatternSpec spec) {
    const CompiledPattern& pattern = make(std::move(spec));
    planner_.add_rule(*engines_.back(), pattern.atoms);
  }
  void put(RuleIndex rule, PatternSpec spec) {
    const CompiledPattern& pattern = make(std::move(spec));
    planner_.put_rule(rule, *engines_.back(), pattern.atoms);
  }

  std::string plan(const std::string& letter) {
    if (!is_open_) planner_.open(schemas_);
    is_open_ = true;
    const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", letter});
    const PlanIndex index =
        planner_.plan_for(runtime::SchemaId(0), runtime::RowView(row, 2), support::ms(1), 1);
    const EventPlan& found =
        index != kNoPlan
            ? planner_.plan(index)
            : planner_.make_plan(runtime::SchemaId(0), runtime::RowView(row, 2), support::ms(1), 1);
    std::string told;
    if (!planner_.is_whole(found)) told = "*";
    bool takes = false;
    for (const PlannedStep& each : found.steps) {
      if (!told.empty()) told += ' ';
      const std::string rule = std::to_string(each.rule.value());
      told += each.begins_runs ? rule : "(" + rule + ")";
      takes = takes || each.takes_event;
    }
    return told + (takes ? " takes" : "");
  }

  const std::vector<runtime::SchemaRef> schemas_{letter_schema()};
  nfa::EventReferences references_;
  nfa::Buffers buffers_{references_};
  std::vector<std::unique_ptr<CompiledPattern>> compiled_;
  std::vector<std::unique_ptr<nfa::RuleEngine>> engines_;
  EventPlanner planner_;
  bool is_open_ = false;
};

TEST_F(EventPlanTest, LeavesOutRulesThatTheEventCannotTouch) {
  add({.stages = {begin("a"), then("b")}});
  add({.stages = {begin("b"), then("c")}});
  EXPECT_EQ(plan("a"), "0 takes");
  EXPECT_EQ(plan("b"), "(0) 1 takes");
  EXPECT_EQ(plan("c"), "(1) takes");
  EXPECT_EQ(plan("x"), "");
  EXPECT_EQ(plan("a"), "0 takes");
}

TEST_F(EventPlanTest, KnowsThatAnyEventEndsAStrictStep) {
  add({.stages = {begin("a"), then("b", Contiguity::kNext)}});
  EXPECT_EQ(plan("x"), "*");
  EXPECT_EQ(plan("a"), "* 0 takes");
}

TEST_F(EventPlanTest, OffersRulesOfEngineEEveryEventWhereTheyHaveRuns) {
  Stage later = then("b");
  later.within_previous = Duration::millis(5);
  add({.stages = {begin("a"), later}});
  add({.stages = {begin("a"), then("b")}});
  EXPECT_EQ(plan("x"), "*");
  EXPECT_EQ(plan("a"), "* 0 1 takes");
  EXPECT_EQ(plan("b"), "* (0) (1) takes");
}

TEST_F(EventPlanTest, BeginsRulesWithoutAConditionWithEveryEvent) {
  Stage any = begin("a");
  any.where = nullptr;
  add({.stages = {begin("a"), then("b")}});
  add({.stages = {any, then("b")}});
  EXPECT_EQ(plan("x"), "1 takes");
  EXPECT_EQ(plan("a"), "0 1 takes");
  EXPECT_EQ(plan("b"), "(0) 1 takes");
}

TEST_F(EventPlanTest, HasRoomForManyRules) {
  const std::string letters = "bcdefghijklmnopqrstuvwxyz";
  for (std::size_t i = 0; i < 500; ++i) {
    add({.stages = {begin("a"), then(std::string(1, letters[i % letters.size()]))}});
  }
  EXPECT_EQ(plan("A"), "");
  std::string all;
  for (int i = 1; i < 500; i += 25) all += " (" + std::to_string(i) + ")";
  EXPECT_EQ(plan("c"), all.substr(1) + " takes");
}

TEST_F(EventPlanTest, PlansAgainWhatItCannotKeep) {
  for (int i = 0; i < 40; ++i) {
    Stage own = begin("a");
    own.where = simple_condition([i](const runtime::RowView&) { return i % 20 == 0; });
    add({.stages = {own, then("b")}});
  }
  EXPECT_EQ(plan("x"), "0 20 takes");
  EXPECT_EQ(plan("x"), "0 20 takes");
}

TEST_F(EventPlanTest, LetsKeysLookForRulesThatAreTooManyToList) {
  for (int i = 0; i < 100; ++i) add({.stages = {begin("a"), then("b")}});
  EXPECT_EQ(plan("b"), "*");
  EXPECT_EQ(planner_.conditions(), 2U);
  const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", "b"});
  const EventPlan crowded =
      planner_.make_plan(runtime::SchemaId(0), runtime::RowView(row, 2), support::ms(1), 1);
  ASSERT_TRUE(planner_.unlisted_step(crowded, RuleIndex(7)).has_value());
  EXPECT_FALSE(planner_.unlisted_step(crowded, RuleIndex(7))->begins_runs);
  EXPECT_FALSE(planner_.unlisted_step({.is_crowded = true}, RuleIndex(7)).has_value());
}

// As a planner that had these rules from the start.
TEST_F(EventPlanTest, RulesMayComeAndGo) {
  const auto word = [](char first, char second) {
    return PatternSpec{.stages = {begin(std::string(1, first)), then(std::string(1, second))}};
  };
  add(word('a', 'b'));
  add(word('b', 'c'));
  EXPECT_EQ(plan("b"), "(0) 1 takes");
  planner_.take_rule(RuleIndex(0));
  planner_.update();
  EXPECT_EQ(plan("a"), "");
  EXPECT_EQ(plan("b"), "1 takes");
  put(RuleIndex(0), word('c', 'd'));
  put(RuleIndex(2), word('d', 'a'));
  planner_.update();
  EXPECT_EQ(plan("a"), "(2) takes");
  EXPECT_EQ(plan("b"), "1 takes");
  EXPECT_EQ(plan("c"), "0 (1) takes");
  EXPECT_EQ(plan("d"), "(0) 2 takes");
}

// So many come that all is indexed anew, a few times.
TEST_F(EventPlanTest, ManyRulesMayComeAndGo) {
  const auto name = [](std::uint32_t number) { return "n" + std::to_string(number); };
  const auto rule = [&](std::uint32_t number) {
    return PatternSpec{.stages = {begin(name(number)), then(name(number + 1))}};
  };
  add(rule(0));
  EXPECT_EQ(plan("n0"), "0 takes");
  constexpr std::uint32_t kRules = 1500;
  for (std::uint32_t i = 1; i < kRules; ++i) {
    put(RuleIndex(i), rule(i));
    if (i >= 10) planner_.take_rule(RuleIndex(i - 10));
    if (i % 50 != 0) continue;
    planner_.update();
    ASSERT_EQ(plan(name(i)), "(" + std::to_string(i - 1) + ") " + std::to_string(i) + " takes");
    ASSERT_EQ(plan(name(i - 11)), "");
  }
  planner_.update();
  EXPECT_LT(planner_.conditions(), 1200U);  // Those of rules that are gone go too.
}

}  // namespace
}  // namespace lymer::cep
