// A job of gated parts under supervision, with a ledger of what it commits.
// Not here: the parts (tests/checkpoint/gated_job.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/supervisor.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/stream/stream.h"
#include "tests/checkpoint/gated_job.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {

inline constexpr Duration kLook = Duration::millis(1);
inline constexpr runtime::FixedDelay kSoon{.attempts = 10, .delay = Duration::millis(1)};

class Supervised : public ::testing::Test {
 protected:
  Supervised() : store_(files_, temp_.path("checkpoints"), [this] { return random_(); }) {}

  void SetUp() override {
    options_.execution.workers = 2;
    options_.checkpoints = {.store = &store_, .options = {.interval = Duration::millis(2)}};
    options_.restart = kSoon;
  }
  void add(const std::string& name) {
    parts_.add(job_, name, ledger_.sink(name, GatedJob::schema()));
  }
  void start(std::size_t parallelism = 2) {
    supervisor_ =
        std::make_unique<Supervisor>(job_.job_graph(parallelism).value(), options_, clock_);
    ASSERT_TRUE(supervisor_->start());
  }
  // Lets the job run until then; false if it came to its end before.
  [[nodiscard]] bool runs_until(const std::function<bool()>& is_so) {
    while (!is_so()) {
      if (supervisor_->advance(kLook)) return is_so();
    }
    return true;
  }
  // Reads so far, and has a checkpoint that was begun behind it.
  [[nodiscard]] bool reads(const std::string& name, std::uint64_t limit) {
    Gate& gate = parts_.gate(name);
    gate.limit = limit;
    if (!runs_until([&] { return gate.read >= limit; })) return false;
    for (int i = 0; i < 2; ++i) {
      const auto before = supervisor_->coordinator()->last_complete();
      const auto is_more = [&] { return supervisor_->coordinator()->last_complete() > before; };
      if (!runs_until(is_more)) return false;
    }
    return true;
  }
  [[nodiscard]] Result<void> runs_to_its_end() {
    while (!supervisor_->advance(kLook)) {
    }
    return supervisor_->outcome();
  }
  // The same, and then it meets a fault behind that.
  void run_into_fault(const std::string& name, std::uint64_t limit) {
    Gate& gate = parts_.gate(name);
    ASSERT_TRUE(reads(name, limit));
    const std::uint64_t restarts = supervisor_->restarts();
    gate.fail_at({limit + 3000});
    gate.limit = limit + 5000;
    ASSERT_TRUE(runs_until([&] { return supervisor_->restarts() > restarts; }));
  }
  // What a job without faults commits.
  static support::Ledger::Lines straight(const std::vector<std::string>& names) {
    support::Ledger ledger;
    GatedJob parts;
    runtime::StreamJob job;
    for (const std::string& each : names) {
      parts.add(job, each, ledger.sink(each, GatedJob::schema()));
      parts.gate(each).limit = Gate::kRows;
    }
    SystemClock clock;
    EXPECT_TRUE(job.run(clock, 2));
    return ledger.lines();
  }
  void expect_straight(const std::vector<std::string>& names) {
    EXPECT_EQ(ledger_.unknown_commits(), 0U);
    EXPECT_EQ(ledger_.repeated_epochs(), 0U);
    const support::Ledger::Lines expected = straight(names);
    EXPECT_GT(expected.size(), 1000U);
    EXPECT_EQ(ledger_.lines(), expected);
  }
  [[nodiscard]] std::shared_ptr<const Snapshot> read(const std::string& path) {
    auto snapshot = store_.read(path);
    EXPECT_TRUE(snapshot) << snapshot.error().to_string();
    return std::make_shared<const Snapshot>(*std::move(snapshot));
  }

  support::TempFiles temp_;
  PosixFileSystem files_;
  SystemClock clock_;
  std::mt19937_64 random_{20261122};
  CheckpointStore store_;
  support::Ledger ledger_;
  GatedJob parts_;
  runtime::StreamJob job_;
  SupervisorOptions options_;
  std::unique_ptr<Supervisor> supervisor_;
};

}  // namespace lymer::checkpoint
