// All series of a registry: what is reported, under which name, and who still holds it.
//
// A series is a name with labels. Groups acquire and release it; the last release takes it off the
// table, while the metric itself lives on for whoever still writes to it. A name has one kind for
// all its labels, because Prometheus knows one TYPE per name.
//
// Not here: scopes (runtime/metrics/metric_group.h), which call this, and what is reported besides
// (runtime/metrics/metric_registry.h).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/metrics/metric.h"
#include "runtime/metrics/metric_sample.h"

namespace lymer::runtime {

// Shared by the table and the groups.
using MetricHandle =
    std::variant<std::shared_ptr<Counter>, std::shared_ptr<Gauge>, std::shared_ptr<Meter>,
                 std::shared_ptr<Histogram>, std::shared_ptr<MetricFunction>>;

[[nodiscard]] inline bool is_function(const MetricHandle& metric) {
  return std::holds_alternative<std::shared_ptr<MetricFunction>>(metric);
}

enum class MetricKind : std::uint8_t { kCounter, kGauge, kMeter, kHistogram };

// What a group asks for. `name` lacks only what the kind adds: `_total` of a counter; a meter is
// reported as two series, a counter and a gauge `_per_second`.
struct MetricRequest {
  MetricKind kind;
  std::string name;
  std::string help;
  MetricLabels labels;
};

// Thread-safe.
class MetricTable {
 public:
  // The clock outlives the table, which lives as long as a group does.
  MetricTable(const Clock& clock, std::size_t max_series);

  // Gives the metric that is reported so already, or reports `fresh` from now on. Refuses, and
  // counts it, if the table is full, the name is one of another kind, or a function is involved
  // and the series exists.
  [[nodiscard]] std::optional<MetricHandle> acquire(const MetricRequest& request,
                                                    MetricHandle fresh);
  // Gives back what acquire() gave.
  void release(const MetricRequest& request);
  // Takes the place of one more group; refuses, and counts it, when there are, besides the root, as
  // many as series may be.
  [[nodiscard]] bool acquire_group();
  void release_group();

  // Reads all series, in order.
  [[nodiscard]] std::vector<MetricSample> collect();
  // Gives what Meter wants to know.
  [[nodiscard]] double now() const { return clock_.monotonic_seconds(); }

 private:
  struct SeriesKey {
    std::string name;
    MetricLabels labels;
    friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
  };
  // A name that is in use, reported or only kept free (a histogram's `_count`), and for what.
  struct Claim {
    MetricKind kind;
    std::string name;  // That was asked for.
    std::string help;
    std::size_t metrics = 0;
  };
  struct Series {
    MetricType type;
    bool is_rate;
    MetricHandle metric;
    const Claim* claim;
    std::size_t holders = 1;
  };

  [[nodiscard]] bool is_free(const MetricRequest& request) const;
  void insert(const MetricRequest& request, const MetricHandle& metric);
  // Counts a refusal.
  std::nullopt_t refuse();

  const Clock& clock_;
  const std::size_t max_series_;
  const std::shared_ptr<Counter> refused_ = std::make_shared<Counter>();
  std::mutex collecting_;  // Before mutex_. The history of meters is for one at a time.
  std::mutex mutex_;       // Guards all that follows. No function of a metric runs under it.
  std::map<SeriesKey, Series> series_;
  std::map<std::string, Claim> claims_;  // By the name in use.
  std::size_t groups_ = 0;
};

}  // namespace lymer::runtime
