// Three kinds with the same paths; late events have a stream where the others have a rule and a
// key. Not here: results as text (server/api/result_text.cc).
#include "server/api/result_routes.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "server/api/result_text.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace lymer::server {
namespace {

using http::Parameter;
using http::Problem;
using http::Request;
using http::Response;
using results::PageRequest;
using results::ResultFilter;
using results::ResultKind;
using results::ResultPage;
using results::StoredResult;

constexpr std::size_t kUsualPage = 100;
constexpr std::int64_t kLargestPage = 1000;
constexpr const char* kJson = "application/json";
constexpr const char* kLines = "application/x-ndjson";
constexpr const char* kCsv = "text/csv";
constexpr const char* kEvents = "text/event-stream";

struct KindOfPath {
  ResultKind kind;
  const char* path;
  const char* name;  // In names of operations.
  const char* words;
};

constexpr KindOfPath kKinds[] = {
    {ResultKind::kMatch, "/api/v1/matches", "Match", "matches"},
    {ResultKind::kTimeout, "/api/v1/timeouts", "Timeout", "partial matches that ran out of time"},
    {ResultKind::kLate, "/api/v1/late", "LateEvent", "events that came too late"}};

Response not_kept(const Request& request) {
  return problem(request, Problem::kNotImplemented,
                 "results are kept in the server's data directory, and it has none: set data_dir");
}

bool is_on(const Request& request, std::string_view flag) {
  const std::string* const value = request.query_argument(flag);
  return value != nullptr && *value != "0" && *value != "false";
}

bool wants_events(const Request& request) {
  const std::string* const value = request.query_argument("expand");
  return value != nullptr && *value == "events";
}

// A key as JSON may have blanks; the store's has none.
std::string without_blanks(std::string_view key) {
  if (!key.starts_with('{')) return std::string(key);
  std::string out;
  bool is_in_text = false;
  bool is_escaped = false;
  for (const char c : key) {
    if (!is_in_text && (c == ' ' || c == '\t')) continue;
    if (c == '"' && !is_escaped) is_in_text = !is_in_text;
    is_escaped = c == '\\' && !is_escaped;
    out += c;
  }
  return out;
}

Result<ResultFilter> filter_of(const Request& request, ResultKind kind) {
  ResultFilter filter;
  const auto text_of = [&](std::string_view name) -> std::optional<std::string> {
    const std::string* const value = request.query_argument(name);
    return value == nullptr ? std::nullopt : std::optional(*value);
  };
  filter.rule = text_of(kind == ResultKind::kLate ? "stream" : "rule");
  filter.severity = text_of("severity");
  filter.tag = text_of("tag");
  filter.key = text_of("key");
  if (filter.key) filter.key = without_blanks(*filter.key);
  for (const auto& [name, place] : {std::pair("from", &filter.from), std::pair("to", &filter.to)}) {
    const std::string* const value = request.query_argument(name);
    if (value == nullptr) continue;
    const auto time = parse_rfc3339(*value);
    if (!time) {
      return Error{ErrorCode::kInvalidArgument,
                   text("`{}` is a time such as 2026-01-31T00:00:00Z, not `{}`", name, *value)};
    }
    *place = *time;
  }
  return filter;
}

// The media type of the answer; nothing if there is none such.
std::optional<std::string> type_of(const Request& request) {
  const std::string* const format = request.query_argument("format");
  if (format == nullptr) {
    return http::negotiate(request.header("Accept"), {kJson, kLines, kCsv, kEvents});
  }
  if (*format == "ndjson") return kLines;
  return *format == "csv" ? kCsv : kJson;
}

std::string text_of(const ResultPage& page, ResultKind kind, const std::string& type,
                    bool with_events) {
  std::string out;
  if (type == kCsv) {
    out = csv_head(kind);
    for (const StoredResult& each : page.items) append_csv(out, each);
    return out;
  }
  const bool is_lines = type == kLines;
  if (!is_lines) out = "{\"items\":[";
  for (const StoredResult& each : page.items) {
    if (!is_lines && &each != &page.items.front()) out += ',';
    append_result(out, each, with_events);
    if (is_lines) out += '\n';
  }
  if (is_lines) return out;
  out += ']';
  if (!page.next.empty()) append_text(out, ",\"next\":\"{}\"", page.next);
  return out + "}\n";
}

// The same request, behind what it gave.
std::string link_to(const Request& request, const std::string& cursor) {
  std::string target = request.path + "?";
  for (const http::Argument& each : request.query) {
    if (each.name == "cursor") continue;
    append_text(target, "{}={}&", each.name, http::percent_encoded(each.value));
  }
  return text("<{}cursor={}>; rel=\"next\"", target, cursor);
}

Response failure(const Request& request, const Error& error) {
  const bool is_theirs = error.code == ErrorCode::kInvalidArgument;
  return problem(request, is_theirs ? Problem::kBadParameter : Problem::kInternal, error.message);
}

// Behind what the client has: by the header of who comes again, or by the query.
Result<std::optional<std::uint64_t>> place_of(const Request& request) {
  const std::string* place = request.header("Last-Event-ID");
  if (place == nullptr) place = request.query_argument("after");
  if (place == nullptr || place->empty()) return std::optional<std::uint64_t>();
  std::uint64_t number = 0;
  const char* const end = place->data() + place->size();
  const auto read = std::from_chars(place->data(), end, number);
  if (read.ec == std::errc() && read.ptr == end) return std::optional(number);
  return Error{ErrorCode::kInvalidArgument,
               text("`{}` is no place among results: it is the `id` of an event", *place)};
}

Response follow(const ResultView& view, const Request& request, ResultKind kind) {
  if (view.store == nullptr) return not_kept(request);
  auto filter = filter_of(request, kind);
  if (!filter) return failure(request, filter.error());
  const auto after = place_of(request);
  if (!after) return failure(request, after.error());
  if (is_on(request, "uncommitted")) {
    return problem(request, Problem::kBadParameter,
                   "what is not committed has no place to follow from; ask for pages");
  }
  Response answer;
  answer.source = view.followers->follow({.kind = kind,
                                          .filter = *std::move(filter),
                                          .after = *after,
                                          .with_events = wants_events(request)});
  if (answer.source == nullptr) {
    Response busy = problem(request, Problem::kUnavailable, "too many clients follow results");
    busy.headers.push_back({"Retry-After", "10"});
    return busy;
  }
  answer.content_type = kEvents;
  answer.headers.push_back({"Cache-Control", "no-store"});
  answer.headers.push_back({"X-Accel-Buffering", "no"});  // Proxies would wait for more.
  return answer;
}

Response list(const ResultView& view, const Request& request, ResultKind kind) {
  if (view.store == nullptr) return not_kept(request);
  const auto type = type_of(request);
  if (!type) {
    return problem(request, Problem::kNotAcceptable,
                   text("results are {}, {}, {} or {}", kJson, kLines, kCsv, kEvents));
  }
  if (*type == kEvents) return follow(view, request, kind);
  auto filter = filter_of(request, kind);
  if (!filter) return failure(request, filter.error());
  const std::string* const limit = request.query_argument("limit");
  const std::string* const order = request.query_argument("order");
  const std::string* const cursor = request.query_argument("cursor");
  const auto page = view.store->page({.kind = kind,
                                      .filter = *std::move(filter),
                                      .is_newest_first = order == nullptr || *order == "newest",
                                      .limit = limit == nullptr ? kUsualPage : std::stoul(*limit),
                                      .cursor = cursor == nullptr ? "" : *cursor,
                                      .shows_uncommitted = is_on(request, "uncommitted")});
  if (!page) return failure(request, page.error());
  Response answer = Response::json(200, text_of(*page, kind, *type, wants_events(request)));
  if (*type != kJson) answer.content_type = *type + "; charset=utf-8";
  answer.headers.push_back({"Vary", "Accept"});
  if (!page->next.empty()) {
    answer.headers.push_back({"Link", link_to(request, page->next)});
  }
  return answer;
}

Response one(const ResultView& view, const Request& request, ResultKind kind) {
  if (view.store == nullptr) return not_kept(request);
  const std::string& id = request.path_argument("id");
  const auto found = view.store->find(kind, id);
  if (!found) return failure(request, found.error());
  if (!*found) {
    return problem(request, Problem::kNotFound,
                   text("there is no result `{}`: there never was, it is not committed yet, or it "
                        "was removed after its time",
                        id));
  }
  std::string body;
  append_result(body, **found, /*with_events=*/true);
  return Response::json(200, body + "\n");
}

std::vector<Parameter> filters(ResultKind kind) {
  std::vector<Parameter> all = {
      {.name = "from", .summary = "Only those at or behind this time, RFC 3339"},
      {.name = "to", .summary = "Only those before this time"},
      {.name = "expand",
       .summary = "Their events too, where the rule has `emit`",
       .values = {"events"}}};
  if (kind == ResultKind::kLate) {
    all.push_back({.name = "stream", .summary = "Only those of this stream"});
    return all;
  }
  all.push_back({.name = "rule", .summary = "Only those of this rule"});
  all.push_back(
      {.name = "key", .summary = "Only those of this key: its value, or all of it as JSON"});
  all.push_back({.name = "tag", .summary = "Only those whose rule has this tag"});
  all.push_back({.name = "severity", .summary = "Only those whose rule has this severity"});
  return all;
}

void add_list(http::Router& router, const ResultView& view, const KindOfPath& of) {
  std::vector<Parameter> parameters = filters(of.kind);
  for (Parameter each :
       std::vector<Parameter>{{.name = "order",
                               .summary = "By their times; newest unless said otherwise",
                               .values = {"newest", "oldest"}},
                              {.name = "limit",
                               .kind = Parameter::Kind::kInteger,
                               .summary = "How many at most (100)",
                               .minimum = 1,
                               .maximum = kLargestPage},
                              {.name = "cursor", .summary = "The `next` of the page before"},
                              {.name = "uncommitted",
                               .kind = Parameter::Kind::kFlag,
                               .summary = "Those too that no checkpoint holds yet, marked"},
                              {.name = "format",
                               .summary = "Instead of the header Accept",
                               .values = {"json", "ndjson", "csv"}}}) {
    parameters.push_back(std::move(each));
  }
  router.add({.path = of.path,
              .name = text("list{}{}", of.name, of.kind == ResultKind::kMatch ? "es" : "s"),
              .summary = text("A page of {}", of.words),
              .parameters = std::move(parameters),
              .answers = {{.media_type = kJson},
                          {.media_type = kLines},
                          {.media_type = kCsv},
                          {.media_type = kEvents}},
              .handler = [&view, kind = of.kind](const Request& request) {
                return list(view, request, kind);
              }});
}

}  // namespace

void add_result_routes(http::Router& router, const ResultView& view) {
  for (const KindOfPath& of : kKinds) {
    add_list(router, view, of);
    std::vector<Parameter> parameters = filters(of.kind);
    parameters.push_back({.name = "after",
                          .kind = Parameter::Kind::kInteger,
                          .summary = "Begin behind this `id`; 0: with the oldest"});
    router.add({.path = text("{}/stream", of.path),
                .name = text("follow{}{}", of.name, of.kind == ResultKind::kMatch ? "es" : "s"),
                .summary = text("Follow {} by server-sent events", of.words),
                .parameters = std::move(parameters),
                .answers = {{.media_type = kEvents}},
                .handler = [&view, kind = of.kind](const Request& request) {
                  return follow(view, request, kind);
                }});
    router.add({.path = text("{}/{{id}}", of.path),
                .name = text("get{}", of.name),
                .summary = text("One of the {}, with its events", of.words),
                .handler = [&view, kind = of.kind](const Request& request) {
                  return one(view, request, kind);
                }});
  }
}

}  // namespace lymer::server
