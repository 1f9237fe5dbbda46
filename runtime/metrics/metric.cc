// The range of a histogram is cut where the two highest bits of a double's mantissa change: each
// power of two in four equal parts. A bucket holds its upper bound, as Prometheus's `le` wants.
// Not here: who reads them (runtime/metrics/metric_table.cc).
#include "runtime/metrics/metric.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

constexpr double kWindowSeconds = 60;
constexpr double kStepSeconds = 5;  // As Flink: points of a meter's history lie this far apart.
constexpr std::size_t kPartsPerPower = 4;
constexpr unsigned kBitsBelowParts = 50;  // Of the 52 bits of the mantissa two choose the part.

// Numbers the buckets from 1; everything up to the lowest bound is in bucket 0.
std::size_t bucket_of(double value, int lowest_exponent, std::size_t buckets) {
  const double lowest = std::ldexp(1.0, lowest_exponent);
  if (value <= lowest) return 0;
  // One bit less puts a value that is a bound below it.
  const auto part_of = [](std::uint64_t bits) { return bits >> kBitsBelowParts; };
  const std::uint64_t part = part_of(std::bit_cast<std::uint64_t>(value) - 1) -
                             part_of(std::bit_cast<std::uint64_t>(lowest)) + 1;
  return std::min<std::size_t>(part, buckets - 1);
}

// The upper bound of a bucket that is not the last.
double upper_bound_of(std::size_t bucket, int lowest_exponent) {
  const double part = static_cast<double>(bucket % kPartsPerPower) / kPartsPerPower;
  return std::ldexp(1.0 + part, lowest_exponent + static_cast<int>(bucket / kPartsPerPower));
}

}  // namespace

double Meter::per_second(double now) {
  const std::uint64_t count = counter_.value();
  if (now - history_.back().time >= kStepSeconds) history_.push_back({now, count});
  // The first point that is a minute old, or older, is where the window begins.
  const auto begin = std::ranges::find_if(
      history_, [&](const Point& point) { return point.time > now - kWindowSeconds; });
  if (begin - history_.begin() > 1) history_.erase(history_.begin(), begin - 1);
  const Point& from = history_.front();
  return now > from.time ? static_cast<double>(count - from.count) / (now - from.time) : 0;
}

double HistogramSnapshot::quantile(double q) const {
  LYMER_CHECK(q >= 0 && q <= 1, "a quantile outside of [0, 1]");
  if (count == 0) return 0;
  const double wanted = std::max(1.0, std::ceil(q * static_cast<double>(count)));
  std::size_t bucket = 0;
  std::uint64_t passed = counts.front();
  while (static_cast<double>(passed) < wanted && bucket + 1 < counts.size()) {
    passed += counts[++bucket];
  }
  if (bucket + 1 == counts.size()) return max;
  if (bucket == 0) return min;
  // The harmonic mean of the bounds is equally far off, relatively, at both.
  const double low = upper_bound_of(bucket - 1, lowest_exponent);
  const double high = upper_bound_of(bucket, lowest_exponent);
  return std::clamp(2 * low * high / (low + high), min, max);
}

std::vector<HistogramSnapshot::Bucket> HistogramSnapshot::cumulative() const {
  std::vector<Bucket> buckets;
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
    passed += counts[i];
    if (i % kPartsPerPower == 0) buckets.push_back({upper_bound_of(i, lowest_exponent), passed});
  }
  return buckets;
}

Histogram::Histogram(Range range) : lowest_exponent_(range == Range::kSeconds ? -20 : 0) {}

void Histogram::observe(double value) noexcept {
  if (!std::isfinite(value)) return;
  constexpr auto kRelaxed = std::memory_order_relaxed;
  sum_.store(sum_.load(kRelaxed) + value, kRelaxed);
  if (value < min_.load(kRelaxed)) min_.store(value, kRelaxed);
  if (value > max_.load(kRelaxed)) max_.store(value, kRelaxed);
  // Last, and released: who sees the count sees the value in the rest.
  auto& count = counts_[bucket_of(value, lowest_exponent_, kBuckets)];
  count.store(count.load(kRelaxed) + 1, std::memory_order_release);
}

HistogramSnapshot Histogram::snapshot() const {
  HistogramSnapshot result;
  result.lowest_exponent = lowest_exponent_;
  result.counts.reserve(kBuckets);
  for (const auto& each : counts_) {
    result.counts.push_back(each.load(std::memory_order_acquire));
    result.count += result.counts.back();
  }
  if (result.count == 0) return result;
  result.sum = sum_.load(std::memory_order_relaxed);
  result.min = min_.load(std::memory_order_relaxed);
  result.max = max_.load(std::memory_order_relaxed);
  return result;
}

std::optional<double> MetricFunction::value() const {
  const std::lock_guard lock(mutex_);
  if (!read_) return std::nullopt;
  return read_();
}

void MetricFunction::close() {
  const std::lock_guard lock(mutex_);
  read_ = nullptr;
}

}  // namespace lymer::runtime
