// Routes as OpenAPI 3.1: paths, parameters, bodies, answers, and one schema, that of problems.
// Not here: the routes (server/api/).
#include "server/http/openapi.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include <nlohmann/json.hpp>

#include "server/http/problem.h"

namespace lymer::server::http {
namespace {

using Json = nlohmann::ordered_json;

std::string lower_case(std::string_view word) {
  std::string out;
  for (const char c : word) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

Json schema_of(const Parameter& parameter) {
  if (parameter.kind == Parameter::Kind::kFlag) return {{"type", "boolean"}};
  if (parameter.kind == Parameter::Kind::kInteger) {
    Json schema = {{"type", "integer"}, {"minimum", parameter.minimum}};
    if (parameter.maximum != INT64_MAX) schema["maximum"] = parameter.maximum;
    return schema;
  }
  Json schema = {{"type", "string"}};
  if (!parameter.values.empty()) schema["enum"] = parameter.values;
  return schema;
}

Json described(const Parameter& parameter, const char* place) {
  Json one = {{"name", parameter.name}, {"in", place}, {"required", parameter.is_required}};
  if (!parameter.summary.empty()) one["description"] = parameter.summary;
  one["schema"] = schema_of(parameter);
  return one;
}

// What stands in braces in the path, then what the query may hold, then headers.
Json parameters_of(const Route& route) {
  Json all = Json::array();
  const std::string_view path = route.path;
  for (std::size_t open = path.find('{'); open != std::string_view::npos;
       open = path.find('{', open + 1)) {
    const std::size_t close = path.find('}', open);
    all.push_back({{"name", path.substr(open + 1, close - open - 1)},
                   {"in", "path"},
                   {"required", true},
                   {"schema", {{"type", "string"}}}});
  }
  for (const Parameter& each : route.parameters) all.push_back(described(each, "query"));
  for (const Parameter& each : route.headers) all.push_back(described(each, "header"));
  return all;
}

Json responses_of(const Route& route) {
  Json all = Json::object();
  for (const Answer& each : route.answers) {
    Json& one = all[std::to_string(each.status)];
    one["description"] = each.summary.empty() ? route.summary : each.summary;
    if (!each.media_type.empty()) one["content"][each.media_type] = Json::object();
  }
  all["default"] = {{"$ref", "#/components/responses/Problem"}};
  return all;
}

Json operation_of(const Route& route) {
  Json operation = {{"operationId", route.name}, {"summary", route.summary}};
  if (Json parameters = parameters_of(route); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (!route.takes.empty()) {
    Json content = Json::object();
    for (const std::string& each : route.takes) content[each] = Json::object();
    operation["requestBody"] = {{"required", true}, {"content", std::move(content)}};
  }
  operation["responses"] = responses_of(route);
  if (route.role == Role::kAnyone) {
    operation["security"] = Json::array();
  } else {
    operation["security"] = Json::array({{{"token", {to_string(route.role)}}}});
  }
  return operation;
}

Json components() {
  Json properties = {{"type", {{"type", "string"}}},     {"title", {{"type", "string"}}},
                     {"status", {{"type", "integer"}}},  {"detail", {{"type", "string"}}},
                     {"instance", {{"type", "string"}}}, {"requestId", {{"type", "string"}}}};
  const Json schema = {{"type", "object"},
                       {"required", {"type", "title", "status", "detail", "instance"}},
                       {"properties", std::move(properties)}};
  const Json response = {
      {"description", "What went wrong, by RFC 9457"},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return {{"schemas", {{"Problem", schema}}},
          {"responses", {{"Problem", response}}},
          {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}};
}

}  // namespace

std::string openapi_document(std::span<const Route> routes, std::string_view version) {
  std::vector<const Route*> sorted;
  for (const Route& each : routes) sorted.push_back(&each);
  std::ranges::stable_sort(sorted, {}, [](const Route* each) { return each->path; });
  Json paths = Json::object();
  for (const Route* each : sorted) {
    paths[each->path][lower_case(to_string(each->method))] = operation_of(*each);
  }
  const Json document = {{"openapi", "3.1.0"},
                         {"info", {{"title", "Lymer"}, {"version", version}}},
                         {"paths", std::move(paths)},
                         {"components", components()}};
  return document.dump(1) + "\n";
}

}  // namespace lymer::server::http
