// What runs of rules leave in the result store.
// Not here: the store (tests/server/results/), asking it (tests/server/api/).
#include "server/stored_rows.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/base/civil_time.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using results::ResultKind;
using results::StoredResult;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoredRowsTest : public EngineRun {
 protected:
  StoredRowsTest() {
    options_.late_path = "";
    options_.timeouts_path = "";
    open();
  }
  void open() {
    store_ = nullptr;
    store_ = results::ResultStore::open({.directory = files_.path("store")}, clock_).value();
    options_.results = store_.get();
  }
  std::vector<StoredResult> all(ResultKind kind) const {
    return store_->page({.kind = kind, .is_newest_first = false})->items;
  }
  // A match of x, a partial match of y that runs out of time, and an event of z that is late.
  std::string events() {
    return stream("s", event_line("x", "a", 1) + event_line("x", "b", 2) + event_line("y", "a", 3) +
                           event_line("z", "c", 50) + event_line("z", "a", 10));
  }
  static std::string rule(const std::string& tail) {
    return "rule pair {\n  severity high\n  tags [\"t1\", \"t2\"]\n  on s by k\n"
           "  begin a where t == \"a\"\n  followedBy b where t == \"b\"\n  within 30s\n" +
           tail + "}\n";
  }

  std::unique_ptr<results::ResultStore> store_;
};

TEST_F(StoredRowsTest, AreFoundByWhatTheirRuleSays) {
  run(events() + rule("  emit { n: count(a) }\n  on timeout\n"));
  const auto matches = all(ResultKind::kMatch);
  ASSERT_EQ(matches.size(), 1U);
  const StoredResult& match = matches.front();
  EXPECT_EQ(match.rule, "pair");
  EXPECT_EQ(match.key, R"({"k":"x"})");
  EXPECT_EQ(match.severity, "high");
  EXPECT_THAT(match.tags, ElementsAre("t1", "t2"));
  EXPECT_EQ(match.time, *parse_rfc3339("2026-01-01T00:00:02Z"));
  EXPECT_EQ(match.checkpoint, 0U);
  const auto body = nlohmann::json::parse(match.body);
  EXPECT_EQ(body["id"], match.id);
  EXPECT_EQ(body["version"], 1);
  EXPECT_EQ(body["emit"]["n"], 1);
  EXPECT_FALSE(body.contains("match"));
  EXPECT_EQ(nlohmann::json::parse(match.events)["b"][0]["t"], "b");
  EXPECT_EQ(files_.lines("results"), std::vector<std::string>{match.body});
}

TEST_F(StoredRowsTest, OfTimeoutsAndLateEventsAreKeptToo) {
  run(events() + rule("  on timeout\n"));
  const auto timeouts = all(ResultKind::kTimeout);
  ASSERT_EQ(timeouts.size(), 1U);
  EXPECT_EQ(timeouts.front().key, R"({"k":"y"})");
  EXPECT_THAT(timeouts.front().body, HasSubstr("\"deadline\":\"2026-01-01T00:00:33.000Z\""));
  const auto late = all(ResultKind::kLate);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late.front().rule, "s");
  EXPECT_EQ(late.front().id.size(), 32U);
  EXPECT_EQ(late.front().body, "{\"id\":\"" + late.front().id +
                                   R"(","stream":"s","time":"2026-01-01T00:00:10.000Z",)"
                                   R"("event":{"k":"z","t":"a","at":"2026-01-01T00:00:10.000Z"}})");
}

TEST_F(StoredRowsTest, OfTimeoutsAreThoseThatRulesAskForUnlessAllAreWanted) {
  run(events() + rule(""));
  EXPECT_THAT(all(ResultKind::kTimeout), IsEmpty());
  options_.keeps_all_timeouts = true;
  run(events() + rule(""));
  EXPECT_EQ(all(ResultKind::kTimeout).size(), 1U);
}

// Other rules of the same operator, or other outputs, may tell timeouts that nobody keeps.
TEST_F(StoredRowsTest, OfTimeoutsAreNotThoseThatAFileWants) {
  options_.timeouts_path = files_.path("timeouts");
  run(events() + rule(""));
  EXPECT_EQ(files_.lines("timeouts").size(), 1U);
  EXPECT_THAT(all(ResultKind::kTimeout), IsEmpty());
}

TEST_F(StoredRowsTest, AreNotDoubledByAnotherRun) {
  for (int i = 0; i < 2; ++i) {
    run(events() + rule("  on timeout\n"));
    open();
  }
  EXPECT_EQ(all(ResultKind::kMatch).size(), 1U);
  EXPECT_EQ(all(ResultKind::kTimeout).size(), 1U);
  EXPECT_EQ(all(ResultKind::kLate).size(), 1U);
}

TEST_F(StoredRowsTest, BecomeVisibleWithTheirCheckpoint) {
  SystemClock system_clock;
  clock_in_use_ = &system_clock;
  options_.checkpoints.directory = files_.path("state");
  options_.rejects_path = "";
  run(events() + rule("  on timeout\n"));
  for (const ResultKind kind : results::kResultKinds) {
    const auto some = all(kind);
    ASSERT_EQ(some.size(), 1U);
    EXPECT_GT(some.front().checkpoint, 0U);
  }
}

}  // namespace
}  // namespace lymer::server
