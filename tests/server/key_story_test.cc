// What is told of a key's partial matches, and that it is what the engine finds.
// Not here: how people read it (cli/why_test.cc).
#include "server/key_story.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "server/trial.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

namespace fs = std::filesystem;

class KeyStoryTest : public ::testing::Test {
 protected:
  KeyStory tell(const std::string& rule, const std::string& events, const std::string& key) {
    rules::Diagnostics diagnostics;
    const rules::SourceFile file("rules.cep", stream_text("e", "x") + rule);
    auto set = rules::load(file, diagnostics);
    EXPECT_TRUE(set.has_value()) << rules::to_text(diagnostics, file);
    if (!set) return {};
    auto story =
        tell_key(std::move(*set), 0, key, {{"e", memory_.put("events", events)}}, memory_, clock_);
    EXPECT_TRUE(story) << story.error().to_string();
    return story ? std::move(*story) : KeyStory{};
  }
  PosixFileSystem system_;
  MemoryFiles memory_{system_};
  SystemClock clock_;
};

std::vector<cep::StoryEnd> ends_of(const KeyStory& story) {
  std::vector<cep::StoryEnd> ends;
  for (const cep::RunStory& each : story.runs) ends.push_back(each.end);
  return ends;
}

TEST_F(KeyStoryTest, TellsAMatchWithItsConditions) {
  const KeyStory story =
      tell(rule_text("ab", "e"),
           event_line("x", "c", 1) + event_line("x", "a", 2) + event_line("y", "a", 3) +
               event_line("x", "c", 4) + event_line("x", "b", 5),
           "x");
  ASSERT_EQ(story.events.size(), 4U);
  EXPECT_EQ(story.engine_matches, 1U);
  ASSERT_EQ(story.runs.size(), 1U);
  const cep::RunStory& run = story.runs[0];
  EXPECT_EQ(run.end, cep::StoryEnd::kMatched);
  using Taken = std::vector<std::pair<std::string, std::size_t>>;
  EXPECT_EQ(run.events, (Taken{{"a", 1}, {"b", 3}}));
  ASSERT_EQ(run.steps.size(), 3U);
  EXPECT_EQ(run.steps[0].stage, "a");
  EXPECT_EQ(run.steps[1].stage, "");
  ASSERT_FALSE(run.steps[1].tested.empty());
  EXPECT_FALSE(run.steps[1].tested[0].holds);
  EXPECT_EQ(run.steps[1].tested[0].values, "t=\"c\"");
  EXPECT_EQ(run.steps[2].stage, "b");
  ASSERT_EQ(story.begun_nothing.size(), 3U);
  EXPECT_EQ(story.begun_nothing[0].event, 0U);
}

TEST_F(KeyStoryTest, TellsWhatRanOutOfTimeAndWhatWaits) {
  const std::string a = event_line("x", "a", 1);
  const KeyStory open = tell(rule_text("ab", "e"), a, "x");
  ASSERT_EQ(ends_of(open), std::vector{cep::StoryEnd::kOpen});
  EXPECT_EQ(open.runs[0].waits_for, "b");
  ASSERT_TRUE(open.runs[0].deadline);
  const std::string later = R"({"k":"x","t":"c","at":"2026-01-01T00:02:00Z"})";
  const KeyStory over = tell(rule_text("ab", "e"), a + later + "\n", "x");
  ASSERT_EQ(ends_of(over), std::vector{cep::StoryEnd::kTimedOut});
  EXPECT_EQ(over.runs[0].time, *open.runs[0].deadline);
}

TEST_F(KeyStoryTest, TellsWhatEndedAPartialMatch) {
  const std::string events =
      event_line("x", "a", 1) + event_line("x", "c", 2) + event_line("x", "b", 3);
  const auto with = [](const std::string& stages) {
    return "rule r {\n  on e by k\n  begin a where t == \"a\"\n" + stages + "  within 1m\n}\n";
  };
  EXPECT_EQ(ends_of(tell(with("  next b where t == \"b\"\n"), events, "x")),
            std::vector{cep::StoryEnd::kNoWay});
  EXPECT_EQ(ends_of(tell(with("  notFollowedBy c where t == \"c\"\n"
                              "  followedBy b where t == \"b\"\n"),
                         events, "x")),
            std::vector{cep::StoryEnd::kForbidden});
  const std::string twice =
      event_line("x", "a", 1) + event_line("x", "a", 2) + event_line("x", "b", 3);
  const std::string skips =
      "rule r {\n  on e by k\n  begin a where t == \"a\"\n"
      "  followedBy b where t == \"b\"\n  within 1m\n  skip past last\n}\n";
  const auto ends = ends_of(tell(skips, twice, "x"));
  EXPECT_EQ(std::ranges::count(ends, cep::StoryEnd::kMatched), 1);
  EXPECT_EQ(ends.size(), 2U);
}

TEST_F(KeyStoryTest, KnowsLateEventsAndOtherKeys) {
  const std::string events = event_line("x", "a", 30) + event_line("x", "b", 2);
  const KeyStory late = tell(rule_text("ab", "e"), events, "x");
  EXPECT_EQ(late.late, 1U);
  EXPECT_EQ(late.events.size(), 1U);
  EXPECT_EQ(tell(rule_text("ab", "e"), events, "zz").some_keys, std::vector<std::string>{"x"});
}

TEST_F(KeyStoryTest, TellsOfAFailure) {
  const std::string events = event_line("x", "a", 1) + event_line("x", "b", 2);
  EXPECT_NE(tell(failing_rule_text("bad", "e"), events, "x").failure, "");
}

// The golden cases with one input: each key that has matches is told as many.
TEST_F(KeyStoryTest, FindsWhatTheEngineFinds) {
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator("tests/golden")) {
    const fs::path events = fs::path(entry.path()).replace_extension(".events.ndjson");
    if (entry.path().extension() != ".cep" || !fs::exists(events)) continue;
    SCOPED_TRACE(entry.path().string());
    rules::Diagnostics diagnostics;
    const rules::SourceFile file("rules.cep", *system_.read_all(entry.path(), 1U << 20U));
    const auto set = rules::load(file, diagnostics);
    ASSERT_TRUE(set) << rules::to_text(diagnostics, file);
    std::map<std::string, std::string> inputs;
    for (const rules::StreamPlan& each : set->streams) {
      if (std::holds_alternative<rules::SourcePlan>(each.origin)) inputs[each.name] = events;
    }
    const auto outcome = run_trial(*set, inputs, memory_, clock_);
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    std::map<std::pair<std::string, std::string>, std::size_t> expected;
    for (const TrialResult& each : outcome->matches) {
      std::string key;
      const auto fields = nlohmann::ordered_json::parse(each.key);
      for (const auto& [name, value] : fields.items()) {
        key += (key.empty() ? "" : ",") +
               (value.is_string() ? value.get<std::string>() : value.dump());
      }
      ++expected[{each.source, key}];
    }
    for (const auto& [found, matches] : expected) {
      const auto rule = std::ranges::find(set->rules, found.first, &rules::RulePlan::name);
      const auto story = tell_key(*set, static_cast<std::size_t>(rule - set->rules.begin()),
                                  found.second, inputs, memory_, clock_);
      ASSERT_TRUE(story) << story.error().to_string();
      const auto ends = ends_of(*story);
      EXPECT_EQ(story->engine_matches, matches) << found.first << " " << found.second;
      EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(ends, cep::StoryEnd::kMatched)),
                matches)
          << found.first << " " << found.second;
      ++compared;
    }
  }
  EXPECT_GT(compared, 20U);
}

}  // namespace
}  // namespace lymer::server
