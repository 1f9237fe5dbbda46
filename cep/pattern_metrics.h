// The metrics of a pattern operator: what its rules have counted, by rule.
//
// A rule has a series once there is something to count, so thousands of silent rules cost nothing.
// Not here: counting (cep/running_rule.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cep/pattern_operator.h"
#include "runtime/metrics/metric_group.h"

namespace lymer::cep {

class PatternMetrics {
 public:
  PatternMetrics(std::shared_ptr<runtime::MetricGroup> group, std::size_t rules);

  // There are so many now, of which this one is another than before.
  void replace(RuleIndex rule, std::size_t rules);
  // Brings the series of a rule up to date.
  void update(RuleIndex rule, const RuleId& id, const RuleCounters& counters);
  // Likewise those of the whole operator.
  void update(const PatternOperator& all);

 private:
  static constexpr std::size_t kSeries = 6;

  std::shared_ptr<runtime::MetricGroup> group_;
  // Null while they are 0.
  std::vector<std::array<runtime::Counter*, kSeries>> rules_;
  runtime::Counter& late_;
  runtime::Gauge& events_;
  runtime::Gauge& keys_;
  runtime::Gauge& nodes_;
};

}  // namespace lymer::cep
