// A slab with a free list. Releasing walks back in a loop, never by recursion: a path can be long.
// Not here: who releases when (nfa/matcher.cc).
#include "nfa/shared_buffer.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::nfa {
namespace {

// In numbers; what grows beyond is large enough for a longer list not to matter.
constexpr std::size_t kRoomToLetGo = 4096;

}  // namespace

const SharedBuffer::Node& SharedBuffer::at(NodeId node) const {
  LYMER_DCHECK(node.value() < nodes_.size() && nodes_[node.value()].references > 0);
  return nodes_[node.value()];
}

NodeId SharedBuffer::extend(NodeId previous, StageIndex stage, EventRef event, Ordinal ordinal) {
  if (previous != kNoNode) retain(previous);
  events_.retain(event);
  const Node node{previous, event, ordinal, 1, stage};
  if (!free_.empty()) {
    const NodeId id = free_.back();
    free_.pop_back();
    nodes_[id.value()] = node;
    return id;
  }
  LYMER_CHECK_LT(nodes_.size(), kNoNode.value());
  nodes_.push_back(node);
  // Where there is room to hold, there is room to let go.
  free_.reserve(std::min(nodes_.capacity(), kRoomToLetGo));
  return NodeId(static_cast<std::uint32_t>(nodes_.size() - 1));
}

void SharedBuffer::retain(NodeId node) {
  LYMER_DCHECK(at(node).references > 0);
  ++nodes_[node.value()].references;
}

void SharedBuffer::release(NodeId node) {
  while (node != kNoNode) {
    Node& released = nodes_[node.value()];
    LYMER_CHECK_GT(released.references, 0U);
    if (--released.references > 0) return;
    events_.release(released.event);
    if (node.value() < notes_.size()) drop_note(node);
    free_.push_back(node);
    node = released.previous;
  }
}

void SharedBuffer::set_note(NodeId node, std::uint32_t note) {
  LYMER_DCHECK(at(node).references > 0);
  if (node.value() >= notes_.size()) notes_.resize(nodes_.size(), 0);
  notes_[node.value()] = note;
}

void SharedBuffer::drop_note(NodeId node) {
  const std::uint32_t note = std::exchange(notes_[node.value()], 0);
  if (note != 0) released_notes_.push_back(note);
}

void SharedBuffer::read_path(NodeId node, std::vector<PathEntry>& path) const {
  path.clear();
  for (; node != kNoNode; node = at(node).previous) path.push_back(entry(node));
  std::ranges::reverse(path);
}

PathEntry SharedBuffer::entry(NodeId node) const {
  const Node& found = at(node);
  return PathEntry{found.stage, found.event, found.ordinal};
}

void SharedBuffer::trim() {
  if (live_nodes() > 0) return;
  decltype(nodes_)().swap(nodes_);
  decltype(free_)().swap(free_);
  decltype(notes_)().swap(notes_);
}

}  // namespace lymer::nfa
