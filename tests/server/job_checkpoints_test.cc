// Runs of rules that go on from checkpoints: what comes out over both runs, what is said and
// refused.
// Not here: kills (tests/crash/), the store (tests/checkpoint/).
#include "server/job_checkpoints.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CheckpointedRun : public EngineRun {
 protected:
  CheckpointedRun() {
    options_.checkpoints.directory = files_.path("state");
    options_.rejects_path = "";
    clock_in_use_ = &system_clock_;
  }
  // The lines of all committed parts.
  std::vector<std::string> committed(const std::string& output) {
    std::vector<std::string> lines;
    for (const auto& each : std::filesystem::directory_iterator(files_.path(output))) {
      const std::string name = each.path().filename();
      if (!name.starts_with("part-")) continue;
      for (std::string& line : files_.lines(output + "/" + name)) lines.push_back(std::move(line));
    }
    return lines;
  }
  // Reads what the file holds by now, and stops before the end of time.
  void run_and_stop(const std::string& rule_text) {
    auto engine = make(rule_text);
    ASSERT_TRUE(engine) << engine.error().to_string();
    const auto outcome = (*engine)->run([] { return true; });
    EXPECT_TRUE(outcome) << outcome.error().to_string();
  }
  void append(const std::string& name, const std::string& content) {
    std::ofstream(files_.path(name), std::ios::app | std::ios::binary) << content;
  }

  SystemClock system_clock_;
};

// Reads on as the file grows.
std::string followed(std::string stream) {
  const std::size_t end = stream.find("\"\n", stream.find("from file"));
  return stream.insert(end + 1, " follow");
}

TEST_F(CheckpointedRun, FindsWhatBeganBeforeItStopped) {
  const std::string rules =
      followed(stream("e", event_line("u", "a", 1) + event_line("v", "a", 2))) +
      rule_text("ab", "e");
  run_and_stop(rules);
  append("e.ndjson", event_line("u", "b", 3) + event_line("v", "c", 4) + event_line("w", "z", 59));
  auto engine = make(rules);
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_EQ((*engine)->checkpoints()->restored(), runtime::Epoch{1});
  EXPECT_TRUE((*engine)->run([] { return true; }));
  EXPECT_EQ((*engine)->counters().events, 3U);
  EXPECT_THAT(committed("results"), SizeIs(1));
}

TEST_F(CheckpointedRun, LetsBarriersOvertakeWhereThatIsAskedFor) {
  options_.checkpoints.options.unaligned = true;
  const std::string rules =
      followed(stream("e", event_line("u", "a", 1) + event_line("u", "b", 2))) +
      rule_text("ab", "e");
  auto engine = make(rules);
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_TRUE((*engine)->run([] { return true; }));
  ASSERT_THAT((*engine)->checkpoint_history(), Not(IsEmpty()));
  EXPECT_TRUE((*engine)->checkpoint_history().back().is_unaligned);
}

// An a and a b that are found, and what lets time pass behind them.
std::string found_at(int second) {
  return event_line("u" + std::to_string(second), "a", second) +
         event_line("u" + std::to_string(second), "b", second + 1) +
         event_line("w", "z", second + 8);
}

TEST_F(CheckpointedRun, AddsPartsAndChangesNone) {
  const std::string rules = followed(stream("e", found_at(1))) + rule_text("ab", "e");
  for (const int second : {10, 20, 30}) {
    run_and_stop(rules);
    append("e.ndjson", found_at(second));
  }
  run_and_stop(rules);
  EXPECT_THAT(committed("results"), SizeIs(4));
}

TEST_F(CheckpointedRun, GoesOnWithInputThatGrewAfterItsEnd) {
  const std::string rules = stream("e", found_at(1)) + rule_text("ab", "e");
  run(rules);
  append("e.ndjson", found_at(20));
  EXPECT_EQ(run(rules).events, 3U);
  EXPECT_THAT(committed("results"), SizeIs(2));
}

TEST_F(CheckpointedRun, TakesBackWhatADamagedCheckpointHeld) {
  const std::string rules = followed(stream("e", found_at(1))) + rule_text("ab", "e");
  run_and_stop(rules);
  append("e.ndjson", found_at(20));
  run_and_stop(rules);
  ASSERT_THAT(committed("results"), SizeIs(2));
  std::filesystem::path newest;
  for (const auto& each : std::filesystem::directory_iterator(files_.path("state"))) {
    newest = std::max(newest, each.path());
  }
  for (const auto& file : std::filesystem::directory_iterator(newest)) {
    std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  }
  run_and_stop(rules);
  EXPECT_THAT(committed("results"), SizeIs(2)) << "each line once";
}

TEST_F(CheckpointedRun, KnowsAStreamByItsName) {
  const std::string rules =
      followed(stream("e", found_at(1))) + "stream f = from e where t == \"a\"\n";
  options_.shown_streams = {"f"};
  run_and_stop(rules);
  EXPECT_THAT(committed("results"), SizeIs(1));
  run_and_stop(stream_text("before", "/dev/null") + rules);
  EXPECT_THAT(committed("results"), SizeIs(1)) << "nothing is read again";
}

TEST_F(CheckpointedRun, HasNothingMoreToSayAfterItsEnd) {
  const std::string rules =
      stream("e", event_line("u", "a", 1) + event_line("u", "b", 2)) + rule_text("ab", "e");
  run(rules);
  EXPECT_THAT(committed("results"), SizeIs(1));
  EXPECT_EQ(run(rules).events, 0U);
  EXPECT_THAT(committed("results"), SizeIs(1));
}

