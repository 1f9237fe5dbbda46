// Parents are written before children, so reading needs one pass and can refuse forward pointers.
// Not here: which run states there are (cep/pattern_operator.cc).
#include "nfa/snapshot_codec.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nfa/priority_array.h"

namespace lymer::nfa {
namespace {

constexpr std::uint32_t kNoNumber = 0xffffffffU;
constexpr std::size_t kNodeBytes = 4 + 2 + 4 + 4;
constexpr std::size_t kRunBytes = 4 + 2 + 4 + 8 + 8;

using NodeNumbers = std::unordered_map<std::uint32_t, std::uint32_t>;

// Appends the nodes up to `node` that have no number yet, oldest first.
void number_nodes(NodeId node, const SharedBuffer& buffer, NodeNumbers& numbers,
                  std::vector<NodeId>& ordered) {
  std::vector<NodeId> fresh;
  for (; node != kNoNode && !numbers.contains(node.value()); node = buffer.previous(node)) {
    fresh.push_back(node);
  }
  for (; !fresh.empty(); fresh.pop_back()) {
    numbers.emplace(fresh.back().value(), static_cast<std::uint32_t>(ordered.size()));
    ordered.push_back(fresh.back());
  }
}

std::uint32_t number_of_node(NodeId node, const NodeNumbers& numbers) {
  return node == kNoNode ? kNoNumber : numbers.at(node.value());
}

void write_runs(ByteWriter& writer, const Runs& runs, const NodeNumbers& numbers) {
  writer.put_u32(static_cast<std::uint32_t>(runs.size()));
  for (const Run& run : runs) {
    writer.put_u32(number_of_node(run.node, numbers));
    writer.put_u16(run.state.value());
    writer.put_u32(run.start);
    writer.put_time(run.start_time);
    writer.put_time(run.last_time);
  }
}

// What the matcher relies on: both lists are in heap order, and exactly one start run stands among
// the partial matches, if there are any.
bool fits_together(const RunState& state) {
  const auto waiting = std::ranges::count_if(state.partial, &Run::is_start);
  if (waiting != (state.partial.empty() ? 0 : 1)) return false;
  return std::ranges::none_of(state.completed, &Run::is_start) &&
         is_priority_array(state.partial, EarlierStart{}) &&
         is_priority_array(state.completed, EarlierStart{});
}

// Rebuilds nodes and runs; what it made is released again unless `finish` was reached.
class Reading {
 public:
  Reading(ByteReader& reader, const Program& program, SharedBuffer& buffer, const StateMap* map)
      : reader_(reader), program_(program), buffer_(buffer), map_(map) {}

  bool nodes(const EventOfNumber& event_of) {
    const std::uint32_t count = reader_.count(kNodeBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t previous = reader_.u32();
      const StageIndex stage = StateMap::stage(map_, reader_.u16());
      const auto event = event_of(reader_.u32());
      const Ordinal ordinal = reader_.u32();
      if (!reader_.ok() || !event || stage.value() >= program_.stages.size()) return false;
      if (previous != kNoNumber && previous >= i) return false;
      const NodeId parent = previous == kNoNumber ? kNoNode : nodes_[previous];
      if (parent != kNoNode && !ordinal_less(buffer_.entry(parent).ordinal, ordinal)) return false;
      nodes_.push_back(buffer_.extend(parent, stage, *event, ordinal));
    }
    return reader_.ok();
  }

  bool runs(Runs& runs) {
    const std::uint32_t count = reader_.count(kRunBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      Run run;
      const std::uint32_t node = reader_.u32();
      run.state = StateMap::state(map_, reader_.u16());
      run.start = reader_.u32();
      run.start_time = reader_.time();
      run.last_time = reader_.time();
      if (!reader_.ok() || run.state.value() >= program_.states.size()) return false;
      // No edge leads back to the start state, and a run that stood there would never time out.
      if ((node == kNoNumber) != (run.state == program_.start)) return false;
      if (node != kNoNumber) {
        if (node >= nodes_.size()) return false;
        run.node = nodes_[node];
        buffer_.retain(run.node);
      }
      runs.push_back(run);
    }
    return reader_.ok();
  }

  // Gives up the references that kept the nodes alive while runs were read.
  void release_nodes() {
    for (const NodeId node : nodes_) buffer_.release(node);
    nodes_.clear();
  }
  void release_runs(const Runs& runs) {
    for (const Run& run : runs) {
      if (!run.is_start()) buffer_.release(run.node);
    }
  }

 private:
  ByteReader& reader_;
  const Program& program_;
  SharedBuffer& buffer_;
  const StateMap* map_;
  std::vector<NodeId> nodes_;
};

}  // namespace

void write_run_state(ByteWriter& writer, const RunState& state, const SharedBuffer& buffer,
                     const EventNumber& number_of) {
  NodeNumbers numbers;
  std::vector<NodeId> ordered;
  for (const Runs* runs : {&state.partial, &state.completed}) {
    for (const Run& run : *runs) number_nodes(run.node, buffer, numbers, ordered);
  }
  writer.put_u32(static_cast<std::uint32_t>(ordered.size()));
  for (const NodeId node : ordered) {
    const PathEntry entry = buffer.entry(node);
    writer.put_u32(number_of_node(buffer.previous(node), numbers));
    writer.put_u16(entry.stage.value());
    writer.put_u32(number_of(entry.event));
    writer.put_u32(entry.ordinal);
  }
  write_runs(writer, state.partial, numbers);
  write_runs(writer, state.completed, numbers);
}

Result<RunState> read_run_state(ByteReader& reader, const Program& program, SharedBuffer& buffer,
                                const EventOfNumber& event_of, const StateMap* map) {
  Reading reading(reader, program, buffer, map);
  RunState state;
  const bool whole = reading.nodes(event_of) && reading.runs(state.partial) &&
                     reading.runs(state.completed) && fits_together(state);
  reading.release_nodes();
  if (whole) return state;
  reading.release_runs(state.partial);
  reading.release_runs(state.completed);
  return Error{ErrorCode::kCorrupt, "the partial matches of a key do not fit together"};
}

}  // namespace lymer::nfa
