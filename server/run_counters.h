// What a run has counted, by its metrics.
// Not here: counts of single rules (cep/pattern_rule.h), reports (server/cli/run_report.h).
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/metrics/metric_sample.h"

namespace lymer::server {

// Counts of a run, over all streams and rules.
struct RunCounters {
  std::uint64_t events = 0;
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t late = 0;
  std::uint64_t rejected = 0;
  std::uint64_t skipped = 0;
  std::uint64_t null_keys = 0;
  std::uint64_t expression_errors = 0;
  // See nfa::LimitLoss.
  std::uint64_t refused_starts = 0;
  std::uint64_t dropped_starts = 0;
  std::uint64_t cut_results = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  // 0 if not known.
};

// Sums up the metrics of a job.
[[nodiscard]] RunCounters counters_of(const std::vector<runtime::MetricSample>& samples);

}  // namespace lymer::server
