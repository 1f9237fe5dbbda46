// Totals, and the differences of a second.
// Not here: the clock.
#include "runtime/exec/task_rates.h"

namespace lymer::runtime {
namespace {

constexpr double kLow = 0.1;
constexpr double kHigh = 0.5;
constexpr double kSecond = 1;

TimeShares share_of(const TimeShares& times) {
  const double all = times.sum();
  if (all <= 0) return {};
  return {times.busy / all, times.idle / all, times.back_pressured / all};
}

}  // namespace

BackPressureLevel back_pressure_level(double share) {
  if (share > kHigh) return BackPressureLevel::kHigh;
  return share > kLow ? BackPressureLevel::kLow : BackPressureLevel::kOk;
}

std::string_view to_string(BackPressureLevel level) {
  switch (level) {
    case BackPressureLevel::kOk:
      return "OK";
    case BackPressureLevel::kLow:
      return "LOW";
    case BackPressureLevel::kHigh:
      break;
  }
  return "HIGH";
}

TimeShares TaskRates::Times::load() const {
  return {busy.load(std::memory_order_relaxed), idle.load(std::memory_order_relaxed),
          back_pressured.load(std::memory_order_relaxed)};
}

void TaskRates::Times::store(const TimeShares& times) {
  busy.store(times.busy, std::memory_order_relaxed);
  idle.store(times.idle, std::memory_order_relaxed);
  back_pressured.store(times.back_pressured, std::memory_order_relaxed);
}

void TaskRates::add(Kind kind, double seconds, double now) {
  if (started_ < 0) started_ = now - seconds;
  TimeShares totals = totals_.load();
  (kind == Kind::kBusy   ? totals.busy
   : kind == Kind::kIdle ? totals.idle
                         : totals.back_pressured) += seconds;
  totals_.store(totals);
  const bool is_whole = now - started_ >= kSecond;
  if (!is_whole && has_shares_) return;
  shares_.store(share_of({totals.busy - at_start_.busy, totals.idle - at_start_.idle,
                          totals.back_pressured - at_start_.back_pressured}));
  if (!is_whole) return;
  has_shares_ = true;
  started_ = now;
  at_start_ = totals;
}

TimeShares TaskRates::totals() const { return totals_.load(); }

TimeShares TaskRates::shares() const { return shares_.load(); }

}  // namespace lymer::runtime
