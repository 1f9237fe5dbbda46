// Metrics by name; those of several streams and subtasks add up.
// Not here: what is counted.
#include "server/run_counters.h"

#include <map>
#include <string_view>

namespace lymer::server {

RunCounters counters_of(const std::vector<runtime::MetricSample>& samples) {
  RunCounters sum;
  const std::map<std::string_view, std::uint64_t*> totals = {
      {"lymer_events_in_total", &sum.events},
      {"lymer_matches_total", &sum.matches},
      {"lymer_events_late_total", &sum.late},
      {"lymer_events_rejected_total", &sum.rejected},
      {"lymer_records_skipped_total", &sum.skipped},
      {"lymer_events_without_key_total", &sum.null_keys},
      {"lymer_expression_errors_total", &sum.expression_errors},
      {"lymer_bytes_in_total", &sum.bytes_read},
      {"lymer_source_size_bytes", &sum.bytes_total},
  };
  for (const runtime::MetricSample& each : samples) {
    const auto total = totals.find(each.name);
    if (total != totals.end()) *total->second += static_cast<std::uint64_t>(each.value);
  }
  return sum;
}

}  // namespace lymer::server
