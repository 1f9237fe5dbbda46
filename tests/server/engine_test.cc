// Whole runs over files: matches, late events, timeouts and rejects, each in its own file; several
// streams and keys; what cannot be opened or written; counts and metrics of a run.
// Not here: what patterns match (tests/golden/), derived streams
// (tests/server/job_builder_test.cc), the command line (tests/server/cli/).
#include "server/engine.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_text.h"
#include "tests/runtime/metrics/exposition_grammar.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// So often is a run looked after, in half a minute at most, if nothing comes.
constexpr int kMostSteps = 300;

class EngineTest : public EngineRun {
 protected:
  // A stream of a file that may grow.
  std::string followed(const std::string& name, const std::string& content) {
    std::string text = stream(name, content);
    return text.insert(text.find("\n  format"), " follow");
  }
};

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

TEST_F(EngineTest, WritesMatchesToTheirFile) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 1) + event_line("v", "b", 2) + event_line("u", "b", 3)) +
          rule_text("ab", "e"));
  EXPECT_THAT(files_.lines("results"),
              ElementsAre(AllOf(HasSubstr(R"("rule":"ab")"), HasSubstr(R"("key":{"k":"u"})"),
                                HasSubstr(R"("time":"2026-01-01T00:00:03.000Z")"),
                                HasSubstr(R"("emit":{"n":1}})"))));
  EXPECT_EQ(counters.events, 3U);
  EXPECT_EQ(counters.matches, 1U);
  EXPECT_EQ(counters.bytes_read, files_.read("e.ndjson").size());
  EXPECT_EQ(counters.bytes_total, counters.bytes_read);
}

TEST_F(EngineTest, WritesLateEventsTimeoutsAndRejects) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 10) + "no json\n" + event_line("u", "a", 20) +
                          event_line("v", "b", 14) + "{\"k\":\"u\",\"t\":\"b\"}\n") +
          rule_text("ab", "e"));
  EXPECT_THAT(files_.lines("results"), IsEmpty());
  EXPECT_THAT(files_.lines("timeouts"),
              ElementsAre(HasSubstr(R"("deadline":"2026-01-01T00:01:10.000Z")"),
                          HasSubstr(R"("deadline":"2026-01-01T00:01:20.000Z")")));
  EXPECT_THAT(files_.lines("late"),
              ElementsAre(AllOf(HasSubstr(R"({"stream":"e","time":"2026-01-01T00:00:14.000Z",)"),
                                HasSubstr(R"("event":{"k":"v","t":"b",)"),
                                HasSubstr(R"("raw":"{\"k\":\"v\")"))));
  EXPECT_THAT(
      files_.lines("rejects"),
      ElementsAre(AllOf(HasSubstr(R"({"stream":"e","line":2,)"),
                        HasSubstr(R"("reason":"malformed")"), HasSubstr(R"("raw":"no json"})")),
                  AllOf(HasSubstr(R"("line":5,)"), HasSubstr(R"("reason":"missing_field")"))));
  EXPECT_THAT(rejected_, ElementsAre("e.ndjson:2", "e.ndjson:5"));
  EXPECT_EQ(counters.late, 1U);
  EXPECT_EQ(counters.timeouts, 2U);
  EXPECT_EQ(counters.rejected, 2U);
}

TEST_F(EngineTest, WritesOnlyTheFilesThatAreWanted) {
  options_.late_path.clear();
  options_.timeouts_path.clear();
  options_.rejects_path.clear();
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 10) + "no json\n" + event_line("u", "a", 30) +
                          event_line("u", "b", 14)) +
          rule_text("ab", "e"));
  EXPECT_EQ(counters.late, 1U);
  EXPECT_EQ(counters.timeouts, 2U);
  EXPECT_EQ(counters.rejected, 1U);
  EXPECT_EQ(files_.read("late"), "");
}

