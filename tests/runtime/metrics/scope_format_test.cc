// Patterns to dotted names, and patterns that are none.
// Not here: log lines (tests/runtime/metrics/metric_text_test.cc).
#include "runtime/metrics/scope_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::HasSubstr;

std::string applied(std::string_view pattern, const MetricLabels& labels) {
  const auto format = ScopeFormat::make(pattern);
  return format ? format->apply({.name = "lymer_x", .labels = labels}) : format.error().to_string();
}

const MetricLabels kAll = {
    {"job", "fraud"}, {"task", "sort"}, {"subtask", "0"}, {"operator", "sorter"}};

TEST(ScopeFormat, PutsLabelsInPlaceOfVariables) {
  EXPECT_EQ(applied("<job>.<task>.<subtask>.<operator>.<name>", kAll),
            "fraud.sort.0.sorter.lymer_x");
  EXPECT_EQ(applied("<name>", kAll), "lymer_x");
  EXPECT_EQ(applied("lymer.<task>-<subtask>.<name>", kAll), "lymer.sort-0.lymer_x");
  EXPECT_EQ(applied("<rule>.<stream>.<partition>.<name>",
                    {{"rule", "r"}, {"stream", "s"}, {"partition", "3"}}),
            "r.s.3.lymer_x");
}

TEST(ScopeFormat, LeavesOutEmptyParts) {
  EXPECT_EQ(applied("<job>.<task>.<operator>.<name>", {{"operator", "o"}}), "o.lymer_x");
  EXPECT_EQ(applied("job-<job>.<name>", {}), "lymer_x");
  EXPECT_EQ(applied("<task>-<subtask>.<name>", {{"task", "t"}}), "t-.lymer_x");
  EXPECT_EQ(applied("..<name>.", {}), "lymer_x");
}

TEST(ScopeFormat, WritesOtherLabelsWhereTheUserStands) {
  const MetricLabels labels = {{"job", "j"}, {"code", "E1"}, {"rule", "r"}};
  EXPECT_EQ(applied("<job>.<user>.<name>", labels), "j.code.E1.rule.r.lymer_x");
  EXPECT_EQ(applied("<job>.<rule>.<user>.<name>", labels), "j.r.code.E1.lymer_x");
  EXPECT_EQ(applied("<job>.<user>.<name>", {{"job", "j"}}), "j.lymer_x");
  EXPECT_EQ(applied(ScopeFormat::kDefault, labels), "j.code.E1.rule.r.lymer_x");
}

TEST(ScopeFormat, KeepsLabelsInOnePartAndOneLine) {
  EXPECT_EQ(applied("<job>.<name>", {{"job", "a.b c\nd\te\x7f\xC3\xA9"}}),
            "a_b_c_d_e_\xC3\xA9.lymer_x");
}

TEST(ScopeFormat, RefusesAnUnknownVariableWithAList) {
  const auto format = ScopeFormat::make("<job>.<host>.<name>");
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(format.error().message,
            "a scope format has an unknown variable; the variables are <job>, <task>, <subtask>, "
            "<operator>, <rule>, <stream>, <partition>, <user>, <name>: `<host>`");
}

TEST(ScopeFormat, RefusesWhatIsNoPattern) {
  EXPECT_THAT(applied("<job>.<name", {}), HasSubstr("without its `>`"));
  EXPECT_THAT(applied("<job>", {}), HasSubstr("has to have <name>"));
  EXPECT_THAT(applied("", {}), HasSubstr("has to have <name>"));
  EXPECT_THAT(applied("<>.<name>", {}), HasSubstr("unknown variable"));
}

}  // namespace
}  // namespace lymer::runtime
