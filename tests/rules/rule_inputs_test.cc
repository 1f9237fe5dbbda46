// Tests of streams, keys and orders of rules, and of what expressions then see: the fields of each
// stage's own stream, the key under the names of the first.
// Not here: how they are parsed (tests/rules/parser_input_test.cc).
#include "rules/rule_inputs.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;

std::string two_streams() {
  return sample_stream() + R"(stream t {
  from file "t.ndjson"
  format json
  field account: string
  field user: int
  field parent: string
  field size: float
  field at: time
  time at
}
)";
}

Loaded loaded(const std::string& clauses) {
  return Loaded(two_streams() + "rule r {\n" + clauses + "\n  within 1m\n}\n");
}

std::string codes(const std::string& clauses) { return loaded(clauses).codes(); }

TEST(RuleInputs, ReadsSeveralStreams) {
  const Loaded file = loaded(
      "on s by (user, country), t by (account, parent) order by at desc "
      "begin a: s where ok next b: t where size > 1.5");
  ASSERT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  const RulePlan& rule = file.rules->rules.at(0);
  ASSERT_EQ(rule.inputs.size(), 2U);
  EXPECT_EQ(rule.inputs[1].stream, 1U);
  EXPECT_THAT(rule.inputs[0].keys, ElementsAre(ElementsAre(0U, 5U)));
  EXPECT_THAT(rule.inputs[1].keys, ElementsAre(ElementsAre(0U, 2U)));
  ASSERT_EQ(rule.order.size(), 1U);
  EXPECT_THAT(rule.order[0].slots, ElementsAre(7U, 4U));
  EXPECT_TRUE(rule.order[0].is_descending);
  ASSERT_EQ(rule.key->size(), 2U);
  EXPECT_EQ(rule.key->fields()[0].name, "user");
  EXPECT_EQ(rule.pattern.stages()[1].where->text(), "(in t and size > 1.5)");
}

TEST(RuleInputs, NeedsNoKey) {
  const Loaded file = loaded("on s begin a where ok");
  ASSERT_TRUE(file.rules);
  EXPECT_THAT(file.rules->rules.at(0).inputs[0].keys, ElementsAre(ElementsAre()));
  EXPECT_EQ(codes("on s begin a where key.user == user"), "R0229");
}

TEST(RuleInputs, FindsTheKeysOfStages) {
  const Loaded file = loaded(
      "on t by account begin a next b by parent next c by account "
      "next d by parent where size > 1.0");
  ASSERT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  const RulePlan& rule = file.rules->rules.at(0);
  EXPECT_THAT(rule.inputs[0].keys, ElementsAre(ElementsAre(0U), ElementsAre(2U)));
  EXPECT_EQ(rule.pattern.stages()[0].where->text(), "by account");
  EXPECT_EQ(rule.pattern.stages()[1].where->text(), "by parent");
  EXPECT_EQ(rule.pattern.stages()[2].where->text(), "by account");
  EXPECT_EQ(rule.pattern.stages()[3].where->text(), "(by parent and size > 1.0)");
}

TEST(RuleInputs, ShowsEachStageTheFieldsOfItsStream) {
  EXPECT_EQ(codes("on s by user, t by account begin a: s where ok next b: t where user > 5 and "
                  "a.user == account and key.user == parent emit { x: a.amount, y: b.size }"),
            "");
  EXPECT_EQ(codes("on s by user, t by account begin a: s where size > 1.0 next b: t where ok"),
            "R0207 R0207");
  EXPECT_EQ(codes("on s by user, t by account begin a: s next b: t where a.size > 1.0"), "R0207");
  EXPECT_EQ(
      codes(
          "on s by user, t by account begin a: s where ok times 2 next b: t where sum(a.amount) > "
          "1 and max(b.size) > 1.0"),
      "");
  EXPECT_EQ(codes("on s by user, t by account begin a: s emit { x: a.size }"), "R0207");
  EXPECT_EQ(codes("on s by user, t by account begin a: t where key.account == \"x\""), "R0229");
}

