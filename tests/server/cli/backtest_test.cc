// `lymer backtest`: counts, samples, differences between versions.
// Not here: running rules (tests/server/trial_test.cc).
#include "server/cli/backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BacktestTest : public ::testing::Test {
 protected:
  Said backtest(BacktestOptions options) {
    options.inputs.push_back("e=" + files_.write("events.ndjson", events_));
    return captured([&] { return server::backtest(options, system_, clock_); });
  }
  nlohmann::json told(BacktestOptions options) {
    options.json = true;
    const Said said = backtest(std::move(options));
    EXPECT_EQ(said.status, kGood) << said.err;
    return nlohmann::json::parse(said.out, nullptr, false);
  }
  std::string rules(const std::string& name, const std::string& text) {
    return files_.write(name, stream_text("e", "nowhere") + text);
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  SystemClock clock_;
  std::string events_ = event_line("x", "a", 1) + event_line("x", "b", 2) +
                        event_line("y", "a", 20) + event_line("y", "b", 21) +
                        event_line("z", "a", 30);
};

TEST_F(BacktestTest, TellsCountsTimesAndSamples) {
  const Said said = backtest({.path = rules("new.cep", rule_text("ab", "e")), .samples = 1});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, AllOf(HasSubstr("5 events, 0 late, 0 rejected\n"),
                              HasSubstr("rule ab: 2 matches, 1 timeouts\n"),
                              HasSubstr("  2026-01-01T00:00:02.000Z        1  ####"),
                              HasSubstr("first matches:\n  {\"rule\":\"ab\"")));
}

TEST_F(BacktestTest, TellsTheSameAsJson) {
  const auto json = told({.path = rules("new.cep", rule_text("ab", "e"))});
  EXPECT_EQ(json["events"], 5);
  ASSERT_EQ(json["rules"].size(), 1U);
  EXPECT_EQ(json["rules"][0]["matches"], 2);
  EXPECT_EQ(json["rules"][0]["histogram"]["width_ms"], 1000);
  EXPECT_EQ(json["rules"][0]["histogram"]["counts"].size(), 20U);
  EXPECT_EQ(json["rules"][0]["samples"].size(), 2U);
}

TEST_F(BacktestTest, ComparesTwoVersions) {
  const std::string now = rule_text("ab", "e");
  std::string before = now;
  before.replace(before.find("t == \"b\""), 8, "t == \"b\" and k != \"y\"");
  before.replace(before.find("count(a)"), 8, "2");
  const auto json =
      told({.path = rules("new.cep", now), .against = rules("old.cep", before)})["against"];
  EXPECT_EQ(json["only_new"], 1);
  EXPECT_EQ(json["only_old"], 0);
  EXPECT_EQ(json["in_both"], 1);
  EXPECT_EQ(json["changed"], 1);
  EXPECT_EQ(json["only_new_samples"][0]["key"]["k"], "y");
  const Said said = backtest({.path = rules("new.cep", before), .against = rules("old.cep", now)});
  EXPECT_THAT(said.out, AllOf(HasSubstr("0 only now, 1 only then, 1 in both, 1 of them with other"),
                              HasSubstr("only then:\n  {")));
}

TEST_F(BacktestTest, KeepsToARangeOfTimeAndARule) {
  const std::string path = rules("new.cep", rule_text("ab", "e") + rule_text("other", "e"));
  const auto json = told({.path = path, .rule = "other", .from = "2026-01-01T00:00:02.001Z"});
  ASSERT_EQ(json["rules"].size(), 1U);
  EXPECT_EQ(json["rules"][0]["matches"], 1);
  EXPECT_EQ(told({.path = path, .rule = "ab", .to = "2026-01-01T00:00:21Z"})["rules"][0]["matches"],
            1);
}

TEST_F(BacktestTest, SaysWhatIsWrong) {
  const std::string path = rules("new.cep", rule_text("ab", "e"));
  EXPECT_EQ(backtest({.path = path, .rule = "zz"}).status, kUsage);
  EXPECT_EQ(backtest({.path = path, .inputs = {"zz=x"}}).status, kUsage);
  EXPECT_EQ(backtest({.path = path, .inputs = {"e"}}).status, kUsage);
  EXPECT_EQ(backtest({.path = path, .from = "yesterday"}).status, kUsage);
  EXPECT_EQ(backtest({.path = files_.path("gone.cep")}).status, kInputOutput);
  EXPECT_EQ(backtest({.path = rules("bad.cep", "rule")}).status, kFindings);
  const Said failed = backtest({.path = rules("fails.cep", failing_rule_text("bad", "e"))});
  EXPECT_EQ(failed.status, kFindings);
  EXPECT_THAT(failed.out, HasSubstr("rule bad failed:"));
}

}  // namespace
}  // namespace lymer::server
