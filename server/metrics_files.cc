// A reporter for each file.
// Not here: the formats (runtime/metrics/metric_text.h).
#include "server/metrics_files.h"

#include <span>
#include <string_view>
#include <utility>

#include "runtime/metrics/metric_text.h"
#include "runtime/metrics/process_metrics.h"
#include "runtime/metrics/scope_format.h"

namespace lymer::server {

using runtime::MetricSample;

MetricsFiles::MetricsFiles(runtime::MetricRegistry& registry, FileSystem& files)
    : registry_(registry), files_(files), schedule_(registry) {
  registry.add_source([&files] { return runtime::process_metrics(files); });
}

std::unique_ptr<runtime::TextReporter> MetricsFiles::reporter(const std::string& path) {
  runtime::TextReporter::Format format = runtime::to_prometheus;
  if (path.ends_with(".json")) format = runtime::to_json;
  if (path.ends_with(".log")) {
    auto scope = runtime::ScopeFormat::make(runtime::ScopeFormat::kDefault);
    format = [scope = std::move(scope.value())](std::span<const MetricSample> samples) {
      return runtime::to_log_lines(samples, scope);
    };
  }
  const auto write = [this, path](std::string_view text) -> Result<void> {
    LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(path));
    LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(text.data(), text.size()))));
    return file->close();
  };
  return std::make_unique<runtime::TextReporter>(std::move(format), write);
}

Result<void> MetricsFiles::add(const std::string& path) {
  LYMER_RETURN_IF_ERROR(schedule_.add(path, kInterval, reporter(path)));
  paths_.push_back(path);
  LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(path));
  return file->close();
}

Result<void> MetricsFiles::write_all() {
  const std::vector<MetricSample> samples = registry_.collect();
  for (const std::string& path : paths_) {
    LYMER_RETURN_IF_ERROR(reporter(path)->report(samples));
  }
  return {};
}

}  // namespace lymer::server
