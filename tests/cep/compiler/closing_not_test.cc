// A notFollowedBy at the end of a group holds, by default, until the event behind the group; and
// one before an optional group holds until the group begins.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/compiler/program_text.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Stage not_then(std::string name) { return then(std::move(name), Contiguity::kNotFollowedBy); }

Stage group(std::vector<Stage> members, Contiguity contiguity = Contiguity::kFollowedBy) {
  Stage made{.contiguity = contiguity};
  made.group = std::move(members);
  return made;
}

// Oddity O9.
TEST(ClosingNot, OfAGroupHoldsUntilTheNextStage) {
  PatternSpec spec{
      .stages = {group({begin("a"), then("b"), not_then("n")}, Contiguity::kBegin), then("c")}};
  EXPECT_THAT(finds(spec, "abxc"), ElementsAre("a1 b2 c4"));
  EXPECT_THAT(finds(spec, "abxnc"), IsEmpty());
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(finds(spec, "abxnc"), ElementsAre("a1 b2 c5"));
}

TEST(ClosingNot, SeveralOfAGroupAllHold) {
  const PatternSpec spec{
      .stages = {group({begin("a"), not_then("m"), not_then("n")}, Contiguity::kBegin), then("c")}};
  EXPECT_THAT(finds(spec, "axc"), ElementsAre("a1 c3"));
  EXPECT_THAT(finds(spec, "amc"), IsEmpty());
  EXPECT_THAT(finds(spec, "axnc"), IsEmpty());
}

TEST(ClosingNot, OfALoopingGroupHoldsBetweenIterations) {
  const PatternSpec spec{
      .stages = {begin("s"), loop(group({begin("a"), not_then("n")})), then("e")}};
  // As without the NOT: the head of a looping group has no twin, so leaving it is decided twice.
  EXPECT_THAT(finds(spec, "saxae"), ElementsAre("s1 a2 a4 e5", "s1 a2 e5", "s1 a2 e5"));
  EXPECT_THAT(finds({.stages = {begin("s"), loop(group({begin("a")})), then("e")}}, "saxae"),
              ElementsAre("s1 a2 a4 e5", "s1 a2 e5", "s1 a2 e5"));
  EXPECT_THAT(finds(spec, "saxnae"), IsEmpty());
  EXPECT_THAT(finds(spec, "saaxne"), IsEmpty());
}

TEST(ClosingNot, OfANestedGroupHoldsBehindAllOfThem) {
  const PatternSpec spec{.stages = {begin("s"),
                                    group({group({begin("a"), not_then("n")}, Contiguity::kBegin)}),
                                    then("e")}};
  EXPECT_THAT(finds(spec, "saxe"), ElementsAre("s1 a2 e4"));
  EXPECT_THAT(finds(spec, "saxne"), IsEmpty());
}

TEST(ClosingNot, OfTheLastGroupWaitsForTheWindow) {
  const PatternSpec spec{.stages = {group({begin("a"), not_then("n")}, Contiguity::kBegin)},
                         .window = Duration::millis(5)};
  EXPECT_THAT(finds(spec, "axx"), ElementsAre("a1"));
  EXPECT_THAT(finds(spec, "axn"), IsEmpty());
}

// Oddity O16.
TEST(ClosingNot, BeforeAnOptionalGroupHoldsUntilItBegins) {
  PatternSpec spec{
      .stages = {begin("a"), not_then("n"), optional(group({begin("b"), then("c")})), then("d")}};
  EXPECT_THAT(finds(spec, "axnbcd"), IsEmpty());
  EXPECT_THAT(finds(spec, "axbcd"), ElementsAre("a1 b3 c4 d5", "a1 d5"));
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(finds(spec, "axnbcd"), ElementsAre("a1 b4 c5 d6"));
}

TEST(ClosingNot, DirectlyBeforeNotNextIsNotForgotten) {
  PatternSpec spec{
      .stages = {begin("a"), not_then("n"), then("m", Contiguity::kNotNext), then("b")}};
  EXPECT_THAT(finds(spec, "axb"), ElementsAre("a1 b3"));
  EXPECT_THAT(finds(spec, "anb"), IsEmpty());
  EXPECT_THAT(finds(spec, "axnb"), IsEmpty());
  spec.dialect = Dialect::kFlink;
  EXPECT_THAT(finds(spec, "axnb"), ElementsAre("a1 b4"));
}

}  // namespace
}  // namespace lymer::cep
