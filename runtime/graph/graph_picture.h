// The three graphs as people look at them: text, JSON and DOT.
//
// Not here: the graphs (runtime/graph/stream_graph.h, runtime/graph/job_graph.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/graph/job_graph.h"
#include "runtime/graph/stream_graph.h"

namespace lymer::runtime {

struct GraphPicture {
  struct Node {
    std::string name;
    std::string detail;
  };
  struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
    std::string label;
    std::string detail;
  };
  std::string title;
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

// What was written: an operator a node.
[[nodiscard]] GraphPicture picture_of(const StreamGraph& graph);
// Chains, and why they are cut where they are.
[[nodiscard]] GraphPicture picture_of(const JobGraph& graph);
// Every subtask and every channel between two.
[[nodiscard]] GraphPicture execution_picture(const JobGraph& graph);

[[nodiscard]] std::string to_text(const GraphPicture& picture);
[[nodiscard]] std::string to_json(const GraphPicture& picture);
// For Graphviz.
[[nodiscard]] std::string to_dot(const GraphPicture& picture);

}  // namespace lymer::runtime
