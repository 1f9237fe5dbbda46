// Golden pages of each format, and the Prometheus one read by a grammar of its own.
// Not here: dotted names (tests/runtime/metrics/scope_format_test.cc).
#include "runtime/metrics/metric_text.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_registry.h"
#include "tests/runtime/metrics/exposition_grammar.h"

namespace lymer::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> complaints(std::string_view page) {
  return support::ExpositionGrammar::check(page);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One sample of each kind, with all that needs escaping.
std::vector<MetricSample> samples() {
  Histogram histogram(Histogram::Range::kBytes);
  for (const double each : {0.5, 3.0, 4.0, 1e20}) histogram.observe(each);
  return {
      {"lymer_build_info", MetricType::kGauge, "Version.", {{"version", "1.0"}}, 1, {}},
      {"lymer_events_in_total", MetricType::kCounter, "Read.\nBy \"us\" \\.", {}, 12'345'678, {}},
      {"lymer_events_in_total",
       MetricType::kCounter,
       "Read.",
       {{"rule", "say \"hi\"\\\n"}, {"stream", "\xC3\xA9"}},
       7,
       {}},
      {"lymer_level", MetricType::kGauge, "Level.", {{"of", "a"}}, std::nan(""), {}},
      {"lymer_level", MetricType::kGauge, "Level.", {{"of", "b"}}, kInfinity, {}},
      {"lymer_level", MetricType::kGauge, "Level.", {{"of", "c"}}, -kInfinity, {}},
      {"lymer_level", MetricType::kGauge, "Level.", {{"of", "d"}}, -0.25, {}},
      {"lymer_size_bytes",
       MetricType::kHistogram,
       "Size.",
       {{"job", "j"}},
       0,
       histogram.snapshot()},
  };
}

// The buckets from 8 on, which hold the same three.
std::string buckets_above_four() {
  std::string lines;
  for (const char* bound : {"8",
                            "16",
                            "32",
                            "64",
                            "128",
                            "256",
                            "512",
                            "1024",
                            "2048",
                            "4096",
                            "8192",
                            "16384",
                            "32768",
                            "65536",
                            "131072",
                            "262144",
                            "524288",
                            "1048576",
                            "2097152",
                            "4194304",
                            "8388608",
                            "16777216",
                            "33554432",
                            "67108864",
                            "134217728",
                            "268435456",
                            "536870912",
                            "1073741824",
                            "2147483648",
                            "4294967296",
                            "8589934592",
                            "17179869184",
                            "34359738368",
                            "68719476736",
                            "137438953472",
                            "274877906944",
                            "549755813888",
                            "1099511627776"}) {
    lines += std::string("lymer_size_bytes_bucket{job=\"j\",le=\"") + bound + "\"} 3\n";
  }
  return lines;
}

TEST(ToPrometheus, IsTheGoldenPage) {
  const std::string page = to_prometheus(samples());
  EXPECT_EQ(page, R"(# HELP lymer_build_info Version.
# TYPE lymer_build_info gauge
lymer_build_info{version="1.0"} 1
# HELP lymer_events_in_total Read.\nBy "us" \\.
# TYPE lymer_events_in_total counter
lymer_events_in_total 12345678
lymer_events_in_total{rule="say \"hi\"\\\n",stream="é"} 7
# HELP lymer_level Level.
# TYPE lymer_level gauge
lymer_level{of="a"} NaN
lymer_level{of="b"} +Inf
lymer_level{of="c"} -Inf
lymer_level{of="d"} -0.25
# HELP lymer_size_bytes Size.
# TYPE lymer_size_bytes histogram
lymer_size_bytes_bucket{job="j",le="1"} 1
lymer_size_bytes_bucket{job="j",le="2"} 1
lymer_size_bytes_bucket{job="j",le="4"} 3
)" + buckets_above_four() +
                      R"(lymer_size_bytes_bucket{job="j",le="+Inf"} 4
lymer_size_bytes_sum{job="j"} 1e+20
lymer_size_bytes_count{job="j"} 4
)");
  EXPECT_THAT(complaints(page), IsEmpty());
}

TEST(ToPrometheus, AddsTotalToCounters) {
  const std::vector<MetricSample> counters = {{.name = "a", .type = MetricType::kCounter}};
  EXPECT_EQ(to_prometheus(counters), "# HELP a_total \n# TYPE a_total counter\na_total 0\n");
}

