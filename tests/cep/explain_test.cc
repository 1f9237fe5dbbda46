// The three renderings of one automaton.
// Not here: the automata that patterns become (tests/cep/compiler/).
#include "cep/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

nfa::Program program_of(PatternSpec spec) {
  return compile(Pattern::make(std::move(spec)).value()).program;
}

// A `"` in a condition must not end a string of the rendering.
PatternSpec quoted() {
  Stage first = begin("a");
  first.where = simple_condition([](const runtime::RowView&) { return true; }, R"(letter == "a")");
  return {.stages = {first, then("b", Contiguity::kNext)}};
}

TEST(Explain, ShowsStatesAndEdgesAsText) {
  EXPECT_EQ(explain_text(program_of(quoted())),
            R"(window: none; after a match skip none
  0 a  [start]
      take    ->   1 b            if letter == "a"
  1 b  [normal]
      take    ->   2 $end         if letter is b
  2 $end  [final]
)");
}

TEST(Explain, ShowsWindowAndSkipStrategy) {
  const std::string text = explain_text(
      program_of({.stages = {begin("a"), then("b")},
                  .window = Duration::minutes(90),
                  .after_match = {.kind = SkipStrategy::Kind::kToLast, .target = "b"}}));
  EXPECT_THAT(text, StartsWith("window: 1h30m; after a match skip to last(b)\n"));
}

TEST(Explain, ShowsWhereTheEndOfAWindowIsAMatch) {
  const std::string text =
      explain_text(program_of({.stages = {begin("a"), then("b", Contiguity::kNotFollowedBy)},
                               .window = Duration::minutes(1)}));
  EXPECT_THAT(text, HasSubstr("pending"));
}

TEST(Explain, WritesDotThatGraphvizReads) {
  const std::string dot = explain_dot(program_of(quoted()), "my \"rule\"");
  EXPECT_THAT(dot, StartsWith("digraph \"my \\\"rule\\\"\" {\n"));
  EXPECT_THAT(dot, HasSubstr(R"(take letter == \"a\")"));
  EXPECT_THAT(dot, HasSubstr("shape=doublecircle"));
  EXPECT_THAT(dot, EndsWith("}\n"));
}

TEST(Explain, WritesJson) {
  EXPECT_EQ(explain_json(program_of(quoted())),
            R"({"stages":["a","b"],"window_ms":null,"after_match":"none","start":0,"states":[)"
            R"({"id":0,"label":"a","kind":"start","accepts_at_deadline":false,"edges":[)"
            R"({"action":"take","target":1,"condition":"letter == \"a\""}]},)"
            R"({"id":1,"label":"b","kind":"normal","accepts_at_deadline":false,"edges":[)"
            R"({"action":"take","target":2,"condition":"letter is b"}]},)"
            R"({"id":2,"label":"$end","kind":"final","accepts_at_deadline":false,"edges":[]}]})");
}

TEST(Explain, PutsCompoundConditionsIntoParentheses) {
  nfa::Program program = program_of({.stages = {begin("a")}});
  program.atoms = {"x > 1", "y"};
  program.guards = {{nfa::GuardKind::kAtom, 0, 0},
                    {nfa::GuardKind::kAtom, 1, 0},
                    {nfa::GuardKind::kOr, 0, 1},
                    {nfa::GuardKind::kNot, 2, 0},
                    {nfa::GuardKind::kAnd, 0, 3}};
  for (nfa::Edge& edge : program.edges) edge.guard = nfa::GuardId(4);
  EXPECT_THAT(explain_text(program), HasSubstr("if (x > 1) and not ((x > 1) or y)\n"));
  EXPECT_THAT(explain_text(program), Not(HasSubstr("true")));
}

}  // namespace
}  // namespace lymer::cep
