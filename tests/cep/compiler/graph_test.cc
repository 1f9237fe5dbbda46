// Labels, copies and the walk that makes a graph a program.
// Not here: which states a stage becomes (repetition_test.cc, negation_test.cc).
#include "cep/compiler/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using nfa::GuardKind;
using nfa::StageIndex;
using nfa::StateKind;
using ::testing::ElementsAre;

TEST(GuardPool, KeepsGuardsSimple) {
  GuardPool pool;
  const nfa::GuardId atom = pool.atom(nfa::AtomId(3));
  EXPECT_EQ(pool.both(pool.always(), atom), atom);
  EXPECT_EQ(pool.both(atom, pool.always()), atom);
  const nfa::GuardId both = pool.both(atom, pool.negated(atom));
  EXPECT_EQ(pool.guards()[both.value()].kind, GuardKind::kAnd);
  EXPECT_EQ(pool.guards()[pool.always().value()].kind, GuardKind::kTrue);
}

TEST(GuardPool, PutsOperandsBeforeTheirUsers) {
  GuardPool pool;
  const nfa::GuardId atom = pool.atom(nfa::AtomId(0));
  const nfa::GuardId negated = pool.negated(atom);
  EXPECT_LT(atom, negated);
  EXPECT_EQ(pool.guards()[negated.value()].left, atom.value());
}

TEST(Graph, NumbersLabelsInOrderOfCreation) {
  Graph graph;
  for (int i = 0; i < 3; ++i) graph.add_state(StateKind::kNormal, StageIndex(0), "b");
  graph.add_state(StateKind::kNormal, StageIndex(1), "c");
  EXPECT_EQ(graph.state(0).label, "b");
  EXPECT_EQ(graph.state(1).label, "b:0");
  EXPECT_EQ(graph.state(2).label, "b:1");
  EXPECT_EQ(graph.state(3).label, "c");
}

TEST(Graph, ACopyLeadsToItselfWhereTheOriginalDoes) {
  Graph graph;
  const nfa::GuardId always = graph.guards().always();
  const GraphState next = graph.add_state(StateKind::kFinal, StageIndex(0), "$end");
  const GraphState original = graph.add_state(StateKind::kNormal, StageIndex(4), "b");
  graph.take(original, next, always);
  graph.ignore(original, original, always);
  const GraphState copy = graph.copy_of(original);
  EXPECT_EQ(graph.state(copy).label, "b:0");
  EXPECT_EQ(graph.state(copy).stage, StageIndex(4));
  ASSERT_EQ(graph.state(copy).edges.size(), 2U);
  EXPECT_EQ(graph.state(copy).edges[0].target, next);
  EXPECT_EQ(graph.state(copy).edges[1].target, copy);
  EXPECT_EQ(graph.state(original).edges[1].target, original);
}

TEST(Graph, FlattensWhatCanBeReachedInTheOrderOfReachingIt) {
  Graph graph;
  const nfa::GuardId always = graph.guards().always();
  const GraphState end = graph.add_state(StateKind::kFinal, StageIndex(0), "$end");
  const GraphState unused = graph.add_state(StateKind::kNormal, StageIndex(0), "unused");
  const GraphState second = graph.add_state(StateKind::kNormal, StageIndex(1), "b");
  const GraphState first = graph.add_state(StateKind::kStart, StageIndex(0), "a");
  graph.proceed(first, second, always);
  graph.take(first, end, always);
  graph.take(second, end, always);
  graph.take(unused, end, always);
  nfa::Program program;
  graph.flatten(first, program);
  EXPECT_THAT(lines_of(program), ElementsAre("a: proceed true -> b, take true -> $end",
                                             "b: take true -> $end", "$end:"));
  EXPECT_EQ(program.start, nfa::StateIndex(0));
  EXPECT_EQ(program.final, nfa::StateIndex(2));
  EXPECT_EQ(program.state(program.final).kind, StateKind::kFinal);
}

}  // namespace
}  // namespace lymer::cep