TEST_F(EngineTest, RunsRulesOfSeveralStreamsAndKeys) {
  const std::string by_both = "rule by_both {\n  on one by (k, t)\n  begin x where t == \"a\"\n}\n";
  const RunCounters counters =
      run(stream("one", event_line("u", "a", 1) + event_line("u", "b", 2)) +
          stream("two", event_line("w", "a", 1) + event_line("w", "b", 9)) +
          rule_text("r1", "one") + rule_text("r2", "two") + by_both);
  EXPECT_THAT(
      files_.lines("results"),
      UnorderedElementsAre(
          AllOf(HasSubstr(R"("rule":"r1")"), HasSubstr(R"("key":{"k":"u"})")),
          AllOf(HasSubstr(R"("rule":"r2")"), HasSubstr(R"("key":{"k":"w"})")),
          AllOf(HasSubstr(R"("rule":"by_both")"), HasSubstr(R"("key":{"k":"u","t":"a"})"))));
  EXPECT_EQ(counters.events, 4U);
  EXPECT_EQ(counters.matches, 3U);
}

TEST_F(EngineTest, CountsALateEventOnceWhateverTheKeys) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 30) + event_line("u", "b", 1)) + rule_text("by_k", "e") +
          "rule by_t {\n  on e by t\n  begin x where t == \"b\"\n}\n");
  EXPECT_EQ(counters.late, 1U);
  EXPECT_THAT(files_.lines("late"), SizeIs(1));
}

TEST_F(EngineTest, JoinsStreamsInARule) {
  const RunCounters counters =
      run(stream("one", event_line("u", "a", 1) + event_line("w", "a", 30)) +
          stream("two", event_line("u", "b", 2) + event_line("u", "b", 9) +
                            event_line("w", "b", 31) + event_line("x", "b", 20)) +
          "rule both {\n  on one by k, two by k\n  begin a: one\n  followedBy b: two\n"
          "  within 1m\n}\n" +
          rule_text("alone", "two"));
  EXPECT_THAT(files_.lines("results"), UnorderedElementsAre(HasSubstr(R"("key":{"k":"u"})"),
                                                            HasSubstr(R"("key":{"k":"w"})")));
  EXPECT_EQ(counters.matches, 2U);
  EXPECT_EQ(counters.late, 1U) << "late for both rules, told of once";
  EXPECT_THAT(files_.lines("late"), SizeIs(1));
}

TEST_F(EngineTest, DoesNotOpenAStreamThatNoRuleReads) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 1)) + stream_text("unused", files_.path("not there")) +
          rule_text("ab", "e"));
  EXPECT_EQ(counters.events, 1U);
}

TEST_F(EngineTest, ReadsTheGivenFileInPlaceOfTheStreams) {
  options_.inputs["e"] = files_.write("other", event_line("u", "a", 1) + event_line("u", "b", 2));
  const RunCounters counters =
      run(stream_text("e", files_.path("not there")) + rule_text("ab", "e"));
  EXPECT_EQ(counters.matches, 1U);
}

TEST_F(EngineTest, RejectsLinesAboveTheLimit) {
  options_.max_record_bytes = 100;
  const RunCounters counters =
      run(stream("e", event_line(std::string(200, 'u'), "a", 1) + event_line("u", "a", 2)) +
          rule_text("ab", "e"));
  EXPECT_EQ(counters.events, 1U);
  EXPECT_THAT(files_.lines("rejects"),
              ElementsAre(AllOf(HasSubstr(R"("reason":"oversized")"), HasSubstr(R"("raw":"")"))));
}

TEST_F(EngineTest, GoesOnWithoutARuleThatFailed) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 1) + event_line("u", "b", 2) + event_line("v", "a", 3) +
                          event_line("v", "b", 4)) +
          failing_rule_text("failing", "e") + rule_text("ab", "e"));
  ASSERT_THAT(failed_, SizeIs(1));
  EXPECT_EQ(failed_[0].name, "failing");
  EXPECT_THAT(failed_[0].reason, HasSubstr("`x`"));
  EXPECT_EQ(counters.matches, 2U);
  EXPECT_THAT(files_.lines("results"),
              ElementsAre(HasSubstr(R"("key":{"k":"u"})"), HasSubstr(R"("key":{"k":"v"})")));
}

