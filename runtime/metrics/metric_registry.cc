// The table comes in order already; sources are sorted in.
// Not here: what the table refuses (runtime/metrics/metric_table.cc).
#include "runtime/metrics/metric_registry.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

// Makes the root of a new table.
std::shared_ptr<MetricGroup> root_of(const std::shared_ptr<MetricTable>& table) {
  LYMER_CHECK(table->acquire_group(), "a table without a place for its root");
  return std::make_shared<MetricGroup>(table, MetricGroup::Scope{"lymer_", {}},
                                       std::weak_ptr<MetricGroup>(), false);
}

}  // namespace

MetricRegistry::MetricRegistry(const Clock& clock, std::size_t max_series)
    : table_(std::make_shared<MetricTable>(clock, max_series)), root_(root_of(table_)) {}

void MetricRegistry::add_source(std::function<std::vector<MetricSample>()> source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(std::move(source));
}

std::vector<MetricSample> MetricRegistry::collect() {
  std::vector<MetricSample> samples = table_->collect();
  const std::lock_guard lock(mutex_);
  for (const auto& source : sources_) std::ranges::move(source(), std::back_inserter(samples));
  std::ranges::stable_sort(samples, std::less<>());
  return samples;
}

}  // namespace lymer::runtime
