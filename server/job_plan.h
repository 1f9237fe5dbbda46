// The job that rules would become, to be looked at: nothing is opened.
//
// Not here: pictures (runtime/graph/graph_picture.h).
#pragma once

#include <cstddef>

#include "rules/rule_set.h"
#include "runtime/base/result.h"
#include "runtime/graph/job_graph.h"

namespace lymer::server {

// Derived streams that nothing reads are in it too, as if they were shown. It cannot be run; the
// rules must outlive it.
[[nodiscard]] Result<runtime::JobGraph> plan_job(const rules::RuleSet& rules,
                                                 std::size_t parallelism);

}  // namespace lymer::server
