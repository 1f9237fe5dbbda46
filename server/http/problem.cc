// The table of problems, and a problem as JSON.
// Not here: the page of each (server/api/document_routes.cc).
#include "server/http/problem.h"

#include <array>
#include <cstddef>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::server::http {
namespace {

using enum Problem;

constexpr std::array<ProblemEntry, 23> kProblems = {{
    {kBadRequest, "bad-request", 400, "The request cannot be understood",
     "The first line, a header or the body is not what HTTP allows. Nothing was done."},
    {kBadParameter, "bad-parameter", 400, "A parameter is wrong",
     "A parameter of the query is unknown here, is missing, stands twice or has a value out of its "
     "range. /openapi.json lists the parameters of each path."},
    {kBadJson, "bad-json", 400, "The body is not the JSON that is expected",
     "The body is no JSON, is nested too deeply, or lacks a member. Nothing was done."},
    {kUnauthorized, "unauthorized", 401, "A token is needed",
     "Send `Authorization: Bearer TOKEN`. `lymer token new` makes tokens."},
    {kForbidden, "forbidden", 403, "The token may not do this",
     "The token is known, but its role is too low for this path. The detail names the role."},
    {kNotFound, "not-found", 404, "There is no such thing",
     "The path or what it names does not exist. Names are told apart by case."},
    {kMethodNotAllowed, "method-not-allowed", 405, "The path has no such method",
     "The header Allow lists the methods of the path."},
    {kNotAcceptable, "not-acceptable", 406, "None of the wanted formats is there",
     "The header Accept names none of the media types that this path can give."},
    {kTimeout, "timeout", 408, "The request took too long to arrive",
     "Headers or body did not arrive in the time that the server is configured to wait."},
    {kConflict, "conflict", 409, "It is in the way of something else",
     "The name is taken, or what is there does not allow the change now."},
    {kGone, "gone", 410, "It is no longer kept",
     "It was there, and was removed after the time for which such things are kept."},
    {kStale, "stale", 412, "It was changed meanwhile",
     "The tag in If-Match is not that of the newest version. Read it again, then change it."},
    {kTooLarge, "too-large", 413, "The body is too large",
     "The body, or what it expands to, is longer than the server is configured to take. Nothing "
     "was done."},
    {kTargetTooLong, "target-too-long", 414, "The path with its query is too long",
     "The first line of the request is longer than the server is configured to take."},
    {kUnsupportedMedia, "unsupported-media", 415, "The body has the wrong format",
     "Content-Type names a format that this path does not take, or Content-Encoding is not gzip."},
    {kInvalidRules, "invalid-rules", 422, "The rules have errors",
     "`diagnostics` says what is wrong, and where. Nothing was changed."},
    {kPreconditionRequired, "precondition-required", 428, "If-Match is needed",
     "A change names the version that it is for, by the header If-Match."},
    {kTooManyRequests, "too-many-requests", 429, "Too many requests",
     "Wait as long as the header Retry-After says."},
    {kHeaderTooLarge, "header-too-large", 431, "The headers are too large",
     "The headers are longer, or are more, than the server is configured to take."},
    {kInternal, "internal", 500, "The server failed",
     "This is an error of the server. Its log has the id of the request."},
    {kNotImplemented, "not-implemented", 501, "This server cannot do that",
     "The request makes sense, but this version or this configuration does not do it."},
    {kUnavailable, "unavailable", 503, "The server cannot do this now",
     "It is starting, going down, or has more to do than it may take on. Retry-After says when to "
     "try again."},
    {kFull, "full", 507, "There is no room left",
     "The disk, or what the configuration allows of it, is full."},
}};

}  // namespace

std::span<const ProblemEntry> problems() noexcept { return kProblems; }

const ProblemEntry& entry_of(Problem problem) noexcept {
  const ProblemEntry& entry = kProblems.at(static_cast<std::size_t>(problem));
  LYMER_CHECK(entry.problem == problem, "the table is in the order of the enum");
  return entry;
}

Response problem(const Request& request, Problem problem, std::string_view detail,
                 std::string_view members) {
  const ProblemEntry& entry = entry_of(problem);
  std::string body = text(R"({{"type":"/problems/{}","title":)", entry.name);
  runtime::append_json_string(body, entry.title);
  append_text(body, R"(,"status":{},"detail":)", entry.status);
  runtime::append_json_string(body, detail);
  body += R"(,"instance":)";
  runtime::append_json_string(body, request.path);
  body += R"(,"requestId":)";
  runtime::append_json_string(body, request.request_id);
  if (!members.empty()) append_text(body, ",{}", members);
  body += "}\n";
  Response made = Response::json(entry.status, std::move(body));
  made.content_type = "application/problem+json";
  return made;
}

}  // namespace lymer::server::http
