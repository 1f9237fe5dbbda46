// What may be wrong with a graph.
// Not here: running it (runtime/exec/execution.cc).
#include "runtime/graph/stream_graph.h"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace

NodeId StreamGraph::add(StreamNode node) {
  const NodeId id(static_cast<std::uint32_t>(nodes_.size()));
  if (node.uid.empty()) node.uid = text("{}-{}", node.name, unnamed_[node.name]++);
  nodes_.push_back(std::move(node));
  return id;
}

// Takes nodes whose inputs have all been taken; those on a circle, and behind it, never are.
std::vector<NodeId> StreamGraph::sorted() const {
  std::vector<std::size_t> open(nodes_.size(), 0);
  std::vector<std::vector<NodeId>> behind(nodes_.size());
  for (const StreamEdge& each : edges_) {
    ++open[each.to.value()];
    behind[each.from.value()].push_back(each.to);
  }
  std::vector<NodeId> order;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (open[i] == 0) order.emplace_back(i);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    for (const NodeId each : behind[order[done].value()]) {
      if (--open[each.value()] == 0) order.push_back(each);
    }
  }
  return order;
}

Result<void> StreamGraph::check_node(NodeId id, bool has_input) const {
  const StreamNode& node = at(id);
  if (node.source != nullptr && node.op != nullptr) {
    return invalid(text("`{}` is a source and an operator; make two nodes of it", node.name));
  }
  if (node.source != nullptr && has_input) {
    return invalid(text("the source `{}` has an input; a source begins a stream", node.name));
  }
  if (node.source == nullptr && !has_input) {
    return invalid(text("the operator `{}` has no input; put it behind a stream", node.name));
  }
  if (node.source == nullptr && node.op == nullptr) {
    return invalid(text("`{}` is neither a source nor an operator; give it one", node.name));
  }
  if (node.parallelism > kKeyGroups) {
    return invalid(text("`{}` has a parallelism of {}; {} key groups allow no more than that",
                        node.name, node.parallelism, kKeyGroups));
  }
  return {};
}

Result<void> StreamGraph::check() const {
  if (nodes_.empty()) {
    return invalid("a job without a source; begin with a stream of StreamJob, such as from_rows()");
  }
  std::vector<bool> has_input(nodes_.size(), false);
  for (const StreamEdge& each : edges_) {
    if (each.from.value() >= nodes_.size() || each.to.value() >= nodes_.size()) {
      return invalid("an edge from or to a node that is not in the graph");
    }
    has_input[each.to.value()] = true;
  }
  std::map<std::string, NodeId> uids;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    LYMER_RETURN_IF_ERROR(check_node(NodeId(i), has_input[i]));
    const auto [found, is_new] = uids.emplace(nodes_[i].uid, NodeId(i));
    if (!is_new) {
      return invalid(
          text("`{}` and `{}` have the uid `{}`, by which state is found; give one of "
               "them another",
               at(found->second).name, nodes_[i].name, nodes_[i].uid));
    }
  }
  std::vector<bool> is_reached(nodes_.size(), false);
  for (const NodeId each : sorted()) is_reached[each.value()] = true;
  const auto circle = std::ranges::find(is_reached, false);
  if (circle == is_reached.end()) return {};
  return invalid(
      text("`{}` is on a circle, or behind one: events cannot flow back to an operator that they "
           "have passed",
           nodes_[static_cast<std::size_t>(circle - is_reached.begin())].name));
}

}  // namespace lymer::runtime
