// Checkpoints that another party decides: what is restored is what it says, and nothing else.
// Not here: one that is real (tests/kafka/kill_test.py).
#include "checkpoint/decider.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/coordinator.h"
#include "runtime/base/clock.h"
#include "runtime/stream/stream.h"
#include "tests/checkpoint/sample_snapshot.h"
#include "tests/support/events.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::checkpoint {
namespace {

using runtime::Epoch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Remembers, and fails when it is told to.
class Fake final : public CheckpointDecider {
 public:
  [[nodiscard]] bool decides() const override { return decides_; }
  Result<std::optional<DecidedCheckpoint>> begin() override {
    calls.emplace_back("begin");
    return decided;
  }
  Result<void> prepare(Epoch epoch) override {
    calls.push_back("prepare " + std::to_string(epoch.value()));
    return {};
  }
  Result<void> decide(Epoch epoch, const std::string& name) override {
    calls.push_back("decide " + std::to_string(epoch.value()) + " " + name);
    if (fails) return Error{ErrorCode::kInvalidArgument, "somebody else decides"};
    decided = DecidedCheckpoint{epoch, name};
    return {};
  }
  void settled(Epoch through) override { settled_through = through.value(); }

  bool decides_ = true;
  bool fails = false;
  std::optional<DecidedCheckpoint> decided;
  std::vector<std::string> calls;
  std::uint64_t settled_through = 0;
};

class Deciding : public ::testing::Test {
 protected:
  std::string write(std::uint64_t epoch, std::string_view mark = "x") {
    const std::string path = store_.write(sample(epoch, mark)).value().path;
    return path.substr(path.rfind('/') + 1);
  }
  Result<std::optional<Snapshot>> read() {
    return begin_and_read(store_, &decider_, [](const Error&) {});
  }
  std::vector<std::uint64_t> epochs() {
    std::vector<std::uint64_t> found;
    const auto listed = store_.list().value();
    for (const CheckpointInfo& each : listed) found.push_back(each.epoch.value());
    return found;
  }

  support::FaultyFileSystem files_;
  CheckpointStore store_{files_, "/data/checkpoints", numbers_from(0xabc)};
  Fake decider_;
};

TEST_F(Deciding, RestoresWhatWasDecidedAndRemovesWhatWasPrepared) {
  (void)write(1);
  const std::string name = write(2, "decided");
  (void)write(2, "another attempt");
  (void)write(3);
  decider_.decided = DecidedCheckpoint{Epoch(2), name};
  EXPECT_EQ(read().value(), sample(2, "decided"));
  EXPECT_THAT(epochs(), ElementsAre(2, 1));
  EXPECT_THAT(decider_.calls, ElementsAre("begin"));
}

TEST_F(Deciding, BeginsAnewWhereNothingWasEverDecided) {
  EXPECT_EQ(read().value(), std::nullopt);
  EXPECT_THAT(decider_.calls, ElementsAre("begin", "decide 0 "));
  (void)write(1);  // Prepared, and then the job died.
  EXPECT_EQ(read().value(), std::nullopt);
  EXPECT_THAT(epochs(), IsEmpty());
}

TEST_F(Deciding, RefusesToGuess) {
  (void)write(1);
  const auto without_record = read();
  ASSERT_FALSE(without_record);
  EXPECT_THAT(without_record.error().to_string(), HasSubstr("the record that says which"));
  EXPECT_THAT(epochs(), ElementsAre(1)) << "nothing is removed";
  decider_.decided = DecidedCheckpoint{Epoch(2), "chk-2-0000000000000001"};
  const auto missing = read();
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("no other may take its place"));
  EXPECT_THAT(epochs(), ElementsAre(1));
}

TEST_F(Deciding, RefusesWhatIsDamaged) {
  (void)write(1);
  const std::string name = write(2);
  const std::string file = "/data/checkpoints/" + name + "/state-0";
  std::string content = files_.content(file);
  content.back() = static_cast<char>(content.back() ^ 4);
  files_.set_content(file, content);
  decider_.decided = DecidedCheckpoint{Epoch(2), name};
  const auto damaged = read();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(epochs(), ElementsAre(2, 1));
}

TEST_F(Deciding, TakesTheNewestWhereTheDeciderOnlyListens) {
  decider_.decides_ = false;
  (void)write(1);
  (void)write(2);
  EXPECT_EQ(read().value(), sample(2));
  EXPECT_THAT(epochs(), ElementsAre(2, 1));
}

class DecidingCoordinator : public Deciding {
 protected:
  void start(CheckpointOptions options) {
    coordinator_ = std::make_unique<Coordinator>(store_, options, clock_, Epoch(0), &decider_);
    runtime::StreamJob job;
    (void)job.from_rows("rows", support::schema_of({{"n", support::kInteger}}), {}).uid("rows");
    coordinator_->attach(*job.job_graph(1), 1, [this](const runtime::CheckpointOrder& order) {
      if (order.kind == runtime::CheckpointOrder::Kind::kComplete) ++complete_;
    });
    (void)coordinator_->tick();
  }
  Result<void> take(std::uint64_t epoch) {
    clock_.sleep(Duration::seconds(1));
    LYMER_RETURN_IF_ERROR(coordinator_->tick());
    runtime::TaskSnapshot snapshot;
    snapshot.epoch = Epoch(epoch);
    snapshot.parts.push_back({"rows", 0, {}});
    coordinator_->on_snapshot(std::move(snapshot));
    return coordinator_->tick();
  }

  ManualClock clock_{EventTime{}};
  std::unique_ptr<Coordinator> coordinator_;
  int complete_ = 0;
};

TEST_F(DecidingCoordinator, CompletesWhatIsDecided) {
  start({.interval = Duration::seconds(1), .max_concurrent = 5});
  ASSERT_TRUE(take(1));
  EXPECT_EQ(complete_, 1);
  EXPECT_THAT(decider_.calls, ElementsAre("prepare 1", StartsWith("decide 1 chk-1-")));
  EXPECT_EQ(decider_.settled_through, 1U);
  clock_.sleep(Duration::seconds(1));
  ASSERT_TRUE(coordinator_->tick());
  clock_.sleep(Duration::seconds(1));
  ASSERT_TRUE(coordinator_->tick());
  EXPECT_EQ(decider_.settled_through, 1U) << "2 is undecided, and 3 waits for it";
}

TEST_F(DecidingCoordinator, FailsTheJobWhereNobodyKnows) {
  start({.interval = Duration::seconds(1), .tolerable_failures = 10});
  decider_.fails = true;
  const auto taken = take(1);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kInvalidArgument) << "so that nothing starts again";
  EXPECT_THAT(taken.error().to_string(), HasSubstr("checkpoint 1 was not decided"));
  EXPECT_EQ(complete_, 0);
  EXPECT_THAT(epochs(), ElementsAre(1)) << "who begins next removes it or needs it";
}

}  // namespace
}  // namespace lymer::checkpoint