TEST_F(EngineTest, WritesWhatIsFoundAtOnceAndNothingMoreOnceItIsStopped) {
  auto engine = make(followed("e", event_line("u", "a", 1) + event_line("u", "b", 2) +
                                       event_line("w", "a", 8) + event_line("w", "b", 9)) +
                     rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  int steps = 0;
  ASSERT_TRUE(
      (*engine)->run([&] { return !files_.lines("results").empty() || ++steps == kMostSteps; }));
  EXPECT_LT(steps, kMostSteps);
  EXPECT_THAT(files_.lines("results"), ElementsAre(HasSubstr(R"("key":{"k":"u"})")))
      << "event time has not come to 9 s";
}

TEST_F(EngineTest, SaysWhichFileItCannotOpen) {
  const auto engine = make(stream_text("e", files_.path("not there")) + rule_text("ab", "e"));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(engine.error().to_string(), HasSubstr("not there"));
}

TEST_F(EngineTest, SaysWhichFileItCannotCreate) {
  options_.late_path = files_.path("no folder/late");
  const auto engine = make(stream("e", "") + rule_text("ab", "e"));
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().to_string(), HasSubstr("no folder/late"));
}

TEST_F(EngineTest, EndsWhenItCannotWrite) {
  options_.results_path = "/dev/full";
  auto engine =
      make(stream("e", event_line("u", "a", 1) + event_line("u", "b", 2)) + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  const auto outcome = (*engine)->run([] { return false; });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kIo);
}

TEST_F(EngineTest, CountsEventsWithoutAKeyAndErrorsOfConditions) {
  const std::string nullable =
      "stream e {\n  from file \"" +
      files_.write("n", R"({"k":null,"n":0,"at":"2026-01-01T00:00:00Z"})"
                        "\n"
                        R"({"k":"u","n":0,"at":"2026-01-01T00:00:01Z"})"
                        "\n") +
      "\"\n  format json\n  field k: string?\n  field n: int\n  field at: time\n  time at\n}\n";
  const RunCounters counters =
      run(nullable + "rule r {\n  on e by k\n  begin a where 1 / n == 1\n}\n");
  EXPECT_EQ(counters.null_keys, 1U);
  EXPECT_EQ(counters.expression_errors, 1U);
  EXPECT_EQ(counters.matches, 0U);
}

TEST_F(EngineTest, CountsErrorsOfWhatIsMadeOfMatchesAndTimeouts) {
  const RunCounters counters =
      run(numbers("e", number_line("u", 0, 1) + number_line("u", 1, 2) + number_line("u", 0, 30)) +
          "rule r {\n  on e by k\n  begin a where n == 0\n  next b where n == 1\n  within 10s\n"
          "  emit { q: 1 / a.n }\n  on timeout emit { q: 1 / a.n, p: 2 / a.n }\n}\n");
  EXPECT_EQ(counters.matches, 1U);
  EXPECT_EQ(counters.timeouts, 1U);
  EXPECT_EQ(counters.expression_errors, 3U);
}

