// One picture of each graph, and three ways to write pictures.
// Not here: colours.
#include "runtime/graph/graph_picture.h"

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::runtime {
namespace {

std::string quoted(const std::string& plain) {
  std::string out;
  append_json_string(out, plain);
  return out;
}

std::string port_label(Port port, std::string_view partitioning) {
  if (port == kMainPort) return std::string(partitioning);
  const std::string side = text("side output {}", port.value());
  return partitioning.empty() ? side : text("{}, {}", side, partitioning);
}

}  // namespace

GraphPicture picture_of(const StreamGraph& graph) {
  GraphPicture picture{"stream graph", {}, {}};
  for (const StreamNode& each : graph.nodes()) {
    std::string detail = "uid " + each.uid;
    if (each.parallelism > 0) detail += text(", parallelism {}", each.parallelism);
    picture.nodes.push_back({each.name, std::move(detail)});
  }
  for (const StreamEdge& each : graph.edges()) {
    const std::string_view how = each.partitioning ? to_string(*each.partitioning) : "";
    picture.edges.push_back({each.from.value(), each.to.value(), port_label(each.port, how), ""});
  }
  return picture;
}

GraphPicture picture_of(const JobGraph& graph) {
  GraphPicture picture{"job graph", {}, {}};
  for (const JobVertex& each : graph.vertices) {
    picture.nodes.push_back({each.name, text("parallelism {}, slot-sharing group {}",
                                             each.parallelism, each.slot_group)});
  }
  for (const JobEdge& each : graph.edges) {
    picture.edges.push_back({each.from, each.to,
                             port_label(each.port, to_string(each.partitioning)),
                             "not chained: " + each.reason});
  }
  return picture;
}

GraphPicture execution_picture(const JobGraph& graph) {
  GraphPicture picture{"execution graph", {}, {}};
  std::vector<std::size_t> first_of;  // The first subtask of each vertex.
  for (const JobVertex& each : graph.vertices) {
    first_of.push_back(picture.nodes.size());
    for (std::size_t i = 0; i < each.parallelism; ++i) {
      picture.nodes.push_back({text("{} ({}/{})", each.name, i + 1, each.parallelism), ""});
    }
  }
  for (const JobEdge& each : graph.edges) {
    const std::size_t senders = graph.vertices[each.from].parallelism;
    const std::size_t receivers = graph.vertices[each.to].parallelism;
    for (std::size_t i = 0; i < senders; ++i) {
      for (const std::size_t target : targets_of(each, i, senders, receivers)) {
        picture.edges.push_back({first_of[each.from] + i, first_of[each.to] + target,
                                 port_label(each.port, to_string(each.partitioning)), ""});
      }
    }
  }
  return picture;
}

std::string to_text(const GraphPicture& picture) {
  std::string out = picture.title + "\n";
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const GraphPicture::Node& node = picture.nodes[i];
    append_text(out, "  {} {}{}{}\n", i, node.name, node.detail.empty() ? "" : "  -- ",
                node.detail);
    for (const GraphPicture::Edge& edge : picture.edges) {
      if (edge.from != i) continue;
      append_text(out, "      to {} {}{}{}{}{}\n", edge.to, picture.nodes[edge.to].name,
                  edge.label.empty() ? "" : ": ", edge.label, edge.detail.empty() ? "" : "; ",
                  edge.detail);
    }
  }
  return out;
}

std::string to_json(const GraphPicture& picture) {
  std::string out = text("{{\"graph\":{},\"nodes\":[", quoted(picture.title));
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const GraphPicture::Node& node = picture.nodes[i];
    append_text(out, "{}{{\"id\":{},\"name\":{},\"detail\":{}}}", i == 0 ? "" : ",", i,
                quoted(node.name), quoted(node.detail));
  }
  out += "],\"edges\":[";
  for (std::size_t i = 0; i < picture.edges.size(); ++i) {
    const GraphPicture::Edge& edge = picture.edges[i];
    append_text(out, "{}{{\"from\":{},\"to\":{},\"label\":{},\"detail\":{}}}", i == 0 ? "" : ",",
                edge.from, edge.to, quoted(edge.label), quoted(edge.detail));
  }
  return out + "]}\n";
}

std::string to_dot(const GraphPicture& picture) {
  std::string out =
      text("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", quoted(picture.title));
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const GraphPicture::Node& node = picture.nodes[i];
    append_text(out, "  n{} [label={}, tooltip={}];\n", i, quoted(node.name), quoted(node.detail));
  }
  for (const GraphPicture::Edge& edge : picture.edges) {
    append_text(out, "  n{} -> n{} [label={}, tooltip={}];\n", edge.from, edge.to,
                quoted(edge.label), quoted(edge.detail));
  }
  return out + "}\n";
}

}  // namespace lymer::runtime
