// The wall clock behind a seam, so that tests turn it by hand.
//
// Only this file's .cc reads the real clock; everything that needs "now" is given a Clock.
// Not here: event time, which comes from the data (runtime/base/time.h).
#pragma once

#include "runtime/base/time.h"

namespace lymer {

// Tells the time. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Gives the wall-clock time.
  [[nodiscard]] virtual EventTime now() const = 0;
  // Gives seconds since an arbitrary start; never goes back. For measuring lengths.
  [[nodiscard]] virtual double monotonic_seconds() const = 0;
  // Waits for about `length`; a test clock only moves its hands.
  virtual void sleep(Duration length) = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] EventTime now() const override;
  [[nodiscard]] double monotonic_seconds() const override;
  void sleep(Duration length) override;
};

// A clock that moves only when told to. Not thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(EventTime start) : now_(start) {}
  [[nodiscard]] EventTime now() const override { return now_; }
  [[nodiscard]] double monotonic_seconds() const override {
    return static_cast<double>(now_.to_millis()) / 1000.0;
  }
  void sleep(Duration length) override { now_ = now_ + length; }

 private:
  EventTime now_;
};

}  // namespace lymer
