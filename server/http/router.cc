// Routes are compared one by one: there are dozens, and a comparison is a few short strings.
// Not here: what targets may look like (server/http/target.cc).
#include "server/http/router.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <set>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace lymer::server::http {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  LYMER_CHECK(path.starts_with('/'), path);
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

// Compares a segment with `word`, `{name}` or `{name}:word`; appends what the name stands for.
bool matches(std::string_view pattern, std::string_view segment, std::vector<Argument>& arguments) {
  if (!pattern.starts_with('{')) return pattern == segment;
  const std::size_t close = pattern.find('}');
  const std::string_view rest = pattern.substr(close + 1);
  if (!segment.ends_with(rest) || segment.size() == rest.size()) return false;
  arguments.push_back({std::string(pattern.substr(1, close - 1)),
                       std::string(segment.substr(0, segment.size() - rest.size()))});
  return true;
}

std::size_t words_in(const std::vector<std::string>& pattern) {
  return static_cast<std::size_t>(
      std::ranges::count_if(pattern, [](const auto& each) { return !each.starts_with('{'); }));
}

std::string wrong_value(const Parameter& parameter, const std::string& value) {
  if (parameter.kind == Parameter::Kind::kInteger) {
    std::int64_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = read.ec == std::errc() && read.ptr == value.data() + value.size();
    if (is_number && number >= parameter.minimum && number <= parameter.maximum) return {};
    return text("`{}` is a whole number from {} to {}, not `{}`", parameter.name, parameter.minimum,
                parameter.maximum, value);
  }
  if (parameter.kind == Parameter::Kind::kFlag) {
    const std::set<std::string> words = {"", "1", "0", "true", "false"};
    if (words.contains(value)) return {};
    return text("`{}` is true or false, not `{}`", parameter.name, value);
  }
  if (parameter.values.empty() ||
      std::ranges::find(parameter.values, value) != parameter.values.end()) {
    return {};
  }
  return text("`{}` is one of {}, not `{}`", parameter.name, fmt::join(parameter.values, ", "),
              value);
}

// Says what is wrong with the query, or nothing.
std::string wrong_query(const Route& route, const Request& request) {
  std::set<std::string> seen;
  for (const Argument& each : request.query) {
    const auto known = std::ranges::find(route.parameters, each.name, &Parameter::name);
    if (known == route.parameters.end()) {
      return text("{} has no parameter `{}`", route.path, each.name);
    }
    if (!seen.insert(each.name).second) return text("`{}` stands twice", each.name);
    if (std::string wrong = wrong_value(*known, each.value); !wrong.empty()) return wrong;
  }
  for (const Parameter& each : route.parameters) {
    if (each.is_required && !seen.contains(each.name)) return text("`{}` is missing", each.name);
  }
  return {};
}

bool has_body(const Request& request) {
  const std::string* const length = request.header("Content-Length");
  return request.header("Transfer-Encoding") != nullptr || (length != nullptr && *length != "0");
}

// The media type of the body must be one that the route takes.
std::string wrong_body(const Route& route, const Request& request) {
  if (route.takes.empty() || !has_body(request)) return {};
  const std::string* const given = request.header("Content-Type");
  const std::string wanted = text("{}", fmt::join(route.takes, ", "));
  if (given == nullptr) return text("Content-Type is missing; {} takes {}", route.path, wanted);
  std::string_view plain = std::string_view(*given).substr(0, given->find(';'));
  while (plain.ends_with(' ')) plain.remove_suffix(1);
  const bool is_taken = std::ranges::any_of(
      route.takes, [plain](const std::string& each) { return equal_ignoring_case(each, plain); });
  return is_taken ? std::string() : text("{} takes {}, not `{}`", route.path, wanted, plain);
}

// `Bearer TOKEN`.
std::optional<std::string_view> token_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* const given = request.header("Authorization");
  if (given == nullptr || given->size() <= kScheme.size()) return std::nullopt;
  const std::string_view all = *given;
  if (!equal_ignoring_case(all.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return all.substr(kScheme.size());
}

Response with_header(Response response, std::string name, std::string value) {
  response.headers.push_back({std::move(name), std::move(value)});
  return response;
}

}  // namespace

void Router::add(Route route) {
  const bool is_taken = std::ranges::any_of(routes_, [&route](const Route& each) {
    return each.method == route.method && each.path == route.path;
  });
  LYMER_CHECK(!is_taken, route.path);
  const bool is_late = route.late_handler != nullptr;
  LYMER_CHECK(is_late ? route.handler == nullptr && !route.is_quick : route.handler != nullptr,
              route.path);
  patterns_.push_back(segments_of(route.path));
  routes_.push_back(std::move(route));
}

