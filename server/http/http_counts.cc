// A map under a mutex: an addition a request is nothing beside the request.
// Not here: counters of the data path (runtime/metrics/metric.h).
#include "server/http/http_counts.h"

namespace lymer::server::http {

using runtime::MetricSample;
using runtime::MetricType;

void HttpCounts::add(std::string_view route, std::string_view method, int status) {
  const std::lock_guard lock(mutex_);
  ++requests_[{std::string(route), std::string(method), status}];
}

std::vector<MetricSample> HttpCounts::samples() const {
  std::vector<MetricSample> all = {{.name = "lymer_http_connections",
                                    .help = "Connections that are open.",
                                    .value = static_cast<double>(connections_)},
                                   {.name = "lymer_http_connections_refused_total",
                                    .type = MetricType::kCounter,
                                    .help = "Connections closed at once, as there were too many.",
                                    .value = static_cast<double>(refused_)}};
  const std::lock_guard lock(mutex_);
  for (const auto& [series, count] : requests_) {
    const auto& [route, method, status] = series;
    all.push_back(
        {.name = "lymer_http_requests_total",
         .type = MetricType::kCounter,
         .help = "Requests that were answered.",
         .labels = {{"route", route}, {"method", method}, {"code", std::to_string(status)}},
         .value = static_cast<double>(count)});
  }
  return all;
}

}  // namespace lymer::server::http
