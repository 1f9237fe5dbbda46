// Who is told of the metrics, and how often.
//
//   ReporterSchedule schedule(metrics);
//   schedule.add("page", Duration::seconds(10),
//                std::make_unique<TextReporter>(to_prometheus, write_file));
//   for (...) wakeup.wait(*schedule.run_due(clock).next);
//
// Not here: the formats (runtime/metrics/metric_text.h) and the thread that drives the schedule.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/metrics/metric.h"
#include "runtime/metrics/metric_group.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/metrics/metric_sample.h"

namespace lymer::runtime {

// Passes on what a registry collected, in the thread that drives the schedule.
class MetricReporter {
 public:
  virtual ~MetricReporter() = default;
  // Any error is counted and told to the driver; the next report is tried as ever.
  [[nodiscard]] virtual Result<void> report(std::span<const MetricSample> samples) = 0;
};

// Hands samples on as text.
class TextReporter final : public MetricReporter {
 public:
  using Format = std::function<std::string(std::span<const MetricSample>)>;
  using Write = std::function<Result<void>(std::string_view)>;

  TextReporter(Format format, Write write);
  [[nodiscard]] Result<void> report(std::span<const MetricSample> samples) override;

 private:
  Format format_;
  Write write_;
};

// Reporters by name, each with its interval. Has no thread: whoever owns it calls run_due(). The
// registry outlives it. Thread-compatible.
class ReporterSchedule {
 public:
  // What one run_due() came to.
  struct Run {
    std::vector<Error> failures;   // Each names its reporter.
    std::optional<Duration> next;  // Until a reporter is due; nothing if there is none.
  };

  explicit ReporterSchedule(MetricRegistry& registry) : registry_(registry) {}

  // Adds a reporter that is due at once and then each `interval`. Returns kInvalidArgument for a
  // name that is taken or an interval that is not positive.
  [[nodiscard]] Result<void> add(std::string name, Duration interval,
                                 std::unique_ptr<MetricReporter> reporter);
  // Collects once and reports to all that are due. One that fails is counted in
  // lymer_reporter_failures_total{reporter} and keeps nobody else from reporting. Intervals that
  // passed unused are not made up for.
  Run run_due(const Clock& clock);

 private:
  struct Entry {
    std::string name;
    double interval;  // In seconds, as `due`.
    std::unique_ptr<MetricReporter> reporter;
    std::shared_ptr<MetricGroup> group;  // Keeps `failures`.
    Counter& failures;
    std::optional<double> due;  // On the monotonic clock; nothing before the first report.
  };

  MetricRegistry& registry_;
  std::vector<Entry> entries_;
};

}  // namespace lymer::runtime
