// One look at each edge.
// Not here: what an edge does (runtime/exec/exchange.h).
#include "runtime/graph/job_graph.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

class Chainer {
 public:
  explicit Chainer(const StreamGraph& streams, std::size_t parallelism)
      : streams_(streams),
        parallelism_(parallelism),
        vertex_of_(streams.nodes().size(), 0),
        into_(streams.nodes().size()),
        outputs_(streams.nodes().size(), 0) {
    for (const StreamEdge& each : streams.edges()) {
      into_[each.to.value()].push_back(&each);
      ++outputs_[each.from.value()];
    }
  }

  void add(NodeId node, JobGraph& job) {
    const StreamNode& of = streams_.at(node);
    const StreamEdge* const chained = chain_edge_into(node);
    if (chained != nullptr) {
      const std::size_t vertex = vertex_of_[chained->from.value()];
      vertex_of_[node.value()] = vertex;
      job.vertices[vertex].chain.push_back(node);
      job.vertices[vertex].name += " -> " + of.name;
      return;
    }
    vertex_of_[node.value()] = job.vertices.size();
    job.vertices.push_back({of.name, {node}, parallelism_of(node), of.slot_group});
  }

  void add_edges(JobGraph& job) const {
    for (const StreamEdge& each : streams_.edges()) {
      const std::string reason = why_apart(each);
      if (reason.empty()) continue;
      job.edges.push_back({vertex_of_[each.from.value()], vertex_of_[each.to.value()], each.port,
                           partitioning_of(each), each.custom, reason});
    }
  }

 private:
  [[nodiscard]] std::size_t parallelism_of(NodeId node) const {
    const StreamNode& of = streams_.at(node);
    if (of.parallelism > 0 || !of.follows_input) {
      return of.parallelism == 0 ? parallelism_ : of.parallelism;
    }
    return parallelism_of(into_[node.value()].front()->from);
  }
  [[nodiscard]] Partitioning partitioning_of(const StreamEdge& edge) const {
    const bool are_equal = parallelism_of(edge.from) == parallelism_of(edge.to);
    // There is but one way to go.
    if (are_equal && parallelism_of(edge.to) == 1) return Partitioning::kForward;
    return edge.partitioning.value_or(are_equal ? Partitioning::kForward
                                                : Partitioning::kRebalance);
  }
  [[nodiscard]] const StreamEdge* chain_edge_into(NodeId node) const {
    for (const StreamEdge* each : into_[node.value()]) {
      if (why_apart(*each).empty()) return each;
    }
    return nullptr;
  }
  // Empty if the two are one chain (Flink: StreamingJobGraphGenerator.isChainable).
  [[nodiscard]] std::string why_apart(const StreamEdge& edge) const {
    const StreamNode& from = streams_.at(edge.from);
    const StreamNode& to = streams_.at(edge.to);
    if (into_[edge.to.value()].size() > 1) return text("`{}` has several inputs", to.name);
    if (outputs_[edge.from.value()] > 1) return text("`{}` has several outputs", from.name);
    if (edge.port != kMainPort) return text("it is a side output of `{}`", from.name);
    if (parallelism_of(edge.from) != parallelism_of(edge.to)) {
      return text("the parallelism changes from {} to {}", parallelism_of(edge.from),
                  parallelism_of(edge.to));
    }
    if (partitioning_of(edge) != Partitioning::kForward) {
      return text("events are spread by {}", to_string(partitioning_of(edge)));
    }
    if (from.slot_group != to.slot_group) return "they are in different slot-sharing groups";
    if (from.chaining == Chaining::kNever) return text("`{}` is never chained", from.name);
    if (to.chaining == Chaining::kNever) return text("`{}` is never chained", to.name);
    if (to.chaining == Chaining::kHead) return text("`{}` begins a chain", to.name);
    return "";
  }

  const StreamGraph& streams_;
  std::size_t parallelism_;
  std::vector<std::size_t> vertex_of_;
  std::vector<std::vector<const StreamEdge*>> into_;  // By node.
  std::vector<std::size_t> outputs_;                  // Likewise, how many.
};

// Flink's rule: an operator shares slots with those before it where these share theirs.
void choose_slot_groups(StreamGraph& streams) {
  std::vector<std::set<std::string>> before(streams.nodes().size());
  std::vector<std::vector<NodeId>> behind(streams.nodes().size());
  for (const StreamEdge& each : streams.edges()) behind[each.from.value()].push_back(each.to);
  for (const NodeId node : streams.sorted()) {
    std::string& group = streams.at(node).slot_group;
    const std::set<std::string>& inputs = before[node.value()];
    if (group.empty()) group = inputs.size() == 1 ? *inputs.begin() : "default";
    for (const NodeId each : behind[node.value()]) before[each.value()].insert(group);
  }
}

}  // namespace

Result<JobGraph> make_job_graph(StreamGraph streams, std::size_t parallelism) {
  LYMER_RETURN_IF_ERROR(streams.check());
  if (parallelism == 0 || parallelism > kKeyGroups) {
    return Error{ErrorCode::kInvalidArgument,
                 text("a job with a parallelism of {}: it must be from 1 to {}, the number of key "
                      "groups",
                      parallelism, kKeyGroups)};
  }
  choose_slot_groups(streams);
  JobGraph job{std::move(streams), {}, {}};
  Chainer chainer(job.streams, parallelism);
  for (const NodeId node : job.streams.sorted()) chainer.add(node, job);
  chainer.add_edges(job);
  for (const JobEdge& each : job.edges) {
    const JobVertex& from = job.vertices[each.from];
    const JobVertex& to = job.vertices[each.to];
    if (each.partitioning == Partitioning::kForward && from.parallelism != to.parallelism) {
      return Error{ErrorCode::kInvalidArgument,
                   text("events go forward from `{}` to `{}`, but their parallelism differs: {} "
                        "and {}; rebalance or rescale them",
                        from.name, to.name, from.parallelism, to.parallelism)};
    }
  }
  return job;
}

std::vector<std::size_t> targets_of(const JobEdge& edge, std::size_t subtask, std::size_t senders,
                                    std::size_t receivers) {
  if (edge.partitioning == Partitioning::kForward) return {subtask};
  std::size_t first = 0;
  std::size_t end = receivers;
  if (edge.partitioning == Partitioning::kRescale) {
    // Each receiver belongs to one sender, or the other way round.
    first = subtask * receivers / senders;
    end = std::max(first + 1, (subtask + 1) * receivers / senders);
  }
  std::vector<std::size_t> targets(end - first);
  std::iota(targets.begin(), targets.end(), first);
  return targets;
}

}  // namespace lymer::runtime
