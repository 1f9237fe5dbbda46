// What counts as a difference, and which a running job can make.
// Not here: making it (live_rules_test.cc).
#include "server/rule_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/rule_texts.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RuleFiles rules_of(const std::string& text) {
  auto bound = bind_rule_files({{"rules.cep", text}});
  EXPECT_TRUE(bound) << bound.error().to_string();
  return std::move(bound).value();
}

const std::string kStream = stream_text("e", "events");

TEST(RuleDifference, TellsRulesByName) {
  const RuleFiles before = rules_of(kStream + rule_text("one", "e") + rule_text("two", "e"));
  std::string changed = rule_text("two", "e");
  changed.replace(changed.find("1m"), 2, "2m");
  const RuleFiles after = rules_of(kStream + changed + rule_text("three", "e"));
  const RuleDifference difference = difference_of(before, after);
  EXPECT_THAT(difference.added, ElementsAre("three"));
  EXPECT_THAT(difference.changed, ElementsAre("two"));
  EXPECT_THAT(difference.removed, ElementsAre("one"));
  EXPECT_EQ(difference.obstacle, "");
  const RuleVersions versions = next_versions({{"one", 4}, {"two", 2}}, difference);
  EXPECT_EQ(versions, (RuleVersions{{"one", 4}, {"two", 3}, {"three", 1}}));
}

TEST(RuleDifference, LooksAtWhatIsSaidAndNotHow) {
  std::string spread = rule_text("one", "e");
  spread.replace(spread.find("within 1m"), 9, "// A minute:\n    within   60s");
  EXPECT_TRUE(difference_of(rules_of(kStream + rule_text("one", "e")),
                            rules_of("// Events.\n" + kStream + spread))
                  .empty());
}

TEST(RuleDifference, NothingButRulesMayDiffer) {
  const RuleFiles before = rules_of(kStream + rule_text("one", "e"));
  const RuleFiles after = rules_of(stream_text("e", "others") + rule_text("one", "e"));
  EXPECT_THAT(difference_of(before, after).obstacle, HasSubstr("streams, lists or macros"));
}

TEST(RuleDifference, ResultsWithAWayOfTheirOwnStayAsTheyAre) {
  const std::string derived =
      kStream + rule_text("one", "e") + "stream seen = matches of one\n" + rule_text("two", "e");
  std::string other = derived;
  other.replace(other.find("1m"), 2, "2m");
  EXPECT_THAT(difference_of(rules_of(derived), rules_of(other)).obstacle,
              HasSubstr("`one` is what stream `seen` is made of"));
  // That others read their results is nobody's obstacle.
  std::string second = derived;
  second.replace(second.rfind("1m"), 2, "2m");
  const RuleDifference difference = difference_of(rules_of(derived), rules_of(second));
  EXPECT_EQ(difference.obstacle, "");
  EXPECT_THAT(difference.changed, ElementsAre("two"));
}

}  // namespace
}  // namespace lymer::server
