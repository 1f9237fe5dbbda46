// How a subtask spends its time, and what that says of back-pressure.
//
// A subtask is busy, idle for want of input, or back-pressured for want of room behind it. Of those
// that are back-pressured the last one stands before the bottleneck, which is itself busy.
// After Flink's busyTimeMsPerSecond and its kin.
// Not here: how the time is taken (runtime/exec/task.cc).
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace lymer::runtime {

// By the share of time for which a subtask is back-pressured: above a tenth it is low, above a half
// high, as in Flink.
enum class BackPressureLevel : std::uint8_t { kOk, kLow, kHigh };
[[nodiscard]] BackPressureLevel back_pressure_level(double share);
// `OK`, `LOW` or `HIGH`.
[[nodiscard]] std::string_view to_string(BackPressureLevel level);

// In seconds, or as parts of one.
struct TimeShares {
  double busy = 0;
  double idle = 0;
  double back_pressured = 0;
  [[nodiscard]] double sum() const { return busy + idle + back_pressured; }
};

// Counted by the subtask's thread, read by any.
class TaskRates {
 public:
  enum class Kind : std::uint8_t { kBusy, kIdle, kBackPressured };

  // Counts `seconds` that end at `now`.
  void add(Kind kind, double seconds, double now);
  // All seconds so far.
  [[nodiscard]] TimeShares totals() const;
  // The shares of about the last second; those since the beginning before that has passed.
  [[nodiscard]] TimeShares shares() const;

 private:
  struct Times {
    std::atomic<double> busy = 0;
    std::atomic<double> idle = 0;
    std::atomic<double> back_pressured = 0;
    [[nodiscard]] TimeShares load() const;
    void store(const TimeShares& times);
  };
  Times totals_;
  Times shares_;
  // Of the second that is being counted.
  TimeShares at_start_;
  double started_ = -1;
  bool has_shares_ = false;
};

}  // namespace lymer::runtime