TEST_F(EngineTest, FollowsAFileAndCountsMeanwhile) {
  SystemClock clock;  // By which counts are brought up to date.
  clock_in_use_ = &clock;
  auto engine = make(followed("e", event_line("u", "a", 1)) + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  int steps = 0;
  bool has_written = false;
  const auto outcome = (*engine)->run([&] {
    const RunCounters counters = (*engine)->counters();
    if (!has_written && counters.events == 1) {
      std::ofstream(files_.path("e.ndjson"), std::ios::app)
          << event_line("u", "b", 2) + event_line("v", "a", 3) + event_line("w", "x", 50);
      has_written = true;
    }
    return counters.matches == 1 || ++steps == kMostSteps;
  });
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_LT(steps, kMostSteps);
  EXPECT_THAT(files_.lines("results"), ElementsAre(HasSubstr(R"("key":{"k":"u"})")));
  EXPECT_THAT(files_.lines("timeouts"), IsEmpty()) << "event time has not come to its end";
  EXPECT_EQ((*engine)->counters().events, 4U);
  EXPECT_EQ((*engine)->counters().timeouts, 0U);
}

TEST_F(EngineTest, StopsWithSeveralThreadsAndNothingToRead) {
  options_.parallelism = 3;
  auto engine = make(followed("e", "") + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  EXPECT_TRUE((*engine)->run([] { return true; }));
  EXPECT_THAT(files_.lines("results"), IsEmpty());
}

TEST_F(EngineTest, RunsOnce) {
  auto engine = make(stream("e", "") + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  ASSERT_TRUE((*engine)->run([] { return false; }));
  const auto again = (*engine)->run([] { return false; });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(EngineTest, CountsNothingBeforeItRuns) {
  auto engine = make(stream("e", event_line("u", "a", 1)) + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  EXPECT_EQ((*engine)->counters().events, 0U);
  EXPECT_EQ((*engine)->counters().matches, 0U);
  EXPECT_THAT((*engine)->failed_rules(), IsEmpty());
}

TEST_F(EngineTest, LeavesNoThreadBehindAnErrorOfASink) {
  // With the first thread a sanitizer may start one of its own.
  std::thread([] {}).join();
  const auto before = threads();
  options_.parallelism = 3;
  for (std::string* path : {&options_.results_path, &options_.timeouts_path, &options_.late_path,
                            &options_.rejects_path}) {
    const std::string good = *path;
    *path = "/dev/full";
    auto engine =
        make(stream("e", event_line("u", "a", 1) + event_line("u", "b", 2) +
                             event_line("v", "a", 30) + event_line("v", "a", 3) + "no json\n") +
             rule_text("ab", "e"));
    ASSERT_TRUE(engine);
    const auto outcome = (*engine)->run([] { return false; });
    ASSERT_FALSE(outcome) << good;
    EXPECT_EQ(outcome.error().code, ErrorCode::kIo) << good;
    engine->reset();
    EXPECT_EQ(threads(), before) << good;
    *path = good;
  }
}

TEST_F(EngineTest, ReportsMetricsByRuleAndStream) {
  auto engine = make(stream("e", event_line("u", "a", 10) + "no json\n" + event_line("u", "b", 20) +
                                     event_line("v", "a", 30) + event_line("v", "b", 14)) +
                     rule_text("ab", "e") + rule_text("second", "e"));
  ASSERT_TRUE(engine);
  ASSERT_TRUE((*engine)->run([] { return false; }));
  const std::vector<runtime::MetricSample> samples = (*engine)->metrics().collect();
  const auto sum_of = [&](const std::string& name, const std::string& label,
                          const std::string& value) {
    double sum = 0;
    for (const runtime::MetricSample& each : samples) {
      const auto found = each.labels.find(label);
      if (each.name == name && found != each.labels.end() && found->second == value) {
        sum += each.value;
      }
    }
    return sum;
  };
  EXPECT_EQ(sum_of("lymer_matches_total", "rule", "ab"), 1);
  EXPECT_EQ(sum_of("lymer_matches_total", "rule", "second"), 1);
  EXPECT_EQ(sum_of("lymer_timeouts_total", "rule", "ab"), 1);
  EXPECT_EQ(sum_of("lymer_events_in_total", "job", "default"), 4);
  EXPECT_EQ(sum_of("lymer_events_rejected_total", "job", "default"), 1);
  EXPECT_EQ(sum_of("lymer_events_late_total", "job", "default"), 1);

  const std::string page = runtime::to_prometheus(samples);
  EXPECT_THAT(support::ExpositionGrammar::check(page), IsEmpty()) << page;
  EXPECT_THAT(page, HasSubstr("# TYPE lymer_matches_total counter\n"));
  EXPECT_THAT(page, HasSubstr("rule=\"ab\""));
}

}  // namespace
}  // namespace lymer::server
