// Groups: copies for each repetition, the hub of a loop, and what they find.
// Not here: the members' own constructs (repetition_test.cc, negation_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Dialect kBoth[] = {Dialect::kDefault, Dialect::kFlink};

Stage group(std::vector<Stage> members, Contiguity contiguity = Contiguity::kFollowedBy) {
  Stage made{.contiguity = contiguity};
  made.group = std::move(members);
  return made;
}

Stage next(std::string name) { return then(std::move(name), Contiguity::kNext); }

TEST(Group, OnceIsItsChain) {
  for (const Dialect dialect : kBoth) {
    EXPECT_EQ(lines_of({begin("a"), group({begin("b"), next("c")}), then("d")}, dialect),
              lines_of({begin("a"), then("b"), next("c"), then("d")}, dialect));
  }
}

TEST(Group, CountedIsItsChainSeveralTimes) {
  EXPECT_THAT(lines_of({times(group({begin("a"), next("b")}, Contiguity::kBegin), 2, 2)}),
              ElementsAre("a:0: take a -> b:0", "b:0: take b -> a",
                          "a: take a -> b, ignore !a -> a", "b: take b -> $end", "$end:"));
}

TEST(Group, LoopEndsInAHubThatLeadsToItsHead) {
  EXPECT_THAT(
      lines_of({loop(group({begin("a"), next("b")}, Contiguity::kBegin)), then("c")}),
      ElementsAre("a:0: take a -> b:0", "b:0: take b -> a",
                  "a: take a -> b, ignore !a -> a, proceed true -> c", "b: take b -> GroupPattern",
                  "c: take c -> $end, ignore !c -> c", "GroupPattern: proceed true -> a", "$end:"));
}

TEST(Group, OptionalGivesItsHeadATwin) {
  EXPECT_THAT(lines_of({begin("a"), optional(group({begin("b"), next("c")})), then("d")}),
              ElementsAre("a: take a -> b", "b: take b -> c, ignore !b -> b:0, proceed true -> d",
                          "c: take c -> d", "b:0: take b -> c, ignore !b -> b:0",
                          "d: take d -> $end, ignore !d -> d", "$end:"));
}

TEST(Group, FindsEachNumberOfIterations) {
  const PatternSpec spec{.stages = {begin("s"), loop(group({begin("a"), next("b")})), next("e")}};
  EXPECT_THAT(finds(spec, "sabababe"), ElementsAre("s1 a2 b3 a4 b5 a6 b7 e8"));
  EXPECT_THAT(finds(spec, "sabe"), ElementsAre("s1 a2 b3 e4"));
  EXPECT_THAT(finds(spec, "se"), IsEmpty());
}

TEST(Group, NestsAndIsRepeatedAsAWhole) {
  const Stage inner = loop(group({begin("a"), next("b")}, Contiguity::kBegin), Inner::kConsecutive);
  Stage outer = times(group({inner, next("c")}, Contiguity::kBegin), 2, 2, Inner::kConsecutive);
  EXPECT_THAT(finds({.stages = {outer}}, "ababcabc"),
              ElementsAre("a1 b2 a3 b4 c5 a6 b7 c8", "a3 b4 c5 a6 b7 c8"));
}

TEST(Group, EndsItsMembersWithUntil) {
  Stage members = until(loop(group({begin("a"), then("b")}, Contiguity::kBegin)), "x");
  EXPECT_THAT(finds({.stages = {members, then("e")}}, "abxabe"),
              ElementsAre("a1 b2 e6", "a4 b5 e6"));
}

}  // namespace
}  // namespace lymer::cep
