// What a user wrote: sources, operators and sinks, and how events go from one to the other.
//
// Not here: which of them share a thread (runtime/graph/job_graph.h), writing one down with less
// effort (runtime/stream/stream.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/strong_id.h"
#include "runtime/event_source.h"
#include "runtime/exec/exchange.h"
#include "runtime/operator.h"

namespace lymer::runtime {

using NodeId = StrongId<struct NodeIdTag, std::uint32_t>;

// Each makes what one subtask needs.
using OperatorMaker = std::function<std::unique_ptr<Operator>(const SourceShare&)>;
using SourceMaker = std::function<std::unique_ptr<EventSource>(const SourceShare&)>;

// Whether an operator runs in the thread of the one before it (Flink: ChainingStrategy).
enum class Chaining : std::uint8_t { kAlways, kHead, kNever };

struct StreamNode {
  std::string name;              // For people.
  std::string uid;               // For its state; made when it is added if empty.
  SourceMaker source = nullptr;  // Or:
  OperatorMaker op = nullptr;
  std::size_t parallelism = 0;  // That of the job for 0, or:
  bool follows_input = false;   // That of the operator before it, of which there is one.
  Chaining chaining = Chaining::kAlways;
  std::string slot_group = "";  // That of all before it if empty, or `default`.
};

struct StreamEdge {
  NodeId from;
  Port port;
  NodeId to;
  // Left open: forward where both have the same parallelism, else rebalance.
  std::optional<Partitioning> partitioning;
  CustomPartitioner custom = nullptr;
};

class StreamGraph {
 public:
  // A node without uid gets its name and how many of that name have got theirs so, so that other
  // nodes beside it change nothing.
  NodeId add(StreamNode node);
  void connect(StreamEdge edge) { edges_.push_back(std::move(edge)); }

  [[nodiscard]] const std::vector<StreamNode>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] const std::vector<StreamEdge>& edges() const noexcept { return edges_; }
  [[nodiscard]] StreamNode& at(NodeId id) { return nodes_[id.value()]; }
  [[nodiscard]] const StreamNode& at(NodeId id) const { return nodes_[id.value()]; }

  // Returns kInvalidArgument for a graph without source, an operator without input, a source with
  // one, a node that is neither or both, two nodes of one uid, a parallelism above the number of
  // key groups, an edge of a node that is not there, or a circle: events do not flow back.
  [[nodiscard]] Result<void> check() const;
  // The nodes in an order in which each comes behind all before it. Requires check().
  [[nodiscard]] std::vector<NodeId> sorted() const;

 private:
  [[nodiscard]] Result<void> check_node(NodeId id, bool has_input) const;

  std::vector<StreamNode> nodes_;
  std::vector<StreamEdge> edges_;
  std::map<std::string, std::size_t> unnamed_;  // How many of a name have got a uid here.
};

}  // namespace lymer::runtime
