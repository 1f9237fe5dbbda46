// Which failures end a job and how long the others keep it waiting, against a clock turned by hand.
// Not here: restarts themselves (tests/checkpoint/supervisor_test.cc).
#include "runtime/exec/restart_strategy.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr Duration kSecond = Duration::seconds(1);

class Restarting : public ::testing::Test {
 protected:
  void make(const RestartOptions& options) {
    strategy_.emplace(options, clock_, [this] { return chance_; });
  }
  // Milliseconds to wait after a failure that comes after so long; -1 for the end of the job.
  std::int64_t fail(Duration passed = {}) {
    clock_.sleep(passed);
    const auto delay = strategy_->on_failure();
    return delay ? delay->to_millis() : -1;
  }

  ManualClock clock_{EventTime{}};
  std::uint64_t chance_ = 0;
  std::optional<RestartStrategy> strategy_;
};

TEST_F(Restarting, NoneEndsWithTheFirst) {
  make(NoRestart{});
  EXPECT_EQ(fail(), -1);
}

TEST_F(Restarting, FixedDelayCountsInTheJobsWholeLife) {
  make(FixedDelay{.attempts = 3, .delay = Duration::seconds(2)});
  EXPECT_EQ(fail(), 2000);
  EXPECT_EQ(fail(Duration::hours(1000)), 2000);
  EXPECT_EQ(fail(), 2000);
  EXPECT_EQ(fail(Duration::hours(1000)), -1);
}

TEST_F(Restarting, FixedDelayHasNoEndUnlessTold) {
  make(FixedDelay{});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(fail(), 1000);
}

TEST_F(Restarting, FailureRateLooksBackOneInterval) {
  make(FailureRate{.max_failures = 2, .interval = Duration::seconds(10), .delay = kSecond});
  EXPECT_EQ(fail(), 1000);
  EXPECT_EQ(fail(Duration::seconds(9)), 1000);
  EXPECT_EQ(fail(Duration::seconds(1)), 1000) << "the first is ten seconds ago";
  EXPECT_EQ(fail(Duration::seconds(7)), -1) << "two in the last ten seconds";
}

TEST_F(Restarting, FailureRateLastsForEverBelowIt) {
  make(FailureRate{.max_failures = 1, .interval = Duration::seconds(10), .delay = kSecond});
  for (int i = 0; i < 100; ++i) ASSERT_EQ(fail(Duration::seconds(10)), 1000);
  EXPECT_EQ(fail(Duration::seconds(9)), -1);
}

ExponentialDelay without_jitter() {
  return {.initial_backoff = kSecond,
          .max_backoff = Duration::seconds(5),
          .multiplier = 2,
          .reset_after = Duration::minutes(1),
          .jitter = 0};
}

TEST_F(Restarting, ExponentialDelayGrowsToItsMost) {
  make(without_jitter());
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 5; ++i) delays.push_back(fail(kSecond));
  EXPECT_THAT(delays, ElementsAre(1000, 2000, 4000, 5000, 5000));
}

