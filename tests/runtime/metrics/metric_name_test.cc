// What names and labels become.
// Not here: escaping (tests/runtime/metrics/metric_text_test.cc).
#include "runtime/metrics/metric_name.h"

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

TEST(MetricName, KeepsWhatPrometheusKnows) {
  EXPECT_EQ(metric_name("events_In9_total"), "events_In9_total");
  EXPECT_EQ(metric_name("a-b.c:d e"), "a_b_c_d_e");
  EXPECT_EQ(metric_name("5xx"), "_5xx");
  EXPECT_EQ(metric_name(""), "_");
  EXPECT_EQ(metric_name("\xC3\xA9"), "__");
}

TEST(LabelName, StaysClearOfReservedOnes) {
  EXPECT_EQ(label_name("rule"), "rule");
  EXPECT_EQ(label_name("rule-id"), "rule_id");
  EXPECT_EQ(label_name("le"), "exported_le");
  EXPECT_EQ(label_name("quantile"), "exported_quantile");
  EXPECT_EQ(label_name("__name__"), "exported___name__");
  EXPECT_EQ(label_name("_one"), "_one");
}

TEST(LabelValue, KeepsUtf8) {
  for (const std::string_view valid : {"", "plain", "quote \" line \n", "\xC3\xA9", "\xE2\x82\xAC",
                                       "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(label_value(valid), valid);
  }
}

TEST(LabelValue, ReplacesWhatIsNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(label_value("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(label_value("\xC3"), bad);                                // Cut off.
  EXPECT_EQ(label_value("\xC3("), bad + "(");                         // Not continued.
  EXPECT_EQ(label_value("\xC0\x80"), bad + bad);                      // Too long a form.
  EXPECT_EQ(label_value("\xE0\x80\x80"), bad + bad + bad);            // Likewise.
  EXPECT_EQ(label_value("\xED\xA0\x80"), bad + bad + bad);            // A surrogate.
  EXPECT_EQ(label_value("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // Beyond the end.
  EXPECT_EQ(label_value("\x80"
                        "a"),
            bad + "a");
}

TEST(CounterName, EndsInTotalOnce) {
  EXPECT_EQ(counter_name("events"), "events_total");
  EXPECT_EQ(counter_name("events_total"), "events_total");
}

}  // namespace
}  // namespace lymer::runtime
