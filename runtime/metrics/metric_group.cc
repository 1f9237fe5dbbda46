// Groups keep the handles of their metrics for ever, so that a reference outlives the closing.
// Not here: limits and clashes of names (runtime/metrics/metric_table.cc).
#include "runtime/metrics/metric_group.h"

#include <optional>
#include <utility>

#include "runtime/metrics/metric_name.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kBytes = "_bytes";

// The name without what its kind adds when it is reported.
std::string asked_name(MetricKind kind, std::string name) {
  const bool counts = kind == MetricKind::kCounter || kind == MetricKind::kMeter;
  if (counts && name.ends_with(kTotal)) name.resize(name.size() - kTotal.size());
  return name;
}

}  // namespace

MetricGroup::MetricGroup(std::shared_ptr<MetricTable> table, Scope scope,
                         std::weak_ptr<MetricGroup> parent, bool is_closed)
    : table_(std::move(table)),
      scope_(std::move(scope)),
      parent_(std::move(parent)),
      is_closed_(is_closed) {}

std::shared_ptr<MetricGroup> MetricGroup::group(std::string_view name) {
  std::string part = metric_name(name);
  Scope scope{scope_.prefix + part + "_", scope_.labels};
  return child({"", std::move(part)}, std::move(scope));
}

std::shared_ptr<MetricGroup> MetricGroup::group(std::string_view key, std::string_view value) {
  ChildKey label{label_name(key), label_value(value)};
  Scope scope = scope_;
  scope.labels.erase(label.first);
  if (!value.empty()) scope.labels.insert(label);
  return child(std::move(label), std::move(scope));
}

Counter& MetricGroup::counter(std::string_view name, std::string_view help) {
  return *std::get<std::shared_ptr<Counter>>(
      acquire(MetricKind::kCounter, name, help, std::make_shared<Counter>()));
}

Gauge& MetricGroup::gauge(std::string_view name, std::string_view help) {
  return *std::get<std::shared_ptr<Gauge>>(
      acquire(MetricKind::kGauge, name, help, std::make_shared<Gauge>()));
}

Meter& MetricGroup::meter(std::string_view name, std::string_view help) {
  return *std::get<std::shared_ptr<Meter>>(
      acquire(MetricKind::kMeter, name, help,
              std::make_shared<Meter>(table_ != nullptr ? table_->now() : 0)));
}

Histogram& MetricGroup::histogram(std::string_view name, std::string_view help) {
  const auto range =
      metric_name(name).ends_with(kBytes) ? Histogram::Range::kBytes : Histogram::Range::kSeconds;
  return *std::get<std::shared_ptr<Histogram>>(
      acquire(MetricKind::kHistogram, name, help, std::make_shared<Histogram>(range)));
}

void MetricGroup::counter(std::string_view name, std::string_view help,
                          std::function<double()> read) {
  acquire(MetricKind::kCounter, name, help, std::make_shared<MetricFunction>(std::move(read)));
}

void MetricGroup::gauge(std::string_view name, std::string_view help,
                        std::function<double()> read) {
  acquire(MetricKind::kGauge, name, help, std::make_shared<MetricFunction>(std::move(read)));
}

void MetricGroup::close() {
  std::map<ChildKey, std::shared_ptr<MetricGroup>> children;
  bool was_open = false;
  {
    const std::lock_guard lock(mutex_);
    was_open = !std::exchange(is_closed_, true);
    if (was_open) children = children_;
  }
  for (const auto& [key, child] : children) child->close();
  if (was_open) {
    // No lock: nothing is added any more, and a function that is running may ask this group.
    for (const auto& [key, metric] : metrics_) {
      table_->release({key.first, key.second, "", scope_.labels});
      if (is_function(metric)) std::get<std::shared_ptr<MetricFunction>>(metric)->close();
    }
    table_->release_group();
  }
  if (const auto parent = parent_.lock()) parent->forget(*this);
}

bool MetricGroup::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

std::shared_ptr<MetricGroup> MetricGroup::child(ChildKey key, Scope scope) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<MetricGroup>& known = children_[std::move(key)];
  if (known != nullptr && (is_closed_ || !known->is_closed())) return known;
  const bool is_open = !is_closed_ && table_->acquire_group();
  // One that was refused may find room by now; those who have it go on writing to it.
  if (known != nullptr && !is_open) return known;
  if (known != nullptr) replaced_.push_back(known);
  known = std::make_shared<MetricGroup>(table_, std::move(scope), weak_from_this(), !is_open);
  return known;
}

void MetricGroup::forget(const MetricGroup& closed) {
  const std::lock_guard lock(mutex_);
  // One that is closed itself keeps what was below it, for those who still write there.
  if (is_closed_) return;
  std::erase_if(children_, [&](const auto& each) { return each.second.get() == &closed; });
}

MetricHandle MetricGroup::acquire(MetricKind kind, std::string_view name, std::string_view help,
                                  MetricHandle fresh) {
  const std::lock_guard lock(mutex_);
  const std::pair key(kind, asked_name(kind, scope_.prefix + metric_name(name)));
  const auto held = metrics_.find(key);
  if (held != metrics_.end() && !is_function(fresh) && held->second.index() == fresh.index()) {
    return held->second;
  }
  if (!is_closed_) {
    const auto reported =
        table_->acquire({kind, key.second, label_value(help), scope_.labels}, fresh);
    if (reported) return metrics_.emplace(key, *reported).first->second;
  }
  if (is_function(fresh)) return fresh;
  return unreported_.try_emplace(kind, std::move(fresh)).first->second;
}

std::shared_ptr<MetricGroup> unreported_metrics() {
  return std::make_shared<MetricGroup>(nullptr, MetricGroup::Scope{}, std::weak_ptr<MetricGroup>(),
                                       true);
}

}  // namespace lymer::runtime
