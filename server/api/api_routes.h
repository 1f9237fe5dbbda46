// All paths of the server in one place: who adds some adds them here.
//
// Not here: the paths (the other files of this directory).
#pragma once

#include "runtime/base/clock.h"
#include "server/api/document_routes.h"
#include "server/api/health.h"
#include "server/api/job_routes.h"
#include "server/api/result_routes.h"
#include "server/api/rule_routes.h"
#include "server/api/stream_routes.h"
#include "server/http/router.h"

namespace lymer::server {

// What the handlers look at. All of it must outlive the routes.
struct ApiParts {
  const Health& health;
  const ServerFacts& facts;
  CurrentRules rules;
  const JobView& job;
  const StreamView& streams;
  const Clock& clock;
  const ResultView& results;
};

void add_all_routes(http::Router& router, const ApiParts& parts);

}  // namespace lymer::server
