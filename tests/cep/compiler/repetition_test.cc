// The states of repeated and optional stages (cep-semantics 2.3 to 2.7 and 10.1).
// Not here: what negated stages add to them (negation_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;

TEST(Repetition, OneOrMoreLoopsOrGoesOnAndWaitsInATwin) {
  EXPECT_THAT(lines_of({begin("a"), loop(then("b")), then("c")}),
              ElementsAre("a: take a -> b:1",  //
                          "b:1: take b -> b, ignore !b -> b:1",
                          "b: proceed true -> c, take b -> b, ignore !b -> b:0",
                          "c: take c -> $end, ignore !c -> c",
                          "b:0: take b -> b, ignore !b -> b:0",  //
                          "$end:"));
}

TEST(Repetition, AConsecutiveLoopHasNoTwin) {
  EXPECT_THAT(lines_of({begin("a"), loop(then("b"), Inner::kConsecutive), then("c")}),
              ElementsAre("a: take a -> b:0",  //
                          "b:0: take b -> b, ignore !b -> b:0",
                          "b: proceed true -> c, take b -> b",  //
                          "c: take c -> $end, ignore !c -> c", "$end:"));
}

TEST(Repetition, CombinationsMayPassOverWhatMatches) {
  EXPECT_THAT(
      lines_of({loop(begin("a"), Inner::kCombinations)}),
      ElementsAre("a:1: take a -> a", "a: proceed true -> $end, take a -> a, ignore true -> a:0",
                  "$end:", "a:0: take a -> a, ignore true -> a:0"));
}

TEST(Repetition, TwoOrMoreHasOneMandatoryRepetition) {
  EXPECT_THAT(
      lines_of({begin("a"), times(then("b"), 2, std::nullopt)}),
      ElementsAre("a: take a -> b:2",  //
                  "b:2: take b -> b:1, ignore !b -> b:2", "b:1: take b -> b, ignore !b -> b:1",
                  "b: proceed true -> $end, take b -> b, ignore !b -> b:0",  //
                  "$end:", "b:0: take b -> b, ignore !b -> b:0"));
}

// The dump in cep-semantics 2.5.
TEST(Repetition, ARangeHasOptionalRepetitionsWithTwins) {
  EXPECT_THAT(
      lines_of({begin("a"), times(then("b"), 2, 4), then("c")}),
      ElementsAre("a: take a -> b:4",  //
                  "b:4: take b -> b:3, ignore !b -> b:4", "b:3: take b -> b:1, ignore !b -> b:3",
                  "b:1: take b -> b, proceed true -> c, ignore !b -> b:2",
                  "b: take b -> c, proceed true -> c, ignore !b -> b:0",
                  "c: take c -> $end, ignore !c -> c", "b:2: take b -> b, ignore !b -> b:2",
                  "b:0: take b -> c, ignore !b -> b:0",  //
                  "$end:"));
}

TEST(Repetition, AFixedCountIsAChain) {
  EXPECT_THAT(lines_of({times(begin("a"), 3, 3, Inner::kConsecutive)}),
              ElementsAre("a:1: take a -> a:0", "a:0: take a -> a", "a: take a -> $end", "$end:"));
}

TEST(Repetition, AnOptionalStageIsLeftOutBeforeItsTwinWaits) {
  EXPECT_THAT(lines_of({begin("a"), optional(then("b")), then("c")}),
              ElementsAre("a: take a -> b", "b: take b -> c, proceed true -> c, ignore !b -> b:0",
                          "c: take c -> $end, ignore !c -> c", "b:0: take b -> c, ignore !b -> b:0",
                          "$end:"));
}

TEST(Repetition, AnOptionalStrictStageNeedsNoTwin) {
  EXPECT_THAT(lines_of({begin("a"), optional(then("b", Contiguity::kNext)), then("c")}),
              ElementsAre("a: take a -> b", "b: take b -> c, proceed true -> c",
                          "c: take c -> $end, ignore !c -> c", "$end:"));
}

TEST(Repetition, AnOptionalLoopIsLeftOutAtItsEntry) {
  EXPECT_THAT(
      lines_of({begin("a"), optional(loop(then("b"), Inner::kConsecutive)), then("c")}),
      ElementsAre("a: take a -> b:0", "b:0: take b -> b, proceed true -> c, ignore !b -> b:1",
                  "b: proceed true -> c, take b -> b",  //
                  "c: take c -> $end, ignore !c -> c", "b:1: take b -> b, ignore !b -> b:1",
                  "$end:"));
}

TEST(Repetition, AGreedyLoopBarsTheNextStage) {
  EXPECT_THAT(lines_of({loop(begin("a"), Inner::kConsecutive, true), then("b")}),
              ElementsAre("a:0: take a -> a", "a: proceed true -> b, take a -> a",
                          "b: take b & !a -> $end, ignore !b & !a -> b", "$end:"));
}

TEST(Repetition, AGreedyRangeBarsTheNextStage) {
  EXPECT_THAT(lines_of({times(begin("a"), 1, 2, Inner::kConsecutive, true), then("b")}),
              ElementsAre("a:0: take a -> a", "a: take a -> b, proceed true -> b",
                          "b: take b & !a -> $end, ignore !b & !a -> b", "$end:"));
}

TEST(Repetition, AGreedyFixedCountBarsNothing) {
  EXPECT_EQ(lines_of({times(begin("a"), 2, 2, Inner::kRelaxed, true), then("b")}),
            lines_of({times(begin("a"), 2, 2), then("b")}));
}

TEST(Repetition, GreedyAtTheEndChangesNothing) {
  EXPECT_EQ(lines_of({begin("a"), loop(then("b"), Inner::kRelaxed, true)}),
            lines_of({begin("a"), loop(then("b"))}));
}

// The entry's own passing over is left alone: before the first b a u is just skipped.
TEST(Repetition, UntilEndsTakingAndWaitingButNotLeaving) {
  EXPECT_THAT(lines_of({begin("a"), until(loop(then("b")), "u"), then("c")}),
              ElementsAre("a: take a -> b:1",  //
                          "b:1: take !u & b -> b, ignore !b -> b:1",
                          "b: proceed true -> c, take !u & b -> b, ignore !u & !b -> b:0",
                          "c: take c -> $end, ignore !c -> c",
                          "b:0: take !u & b -> b, ignore !u & !b -> b:0",  //
                          "$end:"));
}

TEST(Repetition, AGreedyLoopWithUntilHasTwoWaysOut) {
  EXPECT_THAT(
      lines_of({until(loop(begin("b"), Inner::kConsecutive, true), "u"), then("c")}),
      ElementsAre("b:0: take !u & b -> b", "b: proceed u -> c:0, proceed !u -> c, take !u & b -> b",
                  "c:0: take c -> $end, ignore !c -> c:0",
                  "c: take c & !b -> $end, ignore !c & !b -> c", "$end:"));
}

}  // namespace
}  // namespace lymer::cep
