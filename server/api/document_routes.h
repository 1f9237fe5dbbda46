// What the server says of itself: /openapi.json, /docs, /problems, /api/v1/info, /metrics.
//
// Not here: the OpenAPI document (server/http/openapi.h), the metrics (runtime/metrics/).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/metrics/metric_sample.h"
#include "server/http/router.h"

namespace lymer::server {

// Samples of one part of the server, on any thread.
using MetricsSource = std::function<std::vector<runtime::MetricSample>()>;

struct ServerFacts {
  std::string version;
  EventTime started;
  std::vector<MetricsSource> metrics;
};

// The router, the facts and the clock must outlive the routes.
void add_document_routes(http::Router& router, const ServerFacts& facts, const Clock& clock);

}  // namespace lymer::server