TEST_F(CheckpointedRun, PassesOverWhatIsDamaged) {
  const std::string rules = followed(stream("e", event_line("u", "a", 1))) + rule_text("ab", "e");
  run_and_stop(rules);
  run_and_stop(rules);
  std::vector<std::filesystem::path> kept;
  for (const auto& each : std::filesystem::directory_iterator(files_.path("state"))) {
    kept.push_back(each.path());
  }
  std::ranges::sort(kept);
  ASSERT_THAT(kept, SizeIs(2));
  for (const auto& file : std::filesystem::directory_iterator(kept.back())) {
    std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  }
  auto engine = make(rules);
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_EQ((*engine)->checkpoints()->restored(), runtime::Epoch{1});
  EXPECT_THAT((*engine)->checkpoints()->damages(), SizeIs(1));
  engine->reset();

  for (const auto& file : std::filesystem::directory_iterator(kept.front())) {
    std::filesystem::resize_file(file.path(), 0);
  }
  const auto none = make(rules);
  ASSERT_FALSE(none) << "it must not start afresh as if nothing had been";
}

TEST_F(CheckpointedRun, RefusesToLeaveStateBehindUnlessAllowed) {
  const std::string stream_of = followed(stream("e", event_line("u", "a", 1)));
  run_and_stop(stream_of + rule_text("ab", "e") + stream_text("n", "/dev/null") +
               rule_text("cd", "n"));
  const auto refused = make(stream_of + rule_text("ab", "e"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("--allow-non-restored-state"));
  options_.checkpoints.allows_non_restored_state = true;
  const auto allowed = make(stream_of + rule_text("ab", "e"));
  EXPECT_TRUE(allowed) << allowed.error().to_string();
}

// ---- Savepoints --------------------------------------------------------------------------------

class SavepointRun : public CheckpointedRun {
 protected:
  // Stops with a savepoint; another one goes on from it where nothing else is kept.
  void stop_with_savepoint(const std::string& rule_text) {
    options_.savepoint_on_stop = files_.path("saved");
    run_and_stop(rule_text);
    options_.savepoint_on_stop = "";
    options_.checkpoints.directory = files_.path("new state");
    options_.checkpoints.from_savepoint = files_.path("saved");
  }
  const std::string rules_ =
      followed(stream("e", found_at(1) + event_line("u", "a", 10))) + rule_text("ab", "e");
};

TEST_F(SavepointRun, GoesOnFromTheSavepointItWasStoppedWith) {
  stop_with_savepoint(rules_);
  EXPECT_THAT(committed("results"), SizeIs(1)) << "committed when it stopped";
  append("e.ndjson", event_line("u", "b", 11) + event_line("w", "z", 30));
  options_.parallelism = 3;
  auto engine = make(rules_);
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_TRUE((*engine)->checkpoints()->is_from_savepoint());
  EXPECT_GT((*engine)->checkpoints()->restored(), runtime::Epoch{0});
  EXPECT_TRUE((*engine)->run([] { return true; }));
  EXPECT_EQ((*engine)->counters().events, 2U);
  EXPECT_THAT(committed("results"), SizeIs(2)) << "the a was in the savepoint";
}

TEST_F(SavepointRun, LetsTimeEndOnlyIfItDrains) {
  options_.drains_on_stop = true;
  stop_with_savepoint(rules_);
  EXPECT_THAT(committed("timeouts"), SizeIs(1)) << "the a that no b followed";
}

TEST_F(SavepointRun, HasNoTimeoutsWhereItDoesNotDrain) {
  stop_with_savepoint(rules_);
  EXPECT_FALSE(std::filesystem::exists(files_.path("timeouts")));
}

TEST_F(SavepointRun, EndsAndSaysThatTheSavepointWasNotWritten) {
  options_.savepoint_on_stop = files_.write("taken", "something else");
  auto engine = make(rules_);
  ASSERT_TRUE(engine);
  const auto outcome = (*engine)->run([] { return true; });
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().to_string(), HasSubstr("taken` was not written"));
  EXPECT_EQ((*engine)->restarts(), 0U);
  EXPECT_THAT(committed("results"), SizeIs(1)) << "all else is as without it";
  engine->reset();
  options_.savepoint_on_stop = "";
  append("e.ndjson", event_line("u", "b", 11) + event_line("w", "z", 30));
  run_and_stop(rules_);
  EXPECT_THAT(committed("results"), SizeIs(2));
}

TEST_F(SavepointRun, IsNotToGuessBetweenSavepointAndCheckpoints) {
  stop_with_savepoint(rules_);
  options_.checkpoints.directory = files_.path("state");
  const auto refused = make(rules_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("holds checkpoints already"));
}

TEST_F(SavepointRun, RefusesOneThatIsDamagedOrNotThere) {
  stop_with_savepoint(rules_);
  std::filesystem::resize_file(files_.path("saved/state-0"), 3);
  const auto damaged = make(rules_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(damaged.error().to_string(), HasSubstr("state-0"));
  options_.checkpoints.from_savepoint = files_.path("nowhere");
  const auto missing = make(rules_);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("nowhere"));
}

TEST_F(SavepointRun, LeavesNoStateBehindUnlessAllowed) {
  stop_with_savepoint(rules_ + stream_text("n", "/dev/null") + rule_text("cd", "n"));
  const auto refused = make(rules_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("--allow-non-restored-state"));
  options_.checkpoints.allows_non_restored_state = true;
  EXPECT_TRUE(make(rules_));
}

}  // namespace
}  // namespace lymer::server
