// One path of the API with a method: who may use it, what it takes, what it does.
//
//   Route{.method = Method::kGet, .path = "/api/v1/rules/{id}", .role = Role::kViewer,
//         .name = "getRule", .summary = "One rule", .handler = [&](const Request& request) {...}}
//
// The table of all routes is the only description there is: what is checked before a handler runs
// and what /openapi.json says are made of it.
// Not here: finding a route (server/http/router.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/http/message.h"
#include "server/http/role.h"

namespace lymer::server::http {

// A parameter of a query. Those of a path stand in the path.
struct Parameter {
  enum class Kind : std::uint8_t { kText, kInteger, kFlag };
  std::string name;
  Kind kind = Kind::kText;
  std::string summary = {};
  bool is_required = false;
  std::int64_t minimum = 0;  // Of an integer.
  std::int64_t maximum = INT64_MAX;
  std::vector<std::string> values = {};  // What a text may be; anything if empty.
};

// What may come back if all is well.
struct Answer {
  int status = 200;
  std::string media_type = "application/json";
  std::string summary = {};
};

// Must be thread-safe. A flag of the query is on if it is there, unless it says `0` or `false`.
using Handler = std::function<Response(const Request&)>;

// Hands an answer over, on any thread; to be called once. It does not block.
using Reply = std::function<void(Response)>;
// Answers behind its own end, so that no thread waits for a disk. The request is there until then.
using LateHandler = std::function<void(const Request&, const Reply&)>;

struct Route {
  Method method = Method::kGet;  // HEAD comes with GET.
  // Segments are words, `{name}`, or `{name}:word`.
  std::string path;
  Role role = Role::kViewer;
  std::string name;     // Of the operation, in camelCase.
  std::string summary;  // One sentence, without its full stop.
  std::vector<Parameter> parameters = {};
  std::vector<Parameter> headers = {};  // For the document alone; the handler checks them.
  // Media types that the body may have; it has no body if there are none.
  std::vector<std::string> takes = {};
  std::vector<Answer> answers = {{}};
  // The longest body, expanded; 0 for the server's limit.
  std::size_t max_body_bytes = 0;
  // It never waits for a disk or a lock that is held long, so it may run on an I/O thread.
  bool is_quick = false;
  Handler handler = nullptr;
  LateHandler late_handler = nullptr;  // Instead of the other; of a route that is not quick.
};

}  // namespace lymer::server::http