TEST_F(Restarting, ExponentialDelayBeginsAnewAfterAQuietTime) {
  make(without_jitter());
  EXPECT_EQ(fail(), 1000);
  EXPECT_EQ(fail(), 2000);
  // A minute behind the end of a delay of two seconds.
  EXPECT_EQ(fail(Duration::millis(61'999)), 4000);
  EXPECT_EQ(fail(Duration::seconds(64)), 1000);
}

TEST_F(Restarting, ExponentialDelayCountsItsAttemptsAnewToo) {
  ExponentialDelay options = without_jitter();
  options.attempts = 2;
  make(options);
  EXPECT_EQ(fail(), 1000);
  EXPECT_EQ(fail(), 2000);
  EXPECT_EQ(fail(Duration::minutes(2)), 1000);
  EXPECT_EQ(fail(), 2000);
  EXPECT_EQ(fail(), -1);
}

TEST_F(Restarting, JitterIsAShareOfTheDelayToBothSides) {
  ExponentialDelay options = without_jitter();
  options.jitter = 0.5;
  make(options);
  EXPECT_EQ(fail(), 500) << "the least of chance";
  chance_ = (1U << 20U) - 1;
  EXPECT_EQ(fail(), 3000) << "the most";
  EXPECT_EQ(fail(), 5000) << "never more than the most of all";
  chance_ = 1U << 19U;
  EXPECT_THAT(std::vector<std::int64_t>({fail()}), Each(AllOf(Ge(4999), Le(5000))));
}

// ---- Text --------------------------------------------------------------------------------------

TEST(RestartText, ReadsEachStrategyByFlinksNames) {
  EXPECT_EQ(parse_restart("none").value(), RestartOptions(NoRestart{}));
  EXPECT_EQ(parse_restart("fixed-delay").value(), RestartOptions(FixedDelay{}));
  EXPECT_EQ(parse_restart("fixed-delay:attempts=3,delay=10s").value(),
            RestartOptions(FixedDelay{3, Duration::seconds(10)}));
  EXPECT_EQ(parse_restart("failure-rate:max-failures-per-interval=5,failure-rate-interval=1h,"
                          "delay=250ms")
                .value(),
            RestartOptions(FailureRate{5, Duration::hours(1), Duration::millis(250)}));
  EXPECT_EQ(parse_restart("exponential-delay:initial-backoff=2s,max-backoff=1m,"
                          "backoff-multiplier=1.25,reset-backoff-threshold=3m,jitter-factor=0.2,"
                          "attempts-before-reset-backoff=7")
                .value(),
            RestartOptions(ExponentialDelay{Duration::seconds(2), Duration::minutes(1), 1.25,
                                            Duration::minutes(3), 0.2, 7}));
}

TEST(RestartText, IsReadAgainAsWritten) {
  const RestartOptions all[] = {NoRestart{}, FixedDelay{3, Duration::seconds(90)},
                                FailureRate{7, Duration::minutes(5), Duration::millis(10)},
                                ExponentialDelay{.jitter = 0.25, .attempts = 4}};
  for (const RestartOptions& each : all) {
    EXPECT_EQ(parse_restart(to_string(each)).value(), each) << to_string(each);
  }
  EXPECT_EQ(to_string(FixedDelay{3, Duration::seconds(90)}), "fixed-delay:attempts=3,delay=1m30s");
}

TEST(RestartText, SaysWhatThereIs) {
  const auto why = [](std::string_view text) {
    const auto read = parse_restart(text);
    return read ? "it was read" : read.error().to_string();
  };
  EXPECT_THAT(why("sometimes"), HasSubstr("none, fixed-delay, failure-rate and exponential-delay"));
  EXPECT_THAT(why("fixed-delay:tries=3"), HasSubstr("no `tries=3`; it has attempts, delay"));
  EXPECT_THAT(why("fixed-delay:attempts"), HasSubstr("attempts, delay"));
  EXPECT_THAT(why("none:delay=1s"), HasSubstr("nothing to choose"));
  EXPECT_THAT(why("fixed-delay:attempts=-1"), HasSubstr("`attempts=-1` is no number"));
  EXPECT_THAT(why("fixed-delay:delay=10"), HasSubstr("as 10s or 1m30s are"));
  EXPECT_THAT(why("fixed-delay:delay=-1s"), HasSubstr("`delay=-1s` is no length"));
  EXPECT_THAT(why("failure-rate:max-failures-per-interval=0"), HasSubstr("1 at least"));
  EXPECT_THAT(why("exponential-delay:backoff-multiplier=0.5"), HasSubstr("1 at least"));
  EXPECT_THAT(why("exponential-delay:jitter-factor=2"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(why("exponential-delay:initial-backoff=2m"), HasSubstr("above max-backoff"));
}

}  // namespace
}  // namespace lymer::runtime