TEST(ToPrometheus, IsEmptyForNothing) { EXPECT_EQ(to_prometheus({}), ""); }

TEST(ToPrometheus, KeepsTheGrammarWhateverTheNames) {
  const ManualClock clock(EventTime::from_millis(0));
  MetricRegistry registry(clock);
  const std::vector<std::string> odd = {"",         "le",           "__name__", "a b", "5",
                                        "\"\\\n",   "\xFF\xC3\xA9", "x_total",  "x",   "x_count",
                                        "x_bucket", "{}",           "a=\"b\","};
  for (const std::string& key : odd) {
    for (const std::string& value : odd) {
      const auto group = registry.root().group(key, value);
      group->counter(value, key).add();
      group->gauge(key, value).set(kInfinity);
      group->meter(key + value, value).mark();
      group->histogram(value, key).observe(0.5);
      group->group(value)->histogram(key + "_bytes", key).observe(5);
    }
  }
  const auto samples = registry.collect();
  EXPECT_GT(samples.size(), 500U);
  EXPECT_THAT(complaints(to_prometheus(samples)), IsEmpty());
}

TEST(ExpositionGrammar, FindsWhatIsWrong) {
  const std::string type = "# TYPE a gauge\n";
  const std::string histogram = "# TYPE h histogram\n";
  for (const std::string& bad : std::vector<std::string>{
           "a 1\n",
           type + "a 1",
           type + "a  1\n",
           type + "a inf\n",
           type + "a{b=c} 1\n",
           type + "a{b=\"\\x\"} 1\n",
           type + "a{b=\"c\",b=\"d\"} 1\n",
           type + "a 1\na 2\n",
           type + "b 1\n",
           type + type,
           type + "a 1\n# HELP a b\n",
           type + "# TYPE b gauge\na 1\n",
           "# TYPE a counter\na 1\n",
           "# HELP a b\n",
           type + "\n",
           type + "a{le=\"1\"} 1\n",
           histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n",
           histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"}) {
    EXPECT_THAT(complaints(bad), Not(IsEmpty())) << bad;
  }
  EXPECT_THAT(complaints(type + "a 1\na{b=\"c\\n\"} 1e+20\n"), IsEmpty());
}

TEST(ToJson, IsTheGoldenList) {
  const std::string counter = R"({"name":"lymer_events_in_total","type":"counter","help":)";
  const std::string level = R"({"name":"lymer_level","type":"gauge","help":"Level.","labels":)";
  EXPECT_EQ(to_json(samples()),
            R"([
{"name":"lymer_build_info","type":"gauge","help":"Version.","labels":{"version":"1.0"},"value":1},
)" + counter + R"("Read.\nBy \"us\" \\.","labels":{},"value":12345678},
)" + counter + R"("Read.","labels":{"rule":"say \"hi\"\\\n","stream":"é"},"value":7},
)" + level + R"({"of":"a"},"value":null},
)" + level + R"({"of":"b"},"value":null},
)" + level + R"({"of":"c"},"value":null},
)" + level +
                R"({"of":"d"},"value":-0.25},
{"name":"lymer_size_bytes","type":"histogram","help":"Size.","labels":{"job":"j"},"count":4,)"
                R"("sum":1e+20,"min":0.5,"max":1e+20,)"
                R"("p50":2.727272727272727,"p90":1e+20,"p99":1e+20}
]
)");
  EXPECT_EQ(to_json({}), "[\n]\n");
}

TEST(ToLogLines, IsOneLineEach) {
  const auto format = ScopeFormat::make(ScopeFormat::kDefault).value();
  EXPECT_THAT(to_log_lines(samples(), format), HasSubstr(R"(
lymer_events_in_total: 12345678
rule.say_"hi"\_.stream.é.lymer_events_in_total: 7
of.a.lymer_level: NaN
)"));
  EXPECT_THAT(to_log_lines(samples(), format),
              HasSubstr("\nj.lymer_size_bytes: count=4 sum=1e+20 min=0.5 "));
  EXPECT_EQ(to_log_lines({}, format), "");
}

}  // namespace
}  // namespace lymer::runtime
