// Counts of rules as series with their labels, and what an operator holds as gauges.
// Not here: counting (tests/cep/pattern_operator_test.cc), groups (tests/runtime/metrics/).
#include "cep/pattern_metrics.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_registry.h"
#include "runtime/metrics/metric_text.h"
#include "tests/cep/letters.h"
#include "tests/runtime/metrics/exposition_grammar.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using support::at;
using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PatternMetricsTest : public ::testing::Test {
 protected:
  // `matches{rule="ab"}` and its value; only series that begin like this.
  std::map<std::string, double> series(const std::string& beginning) {
    std::map<std::string, double> found;
    for (const runtime::MetricSample& each : registry_.collect()) {
      std::string name = each.name.substr(std::string("lymer_").size()) + "{";
      for (const auto& [key, value] : each.labels) name += key + "=" + value + ",";
      name.back() = '}';
      if (name.starts_with(beginning)) found[name] = each.value;
    }
    return found;
  }
  std::shared_ptr<runtime::MetricGroup> group() {
    return registry_.root().group("operator", "pattern");
  }

  ManualClock clock_{ms(0)};
  runtime::MetricRegistry registry_{clock_};
};

TEST_F(PatternMetricsTest, MakesNoSeriesOfARuleThatHasNothingToCount) {
  PatternMetrics metrics(group(), 2);
  metrics.update(RuleIndex(0), {"silent", 1}, {});
  metrics.update(RuleIndex(1), {"loud", 1}, {.matches = 3, .failure = {}});
  EXPECT_THAT(series("matches"), ElementsAre(Pair("matches_total{operator=pattern,rule=loud}", 3)));
  EXPECT_THAT(series("timeouts"), IsEmpty());
  EXPECT_THAT(series("partials"), IsEmpty());
}

TEST_F(PatternMetricsTest, KeepsASeriesOnceItIsThere) {
  PatternMetrics metrics(group(), 1);
  for (const std::uint64_t matches : {3U, 3U, 8U}) {
    metrics.update(RuleIndex(0), {"r", 1}, {.matches = matches, .failure = {}});
    EXPECT_THAT(series("matches"),
                ElementsAre(Pair("matches_total{operator=pattern,rule=r}", matches)));
  }
}

TEST_F(PatternMetricsTest, TellsEachCountByItsNameAndCause) {
  PatternMetrics metrics(group(), 1);
  metrics.update(RuleIndex(0), {"r", 1},
                 {.matches = 1,
                  .timeouts = 2,
                  .condition_errors = 3,
                  .refused_starts = 4,
                  .dropped_starts = 5,
                  .cut_results = 6,
                  .failure = {}});
  EXPECT_THAT(series("timeouts"), ElementsAre(Pair("timeouts_total{operator=pattern,rule=r}", 2)));
  EXPECT_THAT(series("rule_errors"),
              ElementsAre(Pair("rule_errors_total{code=condition,operator=pattern,rule=r}", 3)));
  EXPECT_THAT(series("partials"),
              UnorderedElementsAre(
                  Pair("partials_dropped_total{cause=refused_start,operator=pattern,rule=r}", 4),
                  Pair("partials_dropped_total{cause=dropped_start,operator=pattern,rule=r}", 5),
                  Pair("partials_dropped_total{cause=cut_results,operator=pattern,rule=r}", 6)));
}

TEST_F(PatternMetricsTest, WritesAnyNameOfARuleSoThatPrometheusReadsIt) {
  PatternMetrics metrics(group(), 1);
  metrics.update(RuleIndex(0), {"a \"rule\"\n\\", 1}, {.matches = 1, .failure = {}});
  EXPECT_THAT(support::ExpositionGrammar::check(runtime::to_prometheus(registry_.collect())),
              IsEmpty());
}

TEST_F(PatternMetricsTest, FollowsAnOperator) {
  const auto op = make_operator(
      {{.name = "ab", .spec = {.stages = {begin("a"), then("b")}, .window = Duration::millis(9)}}});
  op->update_metrics();  // Not opened: it has nowhere to tell.
  runtime::OperatorContext context{"pattern", clock_};
  context.metrics = group();
  ASSERT_TRUE(op->open(context));
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"v", "a"})}), out));
  ASSERT_TRUE(op->on_watermark(ms(5), out));
  ASSERT_TRUE(op->on_batch(keyed({at(4, {"v", "b"}), at(6, {"w", "x"}), at(7, {"w", "a"})}), out));
  op->update_metrics();
  EXPECT_THAT(series("matches"), ElementsAre(Pair("matches_total{operator=pattern,rule=ab}", 1)));
  EXPECT_THAT(series("events_late"), ElementsAre(Pair("events_late_total{operator=pattern}", 1)));
  EXPECT_THAT(series("state_keys"), ElementsAre(Pair("state_keys{operator=pattern}", 1)));
  EXPECT_THAT(series("sort_buffer_events"),
              ElementsAre(Pair("sort_buffer_events{operator=pattern}", op->held_events())));
  EXPECT_THAT(series("shared_buffer_nodes"),
              ElementsAre(Pair("shared_buffer_nodes{operator=pattern}", op->held_nodes())));
  EXPECT_GT(op->held_events(), 0U);

  ASSERT_TRUE(op->on_watermark(EventTime::max(), out));
  op->update_metrics();
  EXPECT_THAT(series("timeouts"), ElementsAre(Pair("timeouts_total{operator=pattern,rule=ab}", 2)));
  EXPECT_THAT(series("state_keys"), ElementsAre(Pair("state_keys{operator=pattern}", 0)));
  EXPECT_THAT(series("sort_buffer_events"),
              ElementsAre(Pair("sort_buffer_events{operator=pattern}", 0)));
}

}  // namespace
}  // namespace lymer::cep
