// As Kubernetes' own servers answer.
// Not here: the checks.
#include "server/api/health.h"

#include "runtime/base/text.h"

namespace lymer::server {

using http::Request;
using http::Response;
using http::Route;

Response Health::answer(const Checks& checks, bool is_verbose) {
  std::string lines;
  bool is_well = true;
  for (const auto& [name, check] : checks) {
    const auto outcome = check();
    is_well = is_well && outcome.has_value();
    if (outcome) {
      append_text(lines, "[+]{} ok\n", name);
    } else {
      append_text(lines, "[-]{} failed: {}\n", name, outcome.error().to_string());
    }
  }
  Response made = Response::text(is_well ? 200 : 503, is_well ? "ok\n" : "not ok\n");
  // Who is refused is told why without asking.
  if (is_verbose || !is_well) made.body = lines + made.body;
  made.headers.push_back({"Cache-Control", "no-store"});
  return made;
}

void add_health_routes(http::Router& router, const Health& health) {
  const auto add = [&router](const char* path, const char* name, const char* summary,
                             std::function<Response(bool)> ask) {
    router.add(Route{.path = path,
                     .role = http::Role::kAnyone,
                     .name = name,
                     .summary = summary,
                     .parameters = {{.name = "verbose",
                                     .kind = http::Parameter::Kind::kFlag,
                                     .summary = "A line for each check"}},
                     .answers = {{.status = 200, .media_type = "text/plain"}},
                     .is_quick = true,
                     .handler = [ask = std::move(ask)](const Request& request) {
                       const std::string* const verbose = request.query_argument("verbose");
                       return ask(verbose != nullptr && *verbose != "0" && *verbose != "false");
                     }});
  };
  const auto live = [&health](bool is_verbose) { return health.live(is_verbose); };
  const auto ready = [&health](bool is_verbose) { return health.ready(is_verbose); };
  add("/livez", "livez", "Whether the server is alive", live);
  add("/healthz", "healthz", "As /livez", live);
  add("/-/healthy", "healthy", "As /livez", live);
  add("/readyz", "readyz", "Whether the server does its work", ready);
  add("/-/ready", "ready", "As /readyz", ready);
}

}  // namespace lymer::server
