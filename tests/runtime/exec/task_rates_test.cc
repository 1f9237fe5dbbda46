// Where a subtask's time goes: totals, the shares of the last second, and levels of back-pressure.
// Not here: taking the time (tests/runtime/exec/task_test.cc).
#include "runtime/exec/task_rates.h"

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using Kind = TaskRates::Kind;

TEST(TaskRates, AddsUp) {
  TaskRates rates;
  rates.add(Kind::kBusy, 0.25, 0.25);
  rates.add(Kind::kIdle, 0.5, 0.75);
  rates.add(Kind::kBackPressured, 1.25, 2);
  EXPECT_DOUBLE_EQ(rates.totals().busy, 0.25);
  EXPECT_DOUBLE_EQ(rates.totals().idle, 0.5);
  EXPECT_DOUBLE_EQ(rates.totals().back_pressured, 1.25);
  EXPECT_DOUBLE_EQ(rates.totals().sum(), 2);
}

TEST(TaskRates, KnowsTheLastSecondAlone) {
  TaskRates rates;
  rates.add(Kind::kBusy, 0.5, 10.5);
  EXPECT_DOUBLE_EQ(rates.shares().busy, 1) << "before a second has passed, all so far";
  rates.add(Kind::kIdle, 0.5, 11);
  EXPECT_DOUBLE_EQ(rates.shares().busy, 0.5);
  rates.add(Kind::kBackPressured, 0.75, 11.75);
  EXPECT_DOUBLE_EQ(rates.shares().busy, 0.5) << "the second is not over";
  rates.add(Kind::kIdle, 0.25, 12);
  EXPECT_DOUBLE_EQ(rates.shares().busy, 0);
  EXPECT_DOUBLE_EQ(rates.shares().back_pressured, 0.75);
}

TEST(TaskRates, HasSharesOfNothingAtFirst) { EXPECT_EQ(TaskRates().shares().sum(), 0); }

TEST(BackPressureLevel, HasFlinksLimits) {
  EXPECT_EQ(back_pressure_level(0), BackPressureLevel::kOk);
  EXPECT_EQ(back_pressure_level(0.1), BackPressureLevel::kOk);
  EXPECT_EQ(back_pressure_level(0.11), BackPressureLevel::kLow);
  EXPECT_EQ(back_pressure_level(0.5), BackPressureLevel::kLow);
  EXPECT_EQ(back_pressure_level(0.51), BackPressureLevel::kHigh);
  EXPECT_EQ(to_string(BackPressureLevel::kOk), "OK");
  EXPECT_EQ(to_string(BackPressureLevel::kLow), "LOW");
  EXPECT_EQ(to_string(BackPressureLevel::kHigh), "HIGH");
}

}  // namespace
}  // namespace lymer::runtime
