// Words on standard error: rejects up to a limit, and a summary that leaves out what did not
// happen.
// Not here: progress, which only a terminal shows.
#include "server/cli/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/source_file.h"
#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(WithCommas, GroupsDigitsByThree) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(123456), "123,456");
  EXPECT_EQ(with_commas(18446744073709551615U), "18,446,744,073,709,551,615");
}

class RunReportTest : public ::testing::Test {
 protected:
  // An engine that has run over these events; the run took two seconds.
  std::string summary_of(const std::string& events, const std::string& rules, bool quiet = false) {
    return said([&] {
      const std::string path = files_.write("events", events);
      rules::Diagnostics diagnostics;
      auto loaded =
          rules::load(rules::SourceFile("r.cep", stream_text("e", path) + rules), diagnostics);
      EngineOptions options;
      options.results_path = files_.path("results");
      auto engine = Engine::make(std::move(loaded).value(), options, system_, clock_).value();
      RunReport report(*engine, clock_, quiet);
      EXPECT_TRUE(engine->run([] { return false; }));
      clock_.sleep(Duration::seconds(2));
      report.progress();
      report.summary();
    });
  }

  template <typename Call>
  std::string said(Call call) {
    return captured([&] {
             call();
             return 0;
           })
        .err;
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  ManualClock clock_{EventTime::from_millis(5000)};
};

TEST_F(RunReportTest, SumsTheRunUp) {
  std::string events;
  for (int i = 0; i < 1200; ++i) events += event_line("u", "x", 1);
  EXPECT_EQ(summary_of(events, rule_text("ab", "e")),
            "1,200 events, 0 matches, 0 timeouts, 0 late, 0 rejected; 2.000 seconds, 600 "
            "events/s\n");
}

TEST_F(RunReportTest, NamesRulesThatStoppedAlsoWhenQuiet) {
  const std::string events = event_line("u", "a", 1) + event_line("u", "b", 2);
  const std::string loud = summary_of(events, failing_rule_text("failing", "e"));
  EXPECT_THAT(loud, StartsWith("lymer: rule `failing` stopped: "));
  EXPECT_THAT(loud, HasSubstr("\n2 events"));
  const std::string quiet = summary_of(events, failing_rule_text("failing", "e"), true);
  EXPECT_THAT(quiet, StartsWith("lymer: rule `failing` stopped: "));
  EXPECT_THAT(quiet, Not(HasSubstr("events")));
}

TEST_F(RunReportTest, SaysNothingWhenQuiet) {
  EXPECT_THAT(summary_of("", rule_text("ab", "e"), true), IsEmpty());
}

TEST_F(RunReportTest, ShowsTheFirstRejectsOnly) {
  const std::string shown = said([&] {
    rules::Diagnostics diagnostics;
    auto loaded = rules::load(
        rules::SourceFile("r.cep", stream_text("e", files_.write("e", "")) + rule_text("ab", "e")),
        diagnostics);
    EngineOptions options;
    options.results_path = files_.path("results");
    auto engine = Engine::make(std::move(loaded).value(), options, system_, clock_);
    ASSERT_TRUE(engine);
    RunReport report(**engine, clock_, true);
    for (std::uint64_t line = 1; line <= 20; ++line) {
      report.rejected("a.log", {.reason = runtime::RejectReason::kMalformed,
                                .detail = "no JSON",
                                .line = line,
                                .bytes = {}});
    }
  });
  EXPECT_THAT(shown, StartsWith("lymer: a.log:1: rejected (malformed): no JSON\n"));
  EXPECT_THAT(shown, HasSubstr("a.log:5:"));
  EXPECT_THAT(shown, Not(HasSubstr("a.log:6:")));
  EXPECT_THAT(shown, HasSubstr("--rejects FILE keeps them all"));
}

}  // namespace
}  // namespace lymer::server
