// One line for each part of the API.
// Not here: the order of paths, which the router does not depend on.
#include "server/api/api_routes.h"

#include "server/api/rule_routes.h"

namespace lymer::server {

void add_all_routes(http::Router& router, const ApiParts& parts) {
  add_health_routes(router, parts.health);
  add_document_routes(router, parts.facts, parts.clock);
  add_rule_routes(router, parts.rules);
  add_job_routes(router, parts.job, parts.clock);
  add_stream_routes(router, parts.streams);
  add_result_routes(router, parts.results);
}

}  // namespace lymer::server
