// Rules that come, change and go while an engine runs.
// Not here: what becomes of partial matches (tests/cep/rule_change_test.cc).
#include "server/live_rules.h"

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "server/rule_difference.h"
#include "server/rule_files.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr Duration kPatience = Duration::minutes(2);

class LiveRulesTest : public EngineRun {
 protected:
  LiveRulesTest() {
    path_ = files_.write("e.ndjson", "");
    frame_ = stream_text("e", path_);
    frame_.insert(frame_.find("\n  format"), " follow");
    clock_in_use_ = &system_clock_;
    options_.rules_may_change = true;
  }

  RuleFiles rules_of(const std::string& rules) {
    auto bound = bind_rule_files({{"rules.cep", frame_ + rules}});
    EXPECT_TRUE(bound) << bound.error().to_string();
    return std::move(bound).value();
  }
  // Runs these rules beside `meanwhile`, and stops when that has come to its end.
  void run(const std::string& rules, const std::function<void()>& meanwhile) {
    now_ = rules_of(rules);
    auto made = Engine::make(now_.set, options_, system_, *clock_in_use_);
    ASSERT_TRUE(made) << made.error().to_string();
    engine_ = std::move(made).value();
    std::atomic<bool> is_done = false;
    const std::jthread other([&] {
      meanwhile();
      is_done = true;
    });
    const auto outcome = engine_->run([&] { return is_done.load(); });
    EXPECT_TRUE(outcome) << outcome.error().to_string();
  }
  // Changes to these, and gives the report as text.
  std::string change(const std::string& rules) {
    RuleFiles next = rules_of(rules);
    const RuleDifference difference = difference_of(now_, next);
    EXPECT_EQ(difference.obstacle, "");
    versions_ = next_versions(versions_, difference);
    RuleSetChange asked{.set = std::make_shared<rules::RuleSet>(next.set),
                        .versions = versions_,
                        .changed = difference.changed,
                        .removed = difference.removed};
    asked.changed.insert(asked.changed.end(), difference.added.begin(), difference.added.end());
    const auto report = engine_->change_rules(std::move(asked), kPatience);
    if (!report) return report.error().to_string();
    now_ = std::move(next);
    std::string told = report->is_everywhere ? "" : "not everywhere: ";
    for (const cep::RuleOutcome& each : report->rules) {
      const char* const fates[] = {"added", "migrated", "dropped", "removed"};
      told += text("{} {} {}, ", each.rule, fates[static_cast<int>(each.fate)], each.keys);
    }
    return told;
  }
  void append(const std::string& lines) { std::ofstream(path_, std::ios::app) << lines; }
  // Waits until so many results have come.
  void wait_for_results(std::size_t count) {
    const double end = system_clock_.monotonic_seconds() + 120;
    while (files_.lines("results").size() < count) {
      ASSERT_LT(system_clock_.monotonic_seconds(), end) << "too few results";
      std::this_thread::yield();
    }
  }

  SystemClock system_clock_;
  std::string path_;
  std::string frame_;
  RuleFiles now_;
  RuleVersions versions_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(LiveRulesTest, ComeChangeAndGo) {
  std::string other = rule_text("other", "e");
  other.replace(other.find("\"a\""), 3, "\"x\"");
  std::string changed = rule_text("ab", "e");
  changed.replace(changed.find("\"b\""), 3, "\"c\"");
  // The bound of 5 s: what is looked at is what lies so far behind.
  run(rule_text("ab", "e"), [&] {
    append(event_line("u", "a", 1) + event_line("u", "b", 2) + event_line("u", "a", 3) +
           event_line("v", "-", 10));
    wait_for_results(1);
    EXPECT_EQ(change(rule_text("ab", "e") + other), "other added 0, ");
    EXPECT_EQ(change(changed + other), "ab migrated 1, ");
    append(event_line("u", "x", 11) + event_line("u", "b", 12) + event_line("u", "c", 13) +
           event_line("v", "-", 20));
    wait_for_results(3);
    EXPECT_EQ(change(changed), "other removed 0, ");
    append(event_line("u", "x", 21) + event_line("u", "b", 22) + event_line("u", "a", 23) +
           event_line("u", "c", 24) + event_line("v", "-", 40));
    wait_for_results(4);
  });
  const auto results = files_.lines("results");
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_THAT(results[0], HasSubstr(R"("rule":"ab","version":1)"));
  EXPECT_THAT(results[1], HasSubstr(R"("rule":"other","version":1)"));
  EXPECT_THAT(results[2], HasSubstr(R"("rule":"ab","version":2)"));
  EXPECT_THAT(results[3], HasSubstr(R"("rule":"ab","version":2)"));
}

TEST_F(LiveRulesTest, ReachAllSubtasks) {
  options_.parallelism = 3;
  run(rule_text("ab", "e"), [&] {
    EXPECT_EQ(change(rule_text("ab", "e") + rule_text("too", "e")), "too added 0, ");
    EXPECT_EQ(change(rule_text("too", "e")), "ab removed 0, ");
    std::string lines;
    for (int i = 0; i < 20; ++i) {
      lines += event_line(text("k{}", i), "a", 1) + event_line(text("k{}", i), "b", 2);
    }
    append(lines + event_line("v", "-", 10));
    wait_for_results(20);
  });
  for (const std::string& each : files_.lines("results")) {
    EXPECT_THAT(each, HasSubstr(R"("rule":"too")"));
  }
}

TEST_F(LiveRulesTest, ARuleWithKeysOfItsOwnIsRefused) {
  std::string other = rule_text("other", "e");
  other.replace(other.find("by k"), 4, "by t");
  run(rule_text("ab", "e"), [&] {
    EXPECT_THAT(change(rule_text("ab", "e") + other), HasSubstr("rule `other` reads streams"));
    EXPECT_EQ(engine_->change_rules({.set = std::make_shared<rules::RuleSet>(now_.set)}, kPatience)
                  ->version,
              2U);
  });
}

TEST_F(LiveRulesTest, AnEmptyOperatorStaysForThoseToCome) {
  run(rule_text("ab", "e"), [&] {
    EXPECT_EQ(change(""), "ab removed 0, ");
    EXPECT_EQ(change(rule_text("new", "e")), "new added 0, ");
    append(event_line("u", "a", 1) + event_line("u", "b", 2) + event_line("v", "-", 10));
    wait_for_results(1);
  });
}

TEST_F(LiveRulesTest, WithoutLeaveTheyStayAsTheyAre) {
  options_.rules_may_change = false;
  run(rule_text("ab", "e"), [&] {
    EXPECT_THAT(change(rule_text("ab", "e") + rule_text("too", "e")), HasSubstr("stay as they"));
  });
}

}  // namespace
}  // namespace lymer::server
