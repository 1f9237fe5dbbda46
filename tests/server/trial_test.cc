// Rules tried over files: what comes back, and what is left alone.
// Not here: tests (test_run_test.cc), the comparison of versions (cli/backtest_test.cc).
#include "server/trial.h"

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

class TrialTest : public ::testing::Test {
 protected:
  rules::RuleSet load(const std::string& text) {
    rules::Diagnostics diagnostics;
    const rules::SourceFile file("rules.cep", text);
    auto set = rules::load(file, diagnostics);
    EXPECT_TRUE(set.has_value()) << rules::to_text(diagnostics, file);
    return std::move(*set);
  }
  Result<TrialOutcome> run(const std::string& text, std::map<std::string, std::string> inputs) {
    return run_trial(load(text), std::move(inputs), memory_, clock_);
  }
  support::TempFiles files_;
  PosixFileSystem system_;
  MemoryFiles memory_{system_};
  SystemClock clock_;
};

TEST_F(TrialTest, GivesBackMatchesTimeoutsAndLateEvents) {
  const std::string rules = stream_text("e", "nowhere") + rule_text("ab", "e");
  const std::string events = event_line("x", "a", 1) + event_line("x", "b", 2) +
                             event_line("y", "a", 30) + event_line("z", "b", 3);
  const auto outcome = run(rules, {{"e", memory_.put("events", events)}});
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_EQ(outcome->matches.size(), 1U);
  EXPECT_EQ(outcome->matches[0].source, "ab");
  EXPECT_EQ(outcome->matches[0].fields, R"({"n":1})");
  EXPECT_EQ(outcome->matches[0].key, R"({"k":"x"})");
  ASSERT_EQ(outcome->timeouts.size(), 1U);
  EXPECT_EQ(outcome->timeouts[0].fields, R"({"k":"y"})");
  EXPECT_EQ(outcome->timeouts[0].time - outcome->matches[0].time, Duration::seconds(88));
  ASSERT_EQ(outcome->late.size(), 1U);
  EXPECT_EQ(outcome->late[0].source, "e");
  EXPECT_EQ(outcome->counters.events, 4U);
}

TEST_F(TrialTest, LeavesOutSinksAndFollowing) {
  std::string rules =
      stream_text("e", files_.write("e.ndjson", event_line("x", "a", 1))) + rule_text("ab", "e");
  rules.insert(rules.find("\"\n", rules.find("from file")) + 1, " follow");
  rules.insert(rules.find("{ n: count(a) }") + 15, " to log \"alerts\"");
  const auto outcome = run(rules, {});
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(outcome->timeouts.size(), 1U);
}

TEST_F(TrialTest, WantsAFileInPlaceOfTopics) {
  std::string rules = stream_text("e", "x") + rule_text("ab", "e");
  rules.replace(rules.find("file \"x\""), 8, "topic \"x\"");
  const auto outcome = run(rules, {});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().to_string().find("--input e=FILE"), std::string::npos);
  EXPECT_TRUE(run(rules, {{"e", memory_.put("events", event_line("x", "a", 1))}}));
}

TEST_F(TrialTest, TellsOfRulesThatFail) {
  const std::string rules = stream_text("e", "x") + failing_rule_text("bad", "e");
  const std::string events = event_line("x", "a", 1) + event_line("x", "b", 2);
  const auto outcome = run(rules, {{"e", memory_.put("events", events)}});
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->failed.size(), 1U);
  EXPECT_EQ(outcome->failed[0].name, "bad");
}

}  // namespace
}  // namespace lymer::server
