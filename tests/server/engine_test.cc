// Whole runs over files: matches, late events, timeouts and rejects, each in its own file; several
// streams and keys; what cannot be opened or written.
// Not here: what patterns match (tests/golden/), the command line (tests/server/cli/).
#include "server/engine.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    options_.results_path = files_.path("results");
    options_.late_path = files_.path("late");
    options_.timeouts_path = files_.path("timeouts");
    options_.rejects_path = files_.path("rejects");
  }

  Result<std::unique_ptr<Engine>> make(const std::string& rule_text) {
    const rules::SourceFile source("rules.cep", rule_text);
    rules::Diagnostics diagnostics;
    auto loaded = rules::load(source, diagnostics);
    EXPECT_TRUE(loaded) << rules::to_text(diagnostics, source);
    if (!loaded) return Error{ErrorCode::kInvalidArgument, "bad rules"};
    auto engine = Engine::make(std::move(*loaded), options_, system_, clock_);
    if (engine) {
      (*engine)->on_reject([this](const std::string& path, const runtime::RejectedRecord& record) {
        rejected_.push_back(path.substr(path.rfind('/') + 1) + ":" + std::to_string(record.line));
      });
    }
    return engine;
  }

  // Runs to the end and gives the counters.
  RunCounters run(const std::string& rule_text) {
    auto engine = make(rule_text);
    EXPECT_TRUE(engine) << engine.error().to_string();
    if (!engine) return {};
    const auto outcome = (*engine)->run([] { return false; });
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    failed_ = (*engine)->failed_rules();
    return (*engine)->counters();
  }

  std::string stream(const std::string& name, const std::string& content) {
    return stream_text(name, files_.write(name + ".ndjson", content));
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  ManualClock clock_{EventTime::from_millis(1'767'225'600'000)};
  EngineOptions options_;
  std::vector<std::string> rejected_;
  std::vector<FailedRule> failed_;
};

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

TEST_F(EngineTest, WritesWhatWasFoundWhenItIsStopped) {
  std::string events = event_line("u", "a", 1) + event_line("u", "b", 2);
  for (int i = 0; i < 5000; ++i) events += event_line("w", "x", 9);
  auto engine = make(stream("e", events) + rule_text("ab", "e"));
  ASSERT_TRUE(engine);
  int steps = 0;
  ASSERT_TRUE((*engine)->run([&] { return ++steps == 2; }));
  EXPECT_EQ(steps, 2);
  EXPECT_LT((*engine)->counters().events, 5000U);
  EXPECT_THAT(files_.lines("results"), SizeIs(1));
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

}  // namespace
}  // namespace lymer::server
