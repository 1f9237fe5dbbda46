// The job as Flink's REST API shows it, so that scripts for that go on: read only, with Flink's
// paths and names, under / and /v1.
//
// Errors are problems of ours (server/http/problem.h), not Flink's lists of stack traces.
// Not here: our own API of rules (server/api/rule_routes.h).
#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/graph/job_graph.h"
#include "server/api/job_status.h"
#include "server/http/router.h"

namespace lymer::server {

struct JobView {
  std::string name;
  const JobStatus& status;
  const runtime::JobGraph* graph = nullptr;  // Null: there are no rules, so there is no job.
  std::string version;                       // Of the program.
};

// 32 hexadecimal digits, the same for the same name.
[[nodiscard]] std::string job_id(const std::string& name);

// The view and the clock must outlive the routes.
void add_job_routes(http::Router& router, const JobView& job, const Clock& clock);

}  // namespace lymer::server
