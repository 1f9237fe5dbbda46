// Documents made of the tables that there are anyway.
// Not here: a user interface.
#include "server/api/document_routes.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/metrics/metric_text.h"
#include "server/http/openapi.h"
#include "server/http/problem.h"

namespace lymer::server {
namespace {

using http::Problem;
using http::ProblemEntry;
using http::Request;
using http::Response;
using http::Role;
using http::Route;

constexpr const char* kHtml = "text/html; charset=utf-8";

std::string escaped(std::string_view plain) {
  std::string out;
  for (const char c : plain) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// No script, no style from elsewhere: it works without a net and under the strictest policy.
Response page(std::string_view title, std::string_view content) {
  Response made;
  made.content_type = kHtml;
  made.body = text(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width\"></head>\n<body><h1>{0}</h1>\n{1}"
      "</body></html>\n",
      escaped(title), content);
  made.headers.push_back({"Content-Security-Policy", "default-src 'none'"});
  return made;
}

Response docs(const http::Router& router) {
  std::string rows =
      "<p>The same for programs: <a href=\"/openapi.json\">/openapi.json</a>.</p>\n"
      "<table border=\"1\"><tr><th>Method</th><th>Path</th><th>Role</th><th>What it does</th>"
      "<th>Parameters</th></tr>\n";
  for (const Route& each : router.routes()) {
    std::vector<std::string> names;
    for (const auto& parameter : each.parameters) names.push_back(parameter.name);
    append_text(rows,
                "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                to_string(each.method), escaped(each.path), to_string(each.role),
                escaped(each.summary), escaped(text("{}", fmt::join(names, ", "))));
  }
  return page("The API of Lymer", rows + "</table>\n");
}

Response problem_page(const Request& request) {
  const std::string& name = request.path_argument("code");
  const auto all = http::problems();
  const auto found = std::ranges::find(all, name, &ProblemEntry::name);
  if (found == all.end()) {
    return problem(request, Problem::kNotFound, text("there is no problem `{}`", name));
  }
  return page(found->title, text("<p>{} (<code>{}</code>, status {})</p>\n",
                                 escaped(found->explanation), found->name, found->status));
}

Response info(const ServerFacts& facts, const Clock& clock) {
  const EventTime now = clock.now();
  const nlohmann::ordered_json body = {
      {"version", facts.version},
      {"started", to_rfc3339(facts.started)},
      {"uptime", to_string(Duration::seconds((now - facts.started).to_millis() / 1000))},
      {"languageVersion", 1},
      {"features", {"rules", "jobs", "streams", "metrics"}}};
  return Response::json(200, body.dump() + "\n");
}

Response metrics(const ServerFacts& facts) {
  std::vector<runtime::MetricSample> all;
  for (const MetricsSource& each : facts.metrics) {
    std::vector<runtime::MetricSample> some = each();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  std::stable_sort(all.begin(), all.end());
  Response made = Response::text(200, runtime::to_prometheus(all));
  made.content_type = runtime::kPrometheusContentType;
  return made;
}

}  // namespace

void add_document_routes(http::Router& router, const ServerFacts& facts, const Clock& clock) {
  router.add({.path = "/openapi.json",
              .role = Role::kAnyone,
              .name = "openapi",
              .summary = "This API as an OpenAPI 3.1 document",
              .handler = [&router, &facts](const Request&) {
                return Response::json(200, openapi_document(router.routes(), facts.version));
              }});
  router.add({.path = "/docs",
              .role = Role::kAnyone,
              .name = "docs",
              .summary = "This API as a page",
              .answers = {{.media_type = "text/html"}},
              .handler = [&router](const Request&) { return docs(router); }});
  router.add({.path = "/problems/{code}",
              .role = Role::kAnyone,
              .name = "problem",
              .summary = "What a problem means and what helps",
              .answers = {{.media_type = "text/html"}},
              .handler = problem_page});
  router.add({.path = "/api/v1/info",
              .name = "info",
              .summary = "Version, start and features of the server",
              .handler = [&facts, &clock](const Request&) { return info(facts, clock); }});
  router.add({.path = "/metrics",
              .name = "metrics",
              .summary = "All metrics in the text format of Prometheus",
              .answers = {{.media_type = "text/plain"}},
              .handler = [&facts](const Request&) { return metrics(facts); }});
}

}  // namespace lymer::server
