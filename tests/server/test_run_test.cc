// Tests of rule files: which pass, which do not, and what is said then.
// Not here: their text (tests/rules/), the command (cli/test_test.cc).
#include "server/test_run.h"

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"

namespace lymer::server {
namespace {

const char* const kRules =
    "stream s { from topic \"t\" format json field user: string field ok: bool = what == \"yes\" "
    "field n: float field ts: time time ts out_of_order 5s }\n"
    "stream big = from s where n > 10\n"
    "rule guess { on s by user begin fails where not ok times 2 followedBy entry where ok "
    "within 1m skip past last emit { user: key.user, n: count(fails), at: last(entry).ts } }\n"
    "rule whales { on big by user begin a next b within 10s }\n";

class TestRunTest : public ::testing::Test {
 protected:
  TestOutcome run(const std::string& clauses, const std::string& of = "of guess") {
    rules::Diagnostics diagnostics;
    const rules::SourceFile file("rules.cep", kRules + ("test \"t\" " + of + " {" + clauses + "}"));
    const auto set = rules::load(file, diagnostics);
    EXPECT_TRUE(set.has_value()) << rules::to_text(diagnostics, file);
    if (!set) return {};
    TestOutcome outcome = run_test(*set, set->tests.at(0), system_, clock_);
    missing_.clear();
    for (const rules::Span& each : outcome.missing) missing_.emplace_back(file.text(each));
    return outcome;
  }
  PosixFileSystem system_;
  SystemClock clock_;
  std::vector<std::string> missing_;
};

constexpr const char* kBurst =
    "at 0s s { user: \"ann\", ok: false } x2 every 10s at 20s s { user: \"ann\", ok: true } ";

TEST_F(TestRunTest, PassesWhereAllThatIsExpectedComes) {
  const TestOutcome outcome =
      run(std::string(kBurst) + "expect match { user: \"ann\", n: 2 } at 20s expect nothing else");
  EXPECT_TRUE(outcome.passed()) << outcome.error;
  EXPECT_EQ(outcome.seen_stages.at("guess"), (std::set<std::string>{"entry", "fails"}));
}

TEST_F(TestRunTest, GivesTheFieldOfTimeTheTimeOfTheRow) {
  EXPECT_TRUE(run(std::string(kBurst) + "expect match { at: @2000-01-01T00:00:20Z }").passed());
}

TEST_F(TestRunTest, TellsWhatWasNotMetAndWhatCameInstead) {
  const TestOutcome outcome = run(std::string(kBurst) +
                                  "expect match { n: 3 } expect match at 20s "
                                  "expect match at 21s expect timeout");
  EXPECT_FALSE(outcome.passed());
  EXPECT_EQ(missing_, (std::vector<std::string>{"expect match { n: 3 }", "expect match at 21s",
                                                "expect timeout"}));
  ASSERT_EQ(outcome.timeline.size(), 4U);
  EXPECT_EQ(outcome.timeline[0].text, R"(s {"user":"ann","ok":false})");
  EXPECT_EQ(outcome.timeline[3].time, kTestStart + Duration::seconds(20));
  EXPECT_TRUE(outcome.timeline[3].text.starts_with("match of guess {\"user\":\"ann\",\"n\":2"));
}

TEST_F(TestRunTest, NothingElseCoversMatchesTimeoutsAndLateEvents) {
  EXPECT_FALSE(run(std::string(kBurst) + "expect nothing else").passed());
  const std::string partial = "at 0s s { user: \"ann\", ok: false } ";
  EXPECT_FALSE(run(partial + "expect nothing else").passed());
  EXPECT_TRUE(run(partial + "expect timeout { user: \"ann\" } at 1m expect nothing else").passed());
  const std::string late = "at 1m s { user: \"b\", ok: true } at 54s s { user: \"a\", ok: true } ";
  EXPECT_FALSE(run(late + "expect nothing else").passed());
  EXPECT_TRUE(run(late + "expect late of s { user: \"a\" } at 54s expect nothing else").passed());
}

TEST_F(TestRunTest, AnExpectationLeavesAResultToOneThatNeedsIt) {
  const std::string twice = std::string(kBurst) +
                            "at 30s s { user: \"bob\", ok: false } x2 "
                            "at 31s s { user: \"bob\", ok: true } ";
  EXPECT_TRUE(
      run(twice + "expect match expect match { user: \"ann\" } expect nothing else").passed());
  EXPECT_FALSE(run(twice + "expect match expect match { user: \"ann\" } expect match").passed());
}

TEST_F(TestRunTest, FeedsDerivedStreamsAndCountsOnlyItsRules) {
  const std::string rows = "at 0s s { user: \"ann\", n: 11, ok: true } x2 every 1s ";
  EXPECT_TRUE(run(rows + "expect match of whales { user: \"ann\" } at 1s", "").passed());
  EXPECT_TRUE(run(rows + "expect nothing else", "of guess").passed());
}

TEST_F(TestRunTest, WhatIsNotGivenIsNull) {
  // Neither `ok` nor `not ok`, so no stage takes them.
  EXPECT_TRUE(run("at 0s s { user: \"ann\" } x3 expect nothing else").passed());
}

}  // namespace
}  // namespace lymer::server
