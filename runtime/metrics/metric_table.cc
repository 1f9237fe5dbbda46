// Series lie in the order of a report, so that collecting is one walk. Figures are read after the
// walk and without its lock: a function of a metric may take locks of its own.
// Not here: meaning of names (runtime/metrics/metric_name.h).
#include "runtime/metrics/metric_table.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/metrics/metric_name.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kRefusedName = "lymer_metrics_refused";
constexpr std::string_view kRefusedHelp =
    "Metrics and groups that are not reported: too many, or a name in use for something else.";

struct ReportedName {
  std::string name;
  MetricType type;
  bool is_rate = false;
};

// The series that a metric makes.
std::vector<ReportedName> reported_names(MetricKind kind, const std::string& name) {
  switch (kind) {
    case MetricKind::kCounter:
      return {{counter_name(name), MetricType::kCounter}};
    case MetricKind::kGauge:
      return {{name, MetricType::kGauge}};
    case MetricKind::kMeter:
      return {{counter_name(name), MetricType::kCounter},
              {name + "_per_second", MetricType::kGauge, true}};
    case MetricKind::kHistogram:
      return {{name, MetricType::kHistogram}};
  }
  check_failed("a kind of metric", "unknown");
}

// The names that nothing else may have beside such a metric.
std::vector<std::string> claimed_names(MetricKind kind, const std::string& name) {
  if (kind == MetricKind::kHistogram) {
    return {name, name + "_bucket", name + "_count", name + "_sum"};
  }
  std::vector<std::string> names;
  for (ReportedName& each : reported_names(kind, name)) names.push_back(std::move(each.name));
  return names;
}

// Reads a metric into its sample. Returns false if it has nothing to say any more.
bool read(const MetricHandle& metric, bool is_rate, double now, MetricSample& sample) {
  if (const auto* counter = std::get_if<std::shared_ptr<Counter>>(&metric)) {
    sample.value = static_cast<double>((*counter)->value());
  } else if (const auto* gauge = std::get_if<std::shared_ptr<Gauge>>(&metric)) {
    sample.value = (*gauge)->value();
  } else if (const auto* meter = std::get_if<std::shared_ptr<Meter>>(&metric)) {
    const double count = static_cast<double>((*meter)->count());
    sample.value = is_rate ? (*meter)->per_second(now) : count;
  } else if (const auto* histogram = std::get_if<std::shared_ptr<Histogram>>(&metric)) {
    sample.histogram = (*histogram)->snapshot();
  } else {
    const std::optional<double> value = std::get<std::shared_ptr<MetricFunction>>(metric)->value();
    sample.value = value.value_or(0);
    return value.has_value();
  }
  return true;
}

}  // namespace

MetricTable::MetricTable(const Clock& clock, std::size_t max_series)
    : clock_(clock), max_series_(max_series) {
  insert({MetricKind::kCounter, std::string(kRefusedName), std::string(kRefusedHelp), {}},
         refused_);
}

std::optional<MetricHandle> MetricTable::acquire(const MetricRequest& request, MetricHandle fresh) {
  const std::lock_guard lock(mutex_);
  if (!is_free(request)) return refuse();
  const auto names = reported_names(request.kind, request.name);
  const auto known = series_.find({names.front().name, request.labels});
  if (known == series_.end()) {
    // The count of refusals itself is not counted.
    if (series_.size() - 1 + names.size() > max_series_) return refuse();
    insert(request, fresh);
    return fresh;
  }
  if (is_function(fresh) || is_function(known->second.metric)) return refuse();
  for (const auto& each : names) ++series_.at({each.name, request.labels}).holders;
  return known->second.metric;
}

void MetricTable::release(const MetricRequest& request) {
  const std::lock_guard lock(mutex_);
  bool is_last = false;
  for (const auto& each : reported_names(request.kind, request.name)) {
    const auto series = series_.find({each.name, request.labels});
    LYMER_CHECK(series != series_.end(), each.name);
    is_last = --series->second.holders == 0;
    if (is_last) series_.erase(series);
  }
  if (!is_last) return;
  for (const std::string& each : claimed_names(request.kind, request.name)) {
    const auto claim = claims_.find(each);
    if (--claim->second.metrics == 0) claims_.erase(claim);
  }
}

bool MetricTable::acquire_group() {
  const std::lock_guard lock(mutex_);
  if (groups_ > max_series_) {
    refuse();
    return false;
  }
  ++groups_;
  return true;
}

void MetricTable::release_group() {
  const std::lock_guard lock(mutex_);
  LYMER_CHECK_GT(groups_, 0U);
  --groups_;
}

std::vector<MetricSample> MetricTable::collect() {
  struct Found {
    MetricHandle metric;
    bool is_rate;
  };
  const std::lock_guard one_at_a_time(collecting_);
  std::vector<MetricSample> samples;
  std::vector<Found> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, series] : series_) {
      samples.push_back({key.name, series.type, series.claim->help, key.labels, 0, {}});
      found.push_back({series.metric, series.is_rate});
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!read(found[i].metric, found[i].is_rate, now(), samples[i])) continue;
    if (kept != i) samples[kept] = std::move(samples[i]);
    ++kept;
  }
  samples.resize(kept);
  return samples;
}

bool MetricTable::is_free(const MetricRequest& request) const {
  return std::ranges::all_of(claimed_names(request.kind, request.name), [&](const auto& name) {
    const auto claim = claims_.find(name);
    return claim == claims_.end() ||
           (claim->second.kind == request.kind && claim->second.name == request.name);
  });
}

void MetricTable::insert(const MetricRequest& request, const MetricHandle& metric) {
  for (const std::string& each : claimed_names(request.kind, request.name)) {
    ++claims_.try_emplace(each, Claim{request.kind, request.name, request.help})
          .first->second.metrics;
  }
  for (const auto& [name, type, is_rate] : reported_names(request.kind, request.name)) {
    series_.try_emplace(SeriesKey{name, request.labels},
                        Series{type, is_rate, metric, &claims_.at(name)});
  }
}

std::nullopt_t MetricTable::refuse() {
  refused_->add();
  return std::nullopt;
}

}  // namespace lymer::runtime
