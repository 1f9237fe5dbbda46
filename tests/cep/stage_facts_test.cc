// What is known of the events taken, state by state.
// Not here: what is made of it (tests/cep/kept_values_test.cc).
#include "cep/stage_facts.h"

#include <string>

#include <gtest/gtest.h>

#include "cep/pattern.h"
#include "tests/cep/payment_expressions.h"

namespace lymer::cep {
namespace {

using runtime::Op;

constexpr runtime::HistoryIndex kStart = 0;
constexpr runtime::HistoryIndex kUp = 1;

Stage stage(std::string name, ConditionRef where, Contiguity contiguity = Contiguity::kFollowedBy) {
  return {.name = std::move(name), .contiguity = contiguity, .where = std::move(where)};
}

CompiledPattern rising(bool optional_up) {
  const Expression before = node(Op::kCoalesce, {last_amount(kUp), last_amount(kStart)});
  Stage up = stage("up", holds(node(Op::kGreater, {amount(), before})));
  up.quantifier = {.minimum = 1, .maximum = std::nullopt, .optional = optional_up};
  const PatternSpec spec{
      .stages = {stage("start", nullptr, Contiguity::kBegin), up, stage("down", of_kind("b"))}};
  return compile(Pattern::make(spec).value());
}

// The states in which the value is known not to be null.
std::vector<std::string> states_with(const CompiledPattern& pattern, const Expression& expression) {
  const StageFacts facts(pattern);
  std::vector<std::string> labels;
  for (std::uint16_t i = 0; i < pattern.program.states.size(); ++i) {
    const nfa::State& state = pattern.program.states[i];
    const bool is_end = state.kind == nfa::StateKind::kFinal;
    if (!is_end && facts.has_value(expression, nfa::StateIndex(i))) labels.push_back(state.label);
  }
  return labels;
}

TEST(StageFacts, KnowThatAnEventWasTakenForItsField) {
  const CompiledPattern pattern = rising(false);
  EXPECT_FALSE(states_with(pattern, last_amount(kUp)).empty());
  EXPECT_LT(states_with(pattern, last_amount(kUp)).size(), pattern.program.states.size() - 2);
}

TEST(StageFacts, KnowNothingOfFieldsThatNoConditionAsksFor) {
  const CompiledPattern pattern = rising(false);
  EXPECT_TRUE(states_with(pattern, last_amount(kStart)).empty());
  EXPECT_TRUE(states_with(pattern, over(Op::kLast, payer(), kUp)).empty());
}

TEST(StageFacts, KnowNothingWhereTheStageMayBeLeftOut) {
  const CompiledPattern pattern = rising(true);
  const std::vector<std::string> known = states_with(pattern, last_amount(kUp));
  EXPECT_LT(known.size(), states_with(rising(false), last_amount(kUp)).size() + 1);
  for (const std::string& label : known) EXPECT_NE(label, "down");
}

TEST(StageFacts, KnowNothingOfSumsAndCounts) {
  const CompiledPattern pattern = rising(false);
  EXPECT_TRUE(states_with(pattern, over(Op::kSum, amount(), kUp)).empty());
  EXPECT_TRUE(states_with(pattern, count_of(kUp)).empty());
}

}  // namespace
}  // namespace lymer::cep
