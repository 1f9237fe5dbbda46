// Rules by name, which is their id.
// Not here: pictures of automata (cep/explain.h).
#include "server/api/rule_routes.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cep/compiler/compiler.h"
#include "cep/explain.h"
#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "server/api/json_body.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace lymer::server {
namespace {

using http::Parameter;
using http::Problem;
using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr const char* kRuleType = "text/x-lymer-rule";
constexpr std::size_t kUsualPage = 100;
constexpr std::int64_t kLargestPage = 1000;

std::string tag_of(std::string_view content) {
  return text("\"{:016x}\"", hash64(std::as_bytes(std::span(content.data(), content.size()))));
}

Json summary_of(const RuleFiles& rules, std::size_t index) {
  const rules::RulePlan& plan = rules.set.rules[index];
  const RuleText& written = rules.texts[index];
  Json streams = Json::array();
  for (const rules::RuleInput& input : plan.inputs) {
    streams.push_back(rules.set.streams[input.stream].name);
  }
  return {{"id", plan.name},      {"doc", plan.doc},      {"severity", plan.severity},
          {"tags", plan.tags},    {"streams", streams},   {"source", "file"},
          {"file", written.file}, {"line", written.line}, {"etag", tag_of(written.text)}};
}

// Where a page ended: the name of its last rule in digits, so that nobody builds on it.
std::string cursor_of(std::string_view name) {
  std::string out;
  for (const char c : name) append_text(out, "{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::optional<std::size_t> find(const RuleFiles& rules, const std::string& name) {
  for (std::size_t i = 0; i < rules.texts.size(); ++i) {
    if (rules.texts[i].name == name) return i;
  }
  return std::nullopt;
}

Response no_rule(const RuleFiles& rules, const Request& request) {
  std::vector<std::string> names;
  for (const RuleText& each : rules.texts) names.push_back(each.name);
  const std::string& name = request.path_argument("id");
  const std::string hint = rules::suggestion(name, names);
  return problem(request, Problem::kNotFound,
                 text("there is no rule `{}`{}", name, hint.empty() ? "" : "; " + hint));
}

bool is_wanted(const rules::RulePlan& plan, const Request& request) {
  const std::string* const tag = request.query_argument("tag");
  if (tag != nullptr && std::ranges::find(plan.tags, *tag) == plan.tags.end()) return false;
  const std::string* const words = request.query_argument("q");
  return words == nullptr || plan.name.find(*words) != std::string::npos ||
         plan.doc.find(*words) != std::string::npos;
}

Response list(const RuleFiles& rules, const Request& request) {
  std::vector<std::pair<std::string, std::size_t>> wanted;  // By cursor.
  for (std::size_t i = 0; i < rules.texts.size(); ++i) {
    if (is_wanted(rules.set.rules[i], request)) {
      wanted.emplace_back(cursor_of(rules.texts[i].name), i);
    }
  }
  std::ranges::sort(wanted);
  const std::string* const limit = request.query_argument("limit");
  const std::size_t most = limit == nullptr ? kUsualPage : std::stoul(*limit);
  const std::string* const cursor = request.query_argument("cursor");
  Json items = Json::array();
  std::string last;
  std::string next;
  for (const auto& [place, index] : wanted) {
    if (cursor != nullptr && place <= *cursor) continue;
    if (items.size() == most) {
      next = last;
      break;
    }
    items.push_back(summary_of(rules, index));
    last = place;
  }
  Json page = {{"items", std::move(items)}};
  if (!next.empty()) page["next"] = next;
  Response answer = Response::json(200, page.dump() + "\n");
  answer.headers.push_back({"ETag", tag_of(answer.body)});
  if (!next.empty()) {
    std::string target = request.path + "?";
    for (const http::Argument& each : request.query) {
      if (each.name == "cursor") continue;
      append_text(target, "{}={}&", each.name, http::percent_encoded(each.value));
    }
    answer.headers.push_back({"Link", text("<{}cursor={}>; rel=\"next\"", target, next)});
  }
  return answer;
}

Response one(const RuleFiles& rules, const Request& request) {
  const auto index = find(rules, request.path_argument("id"));
  if (!index) return no_rule(rules, request);
  const auto type =
      http::negotiate(request.header("Accept"), {"application/json", kRuleType, "text/plain"});
  if (!type) {
    return problem(request, Problem::kNotAcceptable,
                   text("a rule is application/json or {}", kRuleType));
  }
  const RuleText& written = rules.texts[*index];
  Response answer = Response::text(200, written.text);
  answer.content_type = *type + "; charset=utf-8";
  if (*type == "application/json") {
    Json body = summary_of(rules, *index);
    body["text"] = written.text;
    answer = Response::json(200, body.dump() + "\n");
  }
  // A tag each, as the two are not the same bytes.
  answer.headers.push_back({"ETag", tag_of(answer.body)});
  answer.headers.push_back({"Vary", "Accept"});
  return answer;
}

Response plan(const RuleFiles& rules, const Request& request) {
  const auto index = find(rules, request.path_argument("id"));
  if (!index) return no_rule(rules, request);
  const rules::RulePlan& rule = rules.set.rules[*index];
  const cep::CompiledPattern compiled = cep::compile(rule.pattern);
  const std::string* const given = request.query_argument("format");
  const std::string format = given == nullptr ? "json" : *given;
  if (format == "text") return Response::text(200, cep::explain_text(compiled.program));
  if (format == "dot") {
    Response answer = Response::text(200, cep::explain_dot(compiled.program, rule.name));
    answer.content_type = "text/vnd.graphviz; charset=utf-8";
    return answer;
  }
  return Response::json(200, text("{{\"rule\":{},\"nfa\":{}}}\n", Json(rule.name).dump(),
                                  cep::explain_json(compiled.program)));
}

// An editor's question, so errors in the rules are an answer like any other.
Response validate(const Request& request) {
  std::string rule_text = request.body;
  const std::string* const type = request.header("Content-Type");
  if (type != nullptr && type->starts_with("application/json")) {
    if (const auto flat = check_depth(request.body); !flat) {
      return problem(request, Problem::kBadJson, flat.error().message);
    }
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (body.is_discarded() || !body.is_object() || !body.contains("text") ||
        !body["text"].is_string()) {
      return problem(request, Problem::kBadJson, "the body is an object with a text `text`");
    }
    rule_text = body["text"].get<std::string>();
  }
  const rules::SourceFile source("rules.cep", std::move(rule_text));
  rules::Diagnostics diagnostics;
  (void)rules::load(source, diagnostics);
  return Response::json(200, rules::to_json(diagnostics, source) + "\n");
}

}  // namespace

void add_rule_routes(http::Router& router, const CurrentRules& rules) {
  const std::vector<Parameter> paging = {
      {.name = "limit",
       .kind = Parameter::Kind::kInteger,
       .summary = "How many at most (100)",
       .minimum = 1,
       .maximum = kLargestPage},
      {.name = "cursor", .summary = "The `next` of the page before"},
      {.name = "tag", .summary = "Only those with this tag"},
      {.name = "q", .summary = "Only those whose name or doc holds this"}};
  router.add({.path = "/api/v1/rules",
              .name = "listRules",
              .summary = "The rules by name",
              .parameters = paging,
              .handler = [rules](const Request& request) { return list(*rules(), request); }});
  router.add({.path = "/api/v1/rules/{id}",
              .name = "getRule",
              .summary = "One rule, as JSON or as text",
              .answers = {{.media_type = "application/json"}},
              .handler = [rules](const Request& request) { return one(*rules(), request); }});
  router.add({.path = "/api/v1/rules/{id}/plan",
              .name = "getRulePlan",
              .summary = "The automaton that a rule becomes",
              .parameters = {{.name = "format", .values = {"json", "dot", "text"}}},
              .handler = [rules](const Request& request) { return plan(*rules(), request); }});
  router.add({.method = http::Method::kPost,
              .path = "/api/v1/rules:validate",
              .name = "validateRules",
              .summary = "What is wrong in a text of rules",
              .takes = {kRuleType, "text/plain", "application/json"},
              .handler = validate});
}

}  // namespace lymer::server
