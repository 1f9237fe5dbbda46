// The four kinds of metrics: what a task writes while it works and a reporter reads.
//
// Every kind is written by one thread and read by any number, at any time. A write is a relaxed
// load and a store, with no lock and no locked instruction, so that counting costs an event next to
// nothing; two threads that count the same thing take a metric each (a label tells them apart).
//
// Not here: names and labels (runtime/metrics/metric_group.h), text
// (runtime/metrics/metric_text.h).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace lymer::runtime {

// A total that only grows.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  // For what is counted elsewhere: sets the total, which must not be below the one before.
  void raise_to(std::uint64_t total) noexcept { value_.store(total, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// A figure that goes up and down.
class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// A total and how fast it grows, as Flink's MeterView: marking is one addition, and the speed comes
// from the differences that reports see.
class Meter {
 public:
  // `now` in monotonic seconds, as per_second().
  explicit Meter(double now) : history_{{now, 0}} {}

  void mark(std::uint64_t count = 1) noexcept { counter_.add(count); }
  [[nodiscard]] std::uint64_t count() const noexcept { return counter_.value(); }
  // Gives marks per second over the last minute, or since the report before if that is longer ago,
  // or since the beginning if that is not. For reporting threads, one at a time.
  [[nodiscard]] double per_second(double now);

 private:
  struct Point {
    double time;
    std::uint64_t count;
  };

  Counter counter_;
  std::vector<Point> history_;  // Never empty, at least seconds apart, about a minute long.
};

// What a histogram held at one moment.
struct HistogramSnapshot {
  // A bound and how many values are not above it.
  struct Bucket {
    double upper_bound;
    std::uint64_t count;
  };

  std::uint64_t count = 0;
  double sum = 0;
  double min = 0;  // 0 while count is 0, as max.
  double max = 0;
  int lowest_exponent = 0;            // The lowest bound is this power of two.
  std::vector<std::uint64_t> counts;  // Of each bucket; the first below, the last above the range.

  // Estimates the value that a share `q` in [0, 1] of all values does not exceed; 0 without values.
  // Within the histogram's range the estimate is off by at most a ninth of the value (11.2 %). For
  // a value below the range it lies between min and the lowest bound, for one above it is max.
  [[nodiscard]] double quantile(double q) const;
  // Gives the counts up to each power of two of the range, always the same bounds, so that
  // histograms of one name can be added up. Values above the last bound are in `count` only.
  [[nodiscard]] std::vector<Bucket> cumulative() const;
};

// How values spread: four buckets per power of two over a range of 2^40.
class Histogram {
 public:
  enum class Range : std::uint8_t {
    kSeconds,  // 1 us to 12 days.
    kBytes,    // 1 B to 1 TiB.
  };

  explicit Histogram(Range range);

  // Counts a value; one that is not finite is passed over.
  void observe(double value) noexcept;
  // May be behind the writer by the value that it is just writing: in `sum`, `min` and `max`, never
  // in `count`, which is always that of the buckets.
  [[nodiscard]] HistogramSnapshot snapshot() const;

 private:
  static constexpr std::size_t kBuckets = 40 * 4 + 2;

  int lowest_exponent_;
  std::atomic<double> sum_ = 0;
  std::atomic<double> min_ = std::numeric_limits<double>::infinity();
  std::atomic<double> max_ = -std::numeric_limits<double>::infinity();
  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
};

// A figure that is kept elsewhere and asked for by the reporting thread. Thread-safe.
class MetricFunction {
 public:
  explicit MetricFunction(std::function<double()> read) : read_(std::move(read)) {}

  // Gives nothing once closed.
  [[nodiscard]] std::optional<double> value() const;
  // Forgets the function. It does not run any more when this returns.
  void close();

 private:
  mutable std::mutex mutex_;
  std::function<double()> read_;
};

}  // namespace lymer::runtime