TEST(RuleInputs, RefusesWhatDoesNotFit) {
  EXPECT_EQ(codes("on x by user begin a"), "R0201");
  EXPECT_EQ(codes("on s by user, s by ip begin a: s"), "R0205");
  EXPECT_EQ(codes("on s by user, t by user begin a: s next b: t"), "R0218");
  EXPECT_EQ(codes("on s by (user, ip), t by account begin a: s next b: t"), "R0218");
  EXPECT_EQ(codes("on s by user, t begin a: s next b: t"), "R0218");
  EXPECT_EQ(codes("on s by args begin a"), "R0218");
  EXPECT_EQ(codes("on s by (user, user) begin a"), "R0205");
  EXPECT_EQ(codes("on s by user begin a next b by ip"), "R0218");
  EXPECT_EQ(codes("on s by user begin a next b by none"), "R0207");
  EXPECT_EQ(codes("on s begin a next b by user"), "R0218");
  EXPECT_EQ(codes("on s by user, t by account begin a next b: u where nothing"), "R0318 R0318");
  EXPECT_EQ(codes("on s by user order by none begin a"), "R0207");
  EXPECT_EQ(codes("on s by user order by args begin a"), "R0218");
  EXPECT_EQ(codes("on s by user, t by account order by user begin a: s next b: t"), "R0218");
}

TEST(RuleInputs, LimitsTheKeysOfAStream) {
  std::string many = "stream w {\n from file \"w\" format json time ingestion\n";
  std::string stages = "begin a";
  for (int i = 0; i < 17; ++i) {
    many += " field f" + std::to_string(i) + ": int";
    if (i > 0) stages += " next s" + std::to_string(i) + " by f" + std::to_string(i);
  }
  const std::string head = many + "}\nrule r { on w by f0 ";
  EXPECT_EQ(Loaded(head + stages + " within 1m }").codes(), "R0218");
}

// ---- Unions

Loaded of_union(const std::string& clauses) {
  return Loaded(sample_stream() +
                "stream t { from file \"t\" format json field user: string field size: float time "
                "ingestion }\nstream both = s union t\nrule r {\n" +
                clauses + "\n  within 1m\n}\n");
}

TEST(RuleInputs, FindMembersOfUnions) {
  const Loaded file = of_union(
      "on both by user begin a: s where ok next b: t where size > 1.5 next c: both next d");
  ASSERT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  const auto& stages = file.rules->rules.at(0).pattern.stages();
  EXPECT_EQ(stages[0].where->text(), "(in s and ok)");
  EXPECT_EQ(stages[1].where->text(), "(in t and size > 1.5)");
  EXPECT_EQ(stages[2].where, nullptr);
  EXPECT_EQ(stages[3].where, nullptr);
}

TEST(RuleInputs, ShowMembersTheFieldsOfTheUnion) {
  EXPECT_EQ(
      of_union("on both by user begin a: s where size is null next b: t where ok is null").codes(),
      "");
  EXPECT_EQ(of_union("on both by user begin a: s where sise is null").codes(), "R0207");
  EXPECT_EQ(of_union("on both by user begin a: s by country next b: t").codes(), "");
}

TEST(RuleInputs, PreferStreamsToMembers) {
  const Loaded file =
      of_union("on both by user, s by user begin a: s where ok next b: both next c: t");
  ASSERT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  const auto& stages = file.rules->rules.at(0).pattern.stages();
  EXPECT_EQ(stages[0].where->text(), "(in s and ok)");
  EXPECT_EQ(stages[2].where->text(), "(in both and in t)");
}

TEST(RuleInputs, RefuseMembersThatAreNone) {
  const Loaded bad = of_union("on both by user begin a: u");
  EXPECT_THAT(bad.marks(), ElementsAre("R0318 `u`"));
  EXPECT_THAT(bad.advice(), ::testing::HasSubstr("streams of the rule: both, s, t"));
}

}  // namespace
}  // namespace lymer::rules
