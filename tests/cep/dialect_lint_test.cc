// What is said of patterns that mean something else in the other dialect, and that nothing is said
// of those that do not. That the two really differ there is tested where each oddity is.
#include "cep/dialect_lint.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

// The numbers of the elements at fault.
std::string elements_of(std::vector<Stage> stages) {
  std::string out;
  for (const DialectDifference& each : dialect_differences({.stages = std::move(stages)})) {
    EXPECT_FALSE(each.in_default.empty() || each.in_flink.empty());
    out += (out.empty() ? "" : " ") + std::to_string(each.element);
  }
  return out;
}

Stage group(std::vector<Stage> members, Contiguity contiguity, Quantifier quantifier = {}) {
  return {.contiguity = contiguity, .quantifier = quantifier, .group = std::move(members)};
}

TEST(DialectLint, SaysNothingOfPlainPatterns) {
  EXPECT_EQ(elements_of({begin("a"), then("b")}), "");
  Stage loop = then("b");
  loop.quantifier = {.minimum = 2, .maximum = {}, .greedy = true};
  EXPECT_EQ(elements_of({begin("a"), loop, then("c", Contiguity::kNotFollowedBy), then("d")}), "");
  EXPECT_EQ(elements_of({begin("a"), group({begin("b"), then("c")}, Contiguity::kFollowedBy)}), "");
}

TEST(DialectLint, KnowsWindowsBetweenEvents) {
  Stage gap = then("b");
  gap.quantifier = {.minimum = 2, .maximum = 2, .gap = Duration::seconds(1)};
  Stage previous = then("c");
  previous.within_previous = Duration::seconds(1);
  EXPECT_EQ(elements_of({begin("a"), gap, previous}), "1 2");
  EXPECT_EQ(elements_of({group({begin("a"), gap}, Contiguity::kBegin), previous}), "2 3");
}

TEST(DialectLint, KnowsTheEndsOfGroups) {
  Stage head = begin("b");
  head.quantifier = {.minimum = 2, .maximum = 2, .inner = Inner::kConsecutive};
  EXPECT_EQ(elements_of({begin("a"), group({head, then("c", Contiguity::kNotFollowedBy)},
                                           Contiguity::kFollowedBy)}),
            "2 3");
}

TEST(DialectLint, KnowsNotsBeforeOptionalGroups) {
  EXPECT_EQ(
      elements_of({begin("a"), then("b", Contiguity::kNotFollowedBy),
                   group({begin("c")}, Contiguity::kFollowedBy, {.optional = true}), then("d")}),
      "1");
}

TEST(DialectLint, KnowsClosingNots) {
  EXPECT_EQ(elements_of({begin("a"), then("b", Contiguity::kNotFollowedBy)}), "1");
  Stage loop = then("b");
  loop.quantifier = {.minimum = 1, .maximum = {}};
  EXPECT_EQ(elements_of({begin("a"), loop, then("c", Contiguity::kNotFollowedBy),
                         then("d", Contiguity::kNotFollowedBy)}),
            "3 3 3");
}

}  // namespace
}  // namespace lymer::cep
