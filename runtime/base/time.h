// Event time and durations: signed 64-bit milliseconds, each with its own type.
//
// EventTime counts from 1970-01-01T00:00:00Z. Sums saturate at the ends of the range, because the
// ends mean "before everything" and "no more input" and must not wrap into ordinary times.
// Not here: reading and writing dates as text (runtime/base/civil_time.h), and the wall clock
// (runtime/base/clock.h).
#pragma once

#include <cstdint>
#include <limits>
#include <ostream>

namespace lymer {

// A length of time in milliseconds; may be negative.
class Duration {
 public:
  constexpr Duration() = default;
  [[nodiscard]] static constexpr Duration millis(std::int64_t count) { return Duration(count); }
  [[nodiscard]] static constexpr Duration seconds(std::int64_t count) {
    return Duration(count * 1000);
  }
  [[nodiscard]] static constexpr Duration minutes(std::int64_t count) {
    return seconds(count * 60);
  }
  [[nodiscard]] static constexpr Duration hours(std::int64_t count) { return minutes(count * 60); }
  [[nodiscard]] static constexpr Duration days(std::int64_t count) { return hours(count * 24); }

  [[nodiscard]] constexpr std::int64_t to_millis() const noexcept { return millis_; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  // Each stays at the ends of the range instead of wrapping.
  friend constexpr Duration operator+(Duration left, Duration right) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(left.millis_, right.millis_, &sum)) return Duration(sum);
    return Duration(right.millis_ > 0 ? kMost : kLeast);
  }
  friend constexpr Duration operator-(Duration left, Duration right) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(left.millis_, right.millis_, &difference)) {
      return Duration(difference);
    }
    return Duration(right.millis_ < 0 ? kMost : kLeast);
  }
  friend constexpr Duration operator-(Duration of) { return Duration() - of; }
  friend std::ostream& operator<<(std::ostream& out, Duration d) {
    return out << d.millis_ << "ms";
  }

 private:
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

  explicit constexpr Duration(std::int64_t count) : millis_(count) {}
  std::int64_t millis_ = 0;
};

// A point in event time, in milliseconds since the epoch.
class EventTime {
 public:
  constexpr EventTime() = default;
  [[nodiscard]] static constexpr EventTime from_millis(std::int64_t since_epoch) {
    return EventTime(since_epoch);
  }
  // Lies before every event; the watermark of a stream that has seen nothing.
  [[nodiscard]] static constexpr EventTime min() {
    return EventTime(std::numeric_limits<std::int64_t>::min());
  }
  // Lies after every event; the watermark of a stream that has ended.
  [[nodiscard]] static constexpr EventTime max() {
    return EventTime(std::numeric_limits<std::int64_t>::max());
  }

  [[nodiscard]] constexpr std::int64_t to_millis() const noexcept { return millis_; }

  friend constexpr auto operator<=>(EventTime, EventTime) = default;
  friend std::ostream& operator<<(std::ostream& out, EventTime t) { return out << t.millis_; }

  // Adds, staying at min() or max() instead of wrapping.
  friend constexpr EventTime operator+(EventTime time, Duration length) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(time.millis_, length.to_millis(), &sum)) return EventTime(sum);
    return length.to_millis() > 0 ? max() : min();
  }
  friend constexpr EventTime operator-(EventTime time, Duration length) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(time.millis_, length.to_millis(), &difference)) {
      return EventTime(difference);
    }
    return length.to_millis() > 0 ? min() : max();
  }
  // Gives the distance from `earlier` to `later`, saturated.
  friend constexpr Duration operator-(EventTime later, EventTime earlier) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(later.millis_, earlier.millis_, &difference)) {
      return Duration::millis(difference);
    }
    return Duration::millis(later.millis_ > earlier.millis_
                                ? std::numeric_limits<std::int64_t>::max()
                                : std::numeric_limits<std::int64_t>::min());
  }

 private:
  explicit constexpr EventTime(std::int64_t since_epoch) : millis_(since_epoch) {}
  std::int64_t millis_ = 0;
};

}  // namespace lymer
