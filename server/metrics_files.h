// Metrics of a run in files: Prometheus text, JSON or log lines, by the end of the file's name.
//
// A file is written anew each ten seconds, and at the end of the run.
// Not here: the metrics (runtime/metrics/).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/metrics/metric_reporter.h"

namespace lymer::server {

class MetricsFiles {
 public:
  static constexpr Duration kInterval = Duration::seconds(10);
  // Both must outlive this.
  MetricsFiles(runtime::MetricRegistry& registry, FileSystem& files);

  // `.json` gives JSON, `.log` log lines, all else Prometheus text. Creates the file; returns the
  // file system's error if that fails, kInvalidArgument for a path that is there already.
  [[nodiscard]] Result<void> add(const std::string& path);
  // Writes those that are due. What fails is tried again when it is next due.
  void write_due(const Clock& clock) { (void)schedule_.run_due(clock); }
  // Writes all; returns the first error.
  [[nodiscard]] Result<void> write_all();

 private:
  [[nodiscard]] std::unique_ptr<runtime::TextReporter> reporter(const std::string& path);

  runtime::MetricRegistry& registry_;
  FileSystem& files_;
  runtime::ReporterSchedule schedule_;
  std::vector<std::string> paths_;
};

}  // namespace lymer::server
