// Time is the monotonic clock's: a wall clock that is set back would silence the reporters.
// Not here: formats (runtime/metrics/metric_text.cc).
#include "runtime/metrics/metric_reporter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr double kMillisPerSecond = 1000;

}  // namespace

TextReporter::TextReporter(Format format, Write write)
    : format_(std::move(format)), write_(std::move(write)) {}

Result<void> TextReporter::report(std::span<const MetricSample> samples) {
  return write_(format_(samples));
}

Result<void> ReporterSchedule::add(std::string name, Duration interval,
                                   std::unique_ptr<MetricReporter> reporter) {
  if (interval <= Duration()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("the interval of reporter `{}` must be positive", name)};
  }
  if (std::ranges::find(entries_, name, &Entry::name) != entries_.end()) {
    return Error{ErrorCode::kInvalidArgument, text("there are two reporters `{}`", name)};
  }
  auto group = registry_.root().group("reporter", name);
  Counter& failures = group->counter("reporter_failures", "Reports that failed.");
  const double seconds = static_cast<double>(interval.to_millis()) / kMillisPerSecond;
  entries_.push_back(
      {std::move(name), seconds, std::move(reporter), std::move(group), failures, std::nullopt});
  return {};
}

ReporterSchedule::Run ReporterSchedule::run_due(const Clock& clock) {
  Run run;
  const double now = clock.monotonic_seconds();
  std::optional<std::vector<MetricSample>> samples;
  for (Entry& each : entries_) {
    if (each.due && *each.due > now) continue;
    if (!samples) samples = registry_.collect();
    if (const auto reported = each.reporter->report(*samples); !reported) {
      each.failures.add();
      run.failures.push_back(reported.error().within(text("reporter `{}`", each.name)));
    }
    const double planned = each.due.value_or(now) + each.interval;
    each.due = planned > now ? planned : now + each.interval;
  }
  for (const Entry& each : entries_) {
    // Rounded up, or the driver would come back just too early.
    const double wait = std::ceil((*each.due - now) * kMillisPerSecond);
    const auto next = Duration::millis(static_cast<std::int64_t>(wait));
    if (!run.next || next < *run.next) run.next = next;
  }
  return run;
}

}  // namespace lymer::runtime
