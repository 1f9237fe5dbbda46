// Tests of what a rule reads: streams, keys and `order by`, and where they are wrong.
// Not here: whether there are such streams and fields (tests/rules/rule_inputs_test.cc).
#include <string>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

RuleDecl rule_of(const std::string& clauses) {
  const Parsed parsed(in_rule(clauses));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return parsed.at<RuleDecl>(0);
}

TEST(InputParser, ReadsWhatTheRuleReads) {
  const RuleDecl rule = rule_of("on a by x, b by (y, z), c order by seq desc, at asc begin s");
  ASSERT_EQ(rule.inputs.size(), 3U);
  EXPECT_EQ(rule.inputs[1].stream.text, "b");
  EXPECT_EQ(rule.inputs[1].by->fields[1].text, "z");
  EXPECT_FALSE(rule.inputs[2].by);
  ASSERT_EQ(rule.order->fields.size(), 2U);
  EXPECT_TRUE(rule.order->fields[0].is_descending);
  EXPECT_FALSE(rule.order->fields[1].is_descending);
}

TEST(InputParser, RefusesWrongInputs) {
  EXPECT_EQ(codes_of(in_rule("on a by x, begin s where x = 1")), "R0106 R0109");
  EXPECT_EQ(codes_of(in_rule("on a by () begin s where x = 1")), "R0106 R0109");
  EXPECT_EQ(codes_of(in_rule("on a by x.y, b begin s where x = 1")), "R0101 R0109");
  EXPECT_EQ(codes_of(in_rule("on a user begin s where x = 1")), "R0101 R0109");
  EXPECT_EQ(codes_of(in_rule("on a order seq begin s where x = 1")), "R0101 R0109");
  EXPECT_EQ(codes_of(in_rule("on a order by x order by y begin s")), "R0108");
}

}  // namespace
}  // namespace lymer::rules
