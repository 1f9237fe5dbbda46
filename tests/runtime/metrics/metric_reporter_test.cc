// Who is due when, on a clock that is turned by hand, and what a failure does.
// Not here: formats (tests/runtime/metrics/metric_text_test.cc).
#include "runtime/metrics/metric_reporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/metrics/metric_text.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReporterScheduleTest : public ::testing::Test {
 protected:
  // Adds a reporter that notes its name, and fails while `fails_`.
  void add(const std::string& name, Duration interval) {
    const auto write = [this, name](std::string_view page) -> Result<void> {
      calls_.push_back(name);
      page_ = page;
      if (fails_) return Error{ErrorCode::kIo, "the disk is full"};
      return {};
    };
    ASSERT_TRUE(
        schedule_.add(name, interval, std::make_unique<TextReporter>(to_prometheus, write)));
  }
  // Runs what is due and gives who reported.
  std::vector<std::string> run() {
    calls_.clear();
    last_ = schedule_.run_due(clock_);
    return calls_;
  }

  ManualClock clock_{EventTime::from_millis(1000)};
  MetricRegistry registry_{clock_};
  ReporterSchedule schedule_{registry_};
  ReporterSchedule::Run last_;
  std::vector<std::string> calls_;
  std::string page_;
  bool fails_ = false;
};

TEST_F(ReporterScheduleTest, HasNothingDueWithoutReporters) {
  EXPECT_THAT(run(), ElementsAre());
  EXPECT_EQ(last_.next, std::nullopt);
}

TEST_F(ReporterScheduleTest, CallsEachAtItsInterval) {
  add("fast", Duration::seconds(2));
  add("slow", Duration::seconds(5));
  EXPECT_THAT(run(), ElementsAre("fast", "slow"));
  EXPECT_EQ(last_.next, Duration::seconds(2));
  EXPECT_THAT(run(), ElementsAre());
  std::vector<std::pair<std::int64_t, std::string>> seen;
  while (clock_.now() < EventTime::from_millis(11'000)) {
    clock_.sleep(*last_.next);
    for (const auto& name : run()) seen.emplace_back(clock_.now().to_millis(), name);
  }
  using Entry = std::pair<std::int64_t, std::string>;
  EXPECT_THAT(seen, ElementsAre(Entry(3000, "fast"), Entry(5000, "fast"), Entry(6000, "slow"),
                                Entry(7000, "fast"), Entry(9000, "fast"), Entry(11'000, "fast"),
                                Entry(11'000, "slow")));
}

TEST_F(ReporterScheduleTest, DoesNotMakeUpForIntervalsThatPassed) {
  add("a", Duration::seconds(1));
  EXPECT_THAT(run(), ElementsAre("a"));
  clock_.sleep(Duration::millis(60'300));
  EXPECT_THAT(run(), ElementsAre("a"));
  EXPECT_EQ(last_.next, Duration::seconds(1));
  EXPECT_THAT(run(), ElementsAre());
}

TEST_F(ReporterScheduleTest, NeverAsksToComeBackTooEarly) {
  add("a", Duration::millis(7));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_THAT(run(), ElementsAre("a")) << i;
    clock_.sleep(*last_.next);
  }
}

TEST_F(ReporterScheduleTest, CountsFailuresAndGoesOn) {
  add("bad", Duration::seconds(1));
  add("good", Duration::seconds(1));
  fails_ = true;
  EXPECT_THAT(run(), ElementsAre("bad", "good"));
  ASSERT_EQ(last_.failures.size(), 2U);
  EXPECT_EQ(last_.failures[0].to_string(), "reporter `bad`: the disk is full");
  EXPECT_EQ(last_.failures[0].code, ErrorCode::kIo);
  fails_ = false;
  clock_.sleep(Duration::seconds(1));
  EXPECT_THAT(run(), ElementsAre("bad", "good"));
  EXPECT_TRUE(last_.failures.empty());
  EXPECT_THAT(page_, HasSubstr("lymer_reporter_failures_total{reporter=\"bad\"} 1\n"));
}

TEST_F(ReporterScheduleTest, RefusesNamesTwiceAndIntervalsOfNothing) {
  add("a", Duration::seconds(1));
  const auto reporter = [] {
    return std::make_unique<TextReporter>(to_json, [](std::string_view) { return Result<void>(); });
  };
  EXPECT_EQ(schedule_.add("a", Duration::seconds(1), reporter()).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(schedule_.add("b", Duration(), reporter()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(schedule_.add("b", Duration::seconds(-1), reporter()).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_THAT(run(), ElementsAre("a"));
}

// A reporter of the user's own.
class Counting final : public MetricReporter {
 public:
  explicit Counting(std::size_t& samples) : samples_(samples) {}
  Result<void> report(std::span<const MetricSample> samples) override {
    samples_ += samples.size();
    return {};
  }

 private:
  std::size_t& samples_;
};

TEST_F(ReporterScheduleTest, TakesAnyReporter) {
  std::size_t samples = 0;
  ASSERT_TRUE(schedule_.add("own", Duration::minutes(1), std::make_unique<Counting>(samples)));
  EXPECT_TRUE(run().empty());
  EXPECT_EQ(samples, 2U);  // Refusals and failures.
}

TEST(TextReporter, WritesWhatTheFormatGives) {
  std::string written;
  TextReporter reporter(
      [](std::span<const MetricSample> samples) { return std::to_string(samples.size()); },
      [&](std::string_view page) {
        written = page;
        return Result<void>();
      });
  EXPECT_TRUE(reporter.report(std::vector<MetricSample>(3)));
  EXPECT_EQ(written, "3");
}

}  // namespace
}  // namespace lymer::runtime