// All routes of the path that has the most words of its own: `/rules/x` before `/rules/{id}`.
std::vector<Router::Candidate> Router::candidates(const std::vector<std::string>& segments) const {
  std::vector<Candidate> best;
  std::size_t best_words = 0;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::vector<std::string>& pattern = patterns_[i];
    if (pattern.size() != segments.size()) continue;
    Candidate candidate{.route = &routes_[i], .arguments = {}};
    bool fits = true;
    for (std::size_t at = 0; fits && at < segments.size(); ++at) {
      fits = matches(pattern[at], segments[at], candidate.arguments);
    }
    const std::size_t words = words_in(pattern);
    if (!fits || (!best.empty() && words < best_words)) continue;
    if (words > best_words) best.clear();
    best_words = words;
    best.push_back(std::move(candidate));
  }
  return best;
}

std::optional<Response> Router::refuse_principal(const Route& route, Request& request) const {
  if (authenticator_ == nullptr) {
    request.principal = {.role = Role::kAdmin, .name = "anyone"};
    return std::nullopt;
  }
  const auto token = token_of(request);
  if (const auto known = token ? authenticator_(*token) : std::nullopt) {
    request.principal = *known;
  } else if (route.role != Role::kAnyone) {
    const char* const challenge =
        token ? "Bearer realm=\"lymer\", error=\"invalid_token\"" : "Bearer realm=\"lymer\"";
    return with_header(problem(request, Problem::kUnauthorized,
                               token ? "nobody has this token" : "there is no token"),
                       "WWW-Authenticate", challenge);
  }
  if (request.principal.role >= route.role) return std::nullopt;
  return with_header(problem(request, Problem::kForbidden,
                             text("this needs the role {}, and the token has {}",
                                  to_string(route.role), to_string(request.principal.role))),
                     "WWW-Authenticate",
                     text("Bearer realm=\"lymer\", error=\"insufficient_scope\", scope=\"{}\"",
                          to_string(route.role)));
}

Found Router::find(Request& request) const {
  auto target = parse_target(request.target);
  if (!target) {
    return {nullptr, problem(request, Problem::kBadRequest, target.error().message)};
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  std::vector<Candidate> found = candidates(target->segments);
  if (found.empty()) {
    return {nullptr, problem(request, Problem::kNotFound, "there is no such path")};
  }
  const Method wanted = request.method == Method::kHead ? Method::kGet : request.method;
  std::set<std::string_view> allowed = {"OPTIONS"};
  for (Candidate& each : found) {
    allowed.insert(to_string(each.route->method));
    if (each.route->method == Method::kGet) allowed.insert("HEAD");
    if (each.route->method != wanted) continue;
    request.path_arguments = std::move(each.arguments);
    if (auto refusal = refuse_principal(*each.route, request)) {
      return {nullptr, std::move(*refusal)};
    }
    if (const std::string wrong = wrong_query(*each.route, request); !wrong.empty()) {
      return {nullptr, problem(request, Problem::kBadParameter, wrong)};
    }
    if (const std::string wrong = wrong_body(*each.route, request); !wrong.empty()) {
      return {nullptr, problem(request, Problem::kUnsupportedMedia, wrong)};
    }
    return {each.route, {}};
  }
  std::string names = text("{}", fmt::join(allowed, ", "));
  if (wanted == Method::kOptions) {
    Response plain;
    plain.status = 204;
    return {nullptr, with_header(std::move(plain), "Allow", std::move(names))};
  }
  return {nullptr,
          with_header(problem(request, Problem::kMethodNotAllowed,
                              text("{} is not among {}", to_string(request.method), names)),
                      "Allow", std::move(names))};
}

Response Router::run(const Route& route, const Request& request) {
  Response answer = route.handler(request);
  const std::string* const known = request.header("If-None-Match");
  if (known == nullptr || answer.status != 200 || route.method != Method::kGet) return answer;
  const auto tag = std::ranges::find(answer.headers, "ETag", &Header::name);
  if (tag == answer.headers.end() || !matches_tag(*known, tag->value)) return answer;
  Response unchanged;
  unchanged.status = 304;
  unchanged.headers = std::move(answer.headers);
  return unchanged;
}

void Router::run(const Route& route, const Request& request, const Reply& reply) {
  if (route.late_handler == nullptr) return reply(run(route, request));
  route.late_handler(request, reply);
}

}  // namespace lymer::server::http
