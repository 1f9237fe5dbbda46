// The compact graph of partial matches: runs share the events they took in common.
//
// A node says "this event was taken for this stage after what `previous` says"; a run is one node
// id. Taking an event costs one node whatever the length of the match, and a branch costs nothing.
// Nodes are counted: by the runs that stand on them and by the nodes behind them. Ids index one
// slab for all keys and rules of an operator, are used again, and are small enough to be copied.
// After Flink's SharedBuffer (from SASE's versioned match buffer), with explicit parents in place
// of Dewey numbers, which are only a compression of the same paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nfa/event_references.h"
#include "nfa/program.h"

namespace lymer::nfa {

using NodeId = StrongId<struct NodeIdTag, std::uint32_t>;
// "Nothing taken yet."
inline constexpr NodeId kNoNode{0xffffffffU};

// A place in the order in which one key's events are processed. Compared as a signed difference, so
// it may wrap; the live events of one key must span less than 2^31.
using Ordinal = std::uint32_t;
[[nodiscard]] constexpr bool ordinal_less(Ordinal left, Ordinal right) {
  return static_cast<std::int32_t>(left - right) < 0;
}

// One event of a match.
struct PathEntry {
  StageIndex stage;
  EventRef event;
  Ordinal ordinal = 0;
};

class SharedBuffer {
 public:
  // `events` must outlive the buffer; it counts one reference for each node.
  explicit SharedBuffer(EventReferences& events) : events_(events) {}
  SharedBuffer(const SharedBuffer&) = delete;
  SharedBuffer& operator=(const SharedBuffer&) = delete;
  SharedBuffer(SharedBuffer&&) = delete;
  SharedBuffer& operator=(SharedBuffer&&) = delete;
  ~SharedBuffer() = default;

  // Makes a node with one reference, held by the caller.
  [[nodiscard]] NodeId extend(NodeId previous, StageIndex stage, EventRef event, Ordinal ordinal);
  void retain(NodeId node);
  // Gives one reference back. Frees the node, and all before it that only it needed.
  void release(NodeId node);

  // Replaces `path` by the events up to `node`, first event first.
  void read_path(NodeId node, std::vector<PathEntry>& path) const;

  // Gives the parts of one node; for the snapshot.
  [[nodiscard]] NodeId previous(NodeId node) const { return at(node).previous; }
  [[nodiscard]] PathEntry entry(NodeId node) const;

  // A number that the owner keeps with a node, for what it has worked out of the path up to there;
  // 0: none. A node that is used again has none.
  void set_note(NodeId node, std::uint32_t note);
  [[nodiscard]] std::uint32_t note(NodeId node) const {
    return node.value() < notes_.size() ? notes_[node.value()] : 0;
  }
  // Gives the notes of nodes that were freed since the list was last cleared.
  [[nodiscard]] std::vector<std::uint32_t>& released_notes() noexcept { return released_notes_; }

  // Gives back the memory of a peak, if no node is in use.
  void trim();

  // Counts the nodes in use; 0 once all runs are gone.
  [[nodiscard]] std::size_t live_nodes() const noexcept { return nodes_.size() - free_.size(); }

 private:
  struct Node {
    NodeId previous;
    EventRef event;
    Ordinal ordinal = 0;
    std::uint32_t references = 0;
    StageIndex stage;
  };
  static_assert(sizeof(Node) == 20);

  [[nodiscard]] const Node& at(NodeId node) const;
  void drop_note(NodeId node);

  EventReferences& events_;
  std::vector<Node> nodes_;
  std::vector<NodeId> free_;
  std::vector<std::uint32_t> notes_;  // By node; short or empty where few or none were set.
  std::vector<std::uint32_t> released_notes_;
};

}  // namespace lymer::nfa
