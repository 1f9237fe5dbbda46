// Samples as text: for Prometheus, for programs and for a log.
//
// All take samples as MetricRegistry::collect() gives them, those of one name together.
//
// Not here: who gets the text, and when (runtime/metrics/metric_reporter.h).
#pragma once

#include <span>
#include <string>

#include "runtime/metrics/metric_sample.h"
#include "runtime/metrics/scope_format.h"

namespace lymer::runtime {

// The content type of to_prometheus().
inline constexpr const char* kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

// Writes the text exposition format 0.0.4, one bucket per power of two. A counter's name gets
// `_total` at the end if it has none.
[[nodiscard]] std::string to_prometheus(std::span<const MetricSample> samples);

// Writes a list of objects {name, type, help, labels, value}; a histogram has {count, sum, min,
// max, p50, p90, p99} instead of the value. What is no finite number is null.
[[nodiscard]] std::string to_json(std::span<const MetricSample> samples);

// Writes one line per sample: `fraud.sort.0.sorter.lymer_events_late_total: 5`.
[[nodiscard]] std::string to_log_lines(std::span<const MetricSample> samples,
                                       const ScopeFormat& format);

}  // namespace lymer::runtime
