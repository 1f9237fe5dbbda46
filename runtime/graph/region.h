// The parts of a job that have nothing to do with each other: connected components of its graph
// (Flink: pipelined regions). What fails in one is nothing to the others.
//
//   for (const Region& each : regions_of(graph)) Execution(each.graph, options, clock);
//
// Not here: restarts (checkpoint/supervisor.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/graph/job_graph.h"

namespace lymer::runtime {

struct Region {
  JobGraph graph;  // All streams, and those vertices and edges that are its.
};

// In the order of their first vertices, which keep theirs. Vertices of one name get numbers behind
// it, as far as it occurs in the whole job. `bound` are sets of operators, by uid, that share
// something which fails or commits as one, such as a transactional producer: their regions are one.
[[nodiscard]] std::vector<Region> regions_of(
    const JobGraph& graph, const std::vector<std::vector<std::string>>& bound = {});

}  // namespace lymer::runtime
