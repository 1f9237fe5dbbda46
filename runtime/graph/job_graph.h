// What is to run: the operators of a stream graph in chains, each of which is a task.
//
// Operators are chained where nothing is gained by handing batches from thread to thread. Why two
// are or are not is kept for the user.
// Not here: subtasks (runtime/exec/execution.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/graph/stream_graph.h"

namespace lymer::runtime {

struct JobVertex {
  std::string name;           // `a -> b -> c`
  std::vector<NodeId> chain;  // A source, if there is one, comes first.
  std::size_t parallelism = 1;
  std::string slot_group;
};

struct JobEdge {
  std::size_t from = 0;  // Numbers of vertices.
  std::size_t to = 0;
  Port port;
  Partitioning partitioning = Partitioning::kForward;
  CustomPartitioner custom = nullptr;
  std::string reason;  // Why the two are not chained.
};

struct JobGraph {
  StreamGraph streams;
  std::vector<JobVertex> vertices;  // Each behind those before it.
  std::vector<JobEdge> edges;
};

// Returns the stream graph's error if it has one. `parallelism` is for those that do not say. An
// operator without a slot-sharing group gets that of its inputs, if these have one, else `default`.
[[nodiscard]] Result<JobGraph> make_job_graph(StreamGraph streams, std::size_t parallelism);

// The subtasks behind an edge to which the subtask before it sends.
[[nodiscard]] std::vector<std::size_t> targets_of(const JobEdge& edge, std::size_t subtask,
                                                  std::size_t senders, std::size_t receivers);

}  // namespace lymer::runtime
