// Which rules an event can touch, as text: "rule" where it can begin one, "(rule)" where it can
// only touch what is there. Not here: what the rules then do (tests/cep/pattern_operator_test.cc).
#include "cep/event_plan.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

class EventPlanTest : public ::testing::Test {
 protected:
  void add(PatternSpec spec) {
    compiled_.push_back(
        std::make_unique<CompiledPattern>(compile(Pattern::make(std::move(spec)).value())));
    const CompiledPattern& pattern = *compiled_.back();
    engines_.push_back(std::make_unique<nfa::RuleEngine>(pattern.program, engine_choice(pattern),
                                                         buffers_, false));
    planner_.add_rule(*engines_.back(), pattern.atoms);
  }

  std::string plan(const std::string& letter) {
    if (!is_open_) planner_.open(schemas_);
    is_open_ = true;
    const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", letter});
    const PlanIndex index =
        planner_.plan_for(runtime::SchemaId(0), runtime::RowView(row, 2), support::ms(1), 1);
    const EventPlan& found = planner_.plan(index);
    std::string told;
    for (const PlannedStep& each : found.steps) {
      if (!told.empty()) told += ' ';
      const std::string rule = std::to_string(each.rule.value());
      told += each.begins_runs ? rule : "(" + rule + ")";
    }
    return told + (found.takes_event ? " takes" : "");
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
  EXPECT_EQ(plan("x"), "(0)");
  EXPECT_EQ(plan("a"), "0 takes");
}

TEST_F(EventPlanTest, GivesRulesOfEngineEEveryEvent) {
  Stage later = then("b");
  later.within_previous = Duration::millis(5);
  add({.stages = {begin("a"), later}});
  add({.stages = {begin("a"), then("b")}});
  EXPECT_EQ(plan("x"), "0 takes");
  EXPECT_EQ(plan("b"), "0 (1) takes");
}

TEST_F(EventPlanTest, GivesRulesBeyondItsRoomEveryEvent) {
  for (int i = 0; i < 33; ++i) add({.stages = {begin("a"), then("b")}});
  EXPECT_EQ(plan("x"), "32 takes");
}

}  // namespace
}  // namespace lymer::cep
