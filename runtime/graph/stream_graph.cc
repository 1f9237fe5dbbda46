// What may be wrong with a graph.
// Not here: running it (runtime/exec/execution.cc).
#include "runtime/graph/stream_graph.h"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace

NodeId StreamGraph::add(StreamNode node) {
  const NodeId id(static_cast<std::uint32_t>(nodes_.size()));
  if (node.uid.empty()) node.uid = text("{}-{}", node.name, id.value());
  nodes_.push_back(std::move(node));
  return id;
}

// Takes nodes whose inputs have all been taken; those on a circle, and behind it, never are.
std::vector<NodeId> StreamGraph::sorted() const {
  std::vector<std::size_t> open(nodes_.size(), 0);
  for (const StreamEdge& each : edges_) ++open[each.to.value()];
  std::vector<NodeId> order;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (open[i] == 0) order.emplace_back(i);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    for (const StreamEdge& each : edges_) {
      if (each.from == order[done] && --open[each.to.value()] == 0) order.push_back(each.to);
    }
  }
  return order;
}

Result<void> StreamGraph::check() const {
  std::set<std::string> uids;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const StreamNode& node = nodes_[i];
    const bool has_input =
        std::ranges::any_of(edges_, [&](const StreamEdge& each) { return each.to == NodeId(i); });
    if (node.source != nullptr && has_input) {
      return invalid(text("the source `{}` has an input", node.name));
    }
    if (node.source == nullptr && !has_input) {
      return invalid(text("the operator `{}` has no input", node.name));
    }
    if (!uids.insert(node.uid).second) {
      return invalid(text("two operators have the uid `{}`, by which state is found", node.uid));
    }
    if (node.parallelism > kKeyGroups) {
      return invalid(text("`{}` has a parallelism of {}; {} key groups allow no more than that",
                          node.name, node.parallelism, kKeyGroups));
    }
  }
  if (nodes_.empty()) return invalid("a job without a source");
  const std::vector<NodeId> order = sorted();
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (std::ranges::find(order, NodeId(i)) == order.end()) {
      return invalid(
          text("`{}` is on a circle, or behind one: events cannot flow back to an "
               "operator that they have passed",
               nodes_[i].name));
    }
  }
  return {};
}

}  // namespace lymer::runtime
