// Which values conditions ask for, how long they matter, and what that means for the engine.
// Not here: the values themselves (tests/cep/value_groups_test.cc).
#include "cep/kept_values.h"

#include <bit>
#include <string>

#include <gtest/gtest.h>

#include "cep/pattern.h"
#include "tests/cep/payment_expressions.h"

namespace lymer::cep {
namespace {

using runtime::Op;

CompiledPattern of(ConditionRef b, ConditionRef c) {
  const PatternSpec spec{
      .stages = {{.name = "a"},
                 {.name = "b", .contiguity = Contiguity::kFollowedBy, .where = b},
                 {.name = "c", .contiguity = Contiguity::kFollowedBy, .where = c}}};
  return compile(Pattern::make(spec).value());
}

std::uint64_t live_in(const CompiledPattern& pattern, const std::string& label) {
  const KeptValues kept(pattern);
  for (std::uint16_t i = 0; i < pattern.program.states.size(); ++i) {
    if (pattern.program.states[i].label == label) return kept.live_in(nfa::StateIndex(i));
  }
  ADD_FAILURE() << "no state " << label;
  return 0;
}

TEST(KeptValues, AreAllAggregatesThatMeanDifferentThings) {
  const CompiledPattern pattern =
      of(holds(node(Op::kLess, {last_amount(0), amount()})),
         holds(node(Op::kLess, {node(Op::kAdd, {last_amount(0), count_of(1)}), amount()})));
  const KeptValues kept(pattern);
  EXPECT_EQ(kept.values().size(), 2U);
  EXPECT_EQ(std::popcount(kept.atoms()), 2);
}

TEST(KeptValues, MatterAsLongAsAConditionToComeAsks) {
  const CompiledPattern pattern = of(holds(node(Op::kLess, {last_amount(0), amount()})),
                                     holds(node(Op::kLess, {last_amount(1), amount()})));
  EXPECT_EQ(std::popcount(live_in(pattern, "b")), 2);
  EXPECT_EQ(std::popcount(live_in(pattern, "c")), 1);
}

TEST(KeptValues, LeaveOutWhatIsOnlyThereForNull) {
  const Expression before = node(Op::kCoalesce, {last_amount(1), last_amount(0)});
  const CompiledPattern asks = of(holds(node(Op::kLess, {last_amount(0), amount()})),
                                  holds(node(Op::kLess, {before, amount()})));
  EXPECT_EQ(std::popcount(live_in(asks, "c")), 1);
  const CompiledPattern does_not = of(of_kind("b"), holds(node(Op::kLess, {before, amount()})));
  EXPECT_EQ(std::popcount(live_in(does_not, "c")), 2);
}

TEST(EngineChoice, MergesRunsWhereConditionsAskForValues) {
  const auto engine = [](ConditionRef condition) {
    return engine_choice(of(std::move(condition), of_kind("c"))).engine;
  };
  EXPECT_EQ(engine(holds(node(Op::kLess, {last_amount(0), amount()}))), nfa::Engine::kMerged);
  EXPECT_EQ(engine(iterative_condition([](ConditionContext&) { return true; })),
            nfa::Engine::kExplicit);
  // What it makes of an event changes with those that follow.
  const Expression nested = over(Op::kSum, node(Op::kSubtract, {amount(), last_amount(0)}), 0);
  EXPECT_EQ(engine(holds(node(Op::kLess, {nested, amount()}))), nfa::Engine::kExplicit);
}

TEST(EngineChoice, KeepsRunsApartThatWouldCarryTooMuch) {
  Expression all = node(Op::kLess, {constant(0), amount()}, {.kind = runtime::TypeKind::kBool});
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(KeptValues::kMost); ++i) {
    Expression each = over(Op::kSum, node(Op::kMultiply, {amount(), constant(i)}), 0);
    Expression small = node(Op::kLess, {std::move(each), amount()});
    small.type = {.kind = runtime::TypeKind::kBool};
    all = node(Op::kAnd, {std::move(all), std::move(small)}, {.kind = runtime::TypeKind::kBool});
  }
  const nfa::EngineChoice choice = engine_choice(of(holds(std::move(all)), of_kind("c")));
  EXPECT_EQ(choice.engine, nfa::Engine::kExplicit);
  EXPECT_NE(choice.reason.find("64"), std::string::npos);
}

}  // namespace
}  // namespace lymer::cep
