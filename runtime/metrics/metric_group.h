// A node in the tree of scopes, where operators, jobs and users make their metrics (Flink's
// MetricGroup).
//
//   std::shared_ptr<MetricGroup> mine = task_group.group("operator", "sorter");
//   Counter& late = mine->counter("events_late", "Events behind the watermark.");
//   late.add();  // lymer_events_late_total{job="...",operator="sorter"} 1
//
// The registry keeps a group until it is closed, and a group keeps those below it as long as it
// lives; whoever keeps a shared_ptr may go on writing to its metrics, and to those below, after the
// closing, unheard. Ask for a metric once and keep the reference.
//
// Not here: what is reported (runtime/metrics/metric_registry.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/metrics/metric.h"
#include "runtime/metrics/metric_sample.h"
#include "runtime/metrics/metric_table.h"

namespace lymer::runtime {

// Thread-safe; the metrics are for one writing thread each. Names and labels may be any text and
// are brought into Prometheus's characters (runtime/metrics/metric_name.h).
//
// Each kind of metric: asking again for the same name and labels gives the same metric, wherever in
// the tree. What the registry refuses (it is full, or the name is one of another kind) is counted
// in lymer_metrics_refused_total, and a metric that nobody reports is given in its place, one for
// all of a kind that are refused to this group. The references live as long as the group.
class MetricGroup : public std::enable_shared_from_this<MetricGroup> {
 public:
  struct Scope {
    std::string prefix;  // Of names, with its last `_`.
    MetricLabels labels;
  };

  // For MetricRegistry, which makes the root. A group that is closed from the start is in no tree.
  MetricGroup(std::shared_ptr<MetricTable> table, Scope scope, std::weak_ptr<MetricGroup> parent,
              bool is_closed);

  // Gives the group below with `name` and `_` in front of its metrics' names.
  std::shared_ptr<MetricGroup> group(std::string_view name);
  // Gives the group below whose metrics carry a label. A value of nothing is no label.
  std::shared_ptr<MetricGroup> group(std::string_view key, std::string_view value);

  // Reported as NAME_total.
  Counter& counter(std::string_view name, std::string_view help);
  Gauge& gauge(std::string_view name, std::string_view help);
  // Reported as NAME_total and, computed when reported, NAME_per_second.
  Meter& meter(std::string_view name, std::string_view help);
  // Names that end in `_bytes` count bytes, all others seconds (Histogram::Range).
  Histogram& histogram(std::string_view name, std::string_view help);

  // These ask `read` for the figure at each report, until the group is closed. It is called by any
  // reporting thread, one at a time; it must not collect, nor wait for one that closes the group.
  // Refused also if there is such a metric already.
  void counter(std::string_view name, std::string_view help, std::function<double()> read);
  void gauge(std::string_view name, std::string_view help, std::function<double()> read);

  // Ends reporting of this group and all below it. None of its functions runs after this. The group
  // above then makes a new one under the same name. Metrics asked for later are not reported.
  void close();

  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] const MetricLabels& labels() const noexcept { return scope_.labels; }

 private:
  using ChildKey = std::pair<std::string, std::string>;  // Of a name: {"", name}.

  std::shared_ptr<MetricGroup> child(ChildKey key, Scope scope);
  void forget(const MetricGroup& closed);
  MetricHandle acquire(MetricKind kind, std::string_view name, std::string_view help,
                       MetricHandle fresh);

  const std::shared_ptr<MetricTable> table_;
  const Scope scope_;
  const std::weak_ptr<MetricGroup> parent_;
  mutable std::mutex mutex_;  // Before those of groups below and the table's.
  bool is_closed_;
  std::map<ChildKey, std::shared_ptr<MetricGroup>> children_;
  std::vector<std::shared_ptr<MetricGroup>> replaced_;  // Kept for those who write there.
  // By kind and name; unchanged once closed.
  std::map<std::pair<MetricKind, std::string>, MetricHandle> metrics_;
  std::map<MetricKind, MetricHandle> unreported_;
};

// Gives a new group that nobody reports, for what runs alone.
[[nodiscard]] std::shared_ptr<MetricGroup> unreported_metrics();

}  // namespace lymer::runtime
