// One series as a reporter gets it: a name, labels and what it stood at.
//
// Not here: how it is written as text (runtime/metrics/metric_text.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "runtime/metrics/metric.h"

namespace lymer::runtime {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

// Names to values, in order of the names.
using MetricLabels = std::map<std::string, std::string>;

struct MetricSample {
  std::string name = {};  // Initialized, as the rest, so that some may be named alone.
  MetricType type = MetricType::kGauge;
  std::string help = {};
  MetricLabels labels = {};
  double value = 0;                  // Of a counter or a gauge.
  HistogramSnapshot histogram = {};  // Empty unless the type is kHistogram.

  // The order of samples in a report: all of one name stand together.
  friend bool operator<(const MetricSample& left, const MetricSample& right) {
    return std::tie(left.name, left.labels) < std::tie(right.name, right.labels);
  }
};

}  // namespace lymer::runtime
