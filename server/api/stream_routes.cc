// A request with events waits for the disk on no thread: the log's answers it.
// Not here: what is an event (server/api/event_body.cc).
#include "server/api/stream_routes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/diagnostic.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_object_check.h"
#include "runtime/format/json_writer.h"
#include "server/api/event_body.h"
#include "server/http/problem.h"

namespace lymer::server {
namespace {

using http::Parameter;
using http::Problem;
using http::Reply;
using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr const char* kLines = "application/x-ndjson";
constexpr const char* kDocument = "application/json";
constexpr const char* kKey = "Idempotency-Key";
constexpr std::size_t kUsualPage = 100;
constexpr std::int64_t kLargestPage = 1000;

const rules::SourcePlan* source_of(const rules::StreamPlan& stream) {
  return std::get_if<rules::SourcePlan>(&stream.origin);
}

Response with_retry(Response answer, const char* seconds) {
  answer.headers.push_back({"Retry-After", seconds});
  return answer;
}

// ---- What streams there are ----

Json log_facts(const std::string& name, const StreamView& streams) {
  const auto info = streams.log == nullptr ? std::nullopt : streams.log->find(name);
  const log::EndsValue ends = info ? info->ends : log::EndsValue{};
  return {{"name", name}, {"first", ends.first}, {"next", ends.next}, {"bytes", ends.bytes}};
}

Json facts_of(const rules::StreamPlan& stream, const StreamView& streams) {
  Json fields = Json::array();
  for (const runtime::Field& field : stream.schema->fields()) {
    fields.push_back({{"name", field.name}, {"type", to_string(field.type)}});
  }
  const rules::SourcePlan* const source = source_of(stream);
  Json facts = {{"name", stream.name}, {"source", "derived"}, {"fields", std::move(fields)}};
  if (source == nullptr) return facts;
  facts["source"] = source->topics ? "topic" : source->log.empty() ? "file" : "log";
  if (source->topics) {
    facts["topics"] = source->topics->names;
    if (source->topics->names.empty()) facts["topicPattern"] = source->topics->pattern;
  } else if (source->log.empty()) {
    facts["file"] = source->path;
  } else {
    facts["log"] = log_facts(source->log, streams);
  }
  return facts;
}

// Those of the rules in their order, then those of the log that no rule reads.
Response list(const StreamView& streams) {
  Json items = Json::array();
  std::set<std::string> read;
  for (const rules::StreamPlan& stream : streams.rules.set.streams) {
    items.push_back(facts_of(stream, streams));
    if (const auto* source = source_of(stream)) read.insert(source->log);
  }
  if (streams.log != nullptr) {
    for (const auto& [name, info] : streams.log->streams()) {
      if (read.contains(name)) continue;
      items.push_back({{"name", name}, {"source", "none"}, {"log", log_facts(name, streams)}});
    }
  }
  return Response::json(200, Json{{"items", std::move(items)}}.dump() + "\n");
}

// ---- Which is meant ----

Response no_log(const Request& request) {
  return problem(request, Problem::kNotImplemented,
                 "there is no log, as the server has no data directory (data_dir)");
}

// The stream of the log that rules read by this name, first as they name it.
const rules::StreamPlan* find_read(const StreamView& streams, const std::string& name) {
  const auto& all = streams.rules.set.streams;
  const auto is_read = [](const rules::StreamPlan& each) {
    return source_of(each) != nullptr && !source_of(each)->log.empty();
  };
  auto found = std::ranges::find_if(
      all, [&](const auto& each) { return is_read(each) && each.name == name; });
  if (found == all.end()) {
    found = std::ranges::find_if(
        all, [&](const auto& each) { return is_read(each) && source_of(each)->log == name; });
  }
  return found == all.end() ? nullptr : &*found;
}

Response no_stream(const StreamView& streams, const Request& request, bool is_to_read) {
  std::vector<std::string> names;
  for (const rules::StreamPlan& each : streams.rules.set.streams) {
    if (source_of(each) == nullptr || source_of(each)->log.empty()) continue;
    names.push_back(each.name);
    if (source_of(each)->log != each.name) names.push_back(source_of(each)->log);
  }
  if (is_to_read) {
    for (const auto& [name, info] : streams.log->streams()) names.push_back(name);
  }
  const std::string& name = request.path_argument("stream");
  const std::string hint = rules::suggestion(name, names);
  return problem(request, Problem::kNotFound,
                 text("{} `{}`{}{}",
                      is_to_read ? "the log has no stream" : "no rule reads from the log a stream",
                      name, hint.empty() ? "" : "; ", hint));
}

// ---- Events in ----

// Says what is wrong with a key, or nothing.
std::string wrong_key(const std::string& key) {
  const bool is_plain =
      std::ranges::all_of(key, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (is_plain && !key.empty() && key.size() <= log::LogState::kKeyBytes) return {};
  return text("an {} has 1 to {} printable ASCII characters without spaces", kKey,
              log::LogState::kKeyBytes);
}

Response told(const EventBody& body, const std::optional<log::Appended>& appended) {
  std::string out = text(R"({{"accepted":{},"rejected":{})",
                         appended ? appended->records : std::uint32_t{0}, body.rejected);
  if (appended) {
    append_text(out, R"(,"offsets":{{"first":{},"last":{}}})", appended->first,
                appended->first + appended->records - 1);
  }
  out += R"(,"errors":[)";
  for (const EventError& each : body.errors) {
    append_text(out, R"({}{{"line":{},"error":)", &each == body.errors.data() ? "" : ",",
                each.line);
    runtime::append_json_string(out, each.error);
    out += '}';
  }
  return Response::json(200, out + "]}\n");
}

// Of what failed the log itself does not know whether it is there, so the key is what helps.
Response failed(const Request& request, const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument) {
    return problem(request, Problem::kConflict, error.message);
  }
  if (error.code == ErrorCode::kLimit) {
    return with_retry(problem(request, Problem::kUnavailable, error.message), "1");
  }
  return with_retry(
      problem(request, Problem::kUnavailable,
              text("the log cannot be written: {}; send it again, with the same {}, as it may be "
                   "there or not",
                   error.to_string(), kKey)),
      "5");
}

void append(const StreamView& streams, const std::string& stream, const Request& request,
            const Reply& reply) {
  const std::string* const key = request.header(kKey);
  if (key != nullptr) {
    const std::string wrong = wrong_key(*key);
    if (!wrong.empty()) return reply(problem(request, Problem::kBadRequest, wrong));
  }
  const std::string* const type = request.header("Content-Type");
  const bool is_document =
      type != nullptr && http::equal_ignoring_case(type->substr(0, type->find(';')), kDocument);
  auto body = read_events(request.body, is_document ? EventForm::kDocument : EventForm::kLines,
                          {.event_bytes = streams.event_bytes});
  if (!body) return reply(problem(request, Problem::kBadJson, body.error().message));
  if (body->records.empty()) return reply(told(*body, std::nullopt));
  log::Append made{.stream = stream,
                   .records = std::exchange(body->records, {}),
                   .idempotency_key = key == nullptr ? std::string() : *key};
  streams.log->submit(std::move(made), [&request, reply, body = *std::move(body)](
                                           const Result<log::Appended>& appended) {
    if (!appended) return reply(failed(request, appended.error()));
    Response answer = told(body, *appended);
    if (appended->is_repeated) answer.headers.push_back({"Idempotency-Replayed", "true"});
    reply(std::move(answer));
  });
}

void post(const StreamView& streams, const Request& request, const Reply& reply) {
  if (streams.log == nullptr) return reply(no_log(request));
  const rules::StreamPlan* const stream = find_read(streams, request.path_argument("stream"));
  if (stream == nullptr) return reply(no_stream(streams, request, false));
  if (!std::holds_alternative<runtime::JsonFormat>(source_of(*stream)->format)) {
    return reply(
        problem(request, Problem::kUnsupportedMedia,
                text("`{}` is no stream of JSON, and events come in as JSON", stream->name)));
  }
  append(streams, source_of(*stream)->log, request, reply);
}

// ---- Events out ----

std::uint64_t number_of(const std::string* given, std::uint64_t otherwise) {
  return given == nullptr ? otherwise : std::stoull(*given);
}

Response page_of(const log::LogRecords& some, std::uint64_t next) {
  runtime::JsonObjectCheck check;
  std::string out = R"({"items":[)";
  for (const log::LogRecord& each : some.records) {
    append_text(out, R"({}{{"offset":{},"time":"{}",)", &each == some.records.data() ? "" : ",",
                each.offset, to_rfc3339(each.time));
    if (check(each.bytes)) {
      out += R"("text":)";
      runtime::append_json_string(out, each.bytes);
    } else {
      append_text(out, R"("event":{})", each.bytes);
    }
    out += '}';
  }
  append_text(out, "],\"next\":{}}}\n", next);
  return Response::json(200, std::move(out));
}

Response tail(const StreamView& streams, const Request& request) {
  if (streams.log == nullptr) return no_log(request);
  const std::string& name = request.path_argument("stream");
  const rules::StreamPlan* const read = find_read(streams, name);
  const std::string& stream = read == nullptr ? name : source_of(*read)->log;
  const auto info = streams.log->find(stream);
  if (!info && read == nullptr) return no_stream(streams, request, true);
  const log::EndsValue ends = info ? info->ends : log::EndsValue{};
  const std::uint64_t limit = number_of(request.query_argument("limit"), kUsualPage);
  const std::uint64_t last_page = std::max(ends.first, ends.next - std::min(limit, ends.next));
  const std::uint64_t offset = number_of(request.query_argument("offset"), last_page);
  if (offset < ends.first) {
    return problem(request, Problem::kGone,
                   text("the oldest event that is kept has the offset {}", ends.first));
  }
  if (offset > ends.next) {
    return problem(request, Problem::kBadParameter,
                   text("the next event will have the offset {}", ends.next));
  }
  if (!info) return page_of({}, 0);
  const auto some = streams.log->read(stream, offset, {.records = limit});
  if (!some) return problem(request, Problem::kInternal, some.error().to_string());
  return page_of(*some, some->records.empty() ? offset : some->records.back().offset + 1);
}

}  // namespace

void add_stream_routes(http::Router& router, const StreamView& streams) {
  router.add({.path = "/api/v1/streams",
              .name = "listStreams",
              .summary = "The streams of the rules and of the log",
              .handler = [&streams](const Request&) { return list(streams); }});
  router.add({.method = http::Method::kPost,
              .path = "/api/v1/streams/{stream}/events",
              .role = http::Role::kOperator,
              .name = "postEvents",
              .summary = "Append events to a stream that rules read from the log; answered once "
                         "they are on the disk",
              .headers = {{.name = kKey,
                           .summary = "The same again changes nothing and gets the same answer, "
                                      "as long as the settings log.idempotency_... say"}},
              .takes = {kLines, kDocument},
              .late_handler = [&streams](const Request& request, const Reply& reply) {
                post(streams, request, reply);
              }});
  router.add({.path = "/api/v1/streams/{stream}/events",
              .name = "getEvents",
              .summary = "What stands in the log, the last of it without an offset",
              .parameters = {{.name = "offset",
                              .kind = Parameter::Kind::kInteger,
                              .summary = "Of the first event that is wanted"},
                             {.name = "limit",
                              .kind = Parameter::Kind::kInteger,
                              .summary = "How many at most (100)",
                              .minimum = 1,
                              .maximum = kLargestPage}},
              .handler = [&streams](const Request& request) { return tail(streams, request); }});
}

}  // namespace lymer::server
