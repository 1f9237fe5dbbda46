// All metrics of the process: the root of the groups, and what a report of them holds.
//
//   MetricRegistry metrics(clock);
//   Counter& events = metrics.root().group("stream", "auth")->counter("events_in", "Events read.");
//   events.add(3);
//   std::string page = to_prometheus(metrics.collect());
//
// Not here: when reports are made, and for whom (runtime/metrics/metric_reporter.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/metrics/metric_group.h"
#include "runtime/metrics/metric_sample.h"
#include "runtime/metrics/metric_table.h"

namespace lymer::runtime {

// Thread-safe. Groups may outlive it, unheard; the clock outlives both.
class MetricRegistry {
 public:
  static constexpr std::size_t kMaxSeries = 100'000;

  // Reports at most `max_series` names with labels, a meter being two, from as many groups. What is
  // beyond is refused and counted in lymer_metrics_refused_total.
  explicit MetricRegistry(const Clock& clock, std::size_t max_series = kMaxSeries);

  // Gives the group that puts `lymer_` in front of each name.
  [[nodiscard]] MetricGroup& root() noexcept { return *root_; }
  // Adds samples that are kept elsewhere, under names that no group uses; called at each collect(),
  // by one thread at a time, and must not collect.
  void add_source(std::function<std::vector<MetricSample>()> source);
  // Reads everything, in order of names and labels.
  [[nodiscard]] std::vector<MetricSample> collect();

 private:
  const std::shared_ptr<MetricTable> table_;
  const std::shared_ptr<MetricGroup> root_;
  std::mutex mutex_;
  std::vector<std::function<std::vector<MetricSample>()>> sources_;
};

}  // namespace lymer::runtime
