// Cutting and joining through the public face of StateSnapshot.
// Not here: checksums of blocks (checkpoint/checkpoint_reader.cc).
#include "checkpoint/state_blocks.h"

#include <string_view>

#include "runtime/base/text.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;
using runtime::StateSnapshot;

// Adds to `target` all keyed addresses of `state` with no bytes.
void add_empty_pieces(const StateSnapshot& state, StateSnapshot& target) {
  for (const KeyGroup group : state.key_groups()) {
    for (const std::string_view name : state.names(group)) target.put(group, name, {});
  }
}

void add_pieces(const StateSnapshot& state, KeyGroup group, StateSnapshot& target) {
  for (const std::string_view name : state.names(group)) {
    const auto bytes = state.get(group, name).value();
    target.put(group, name, {bytes.begin(), bytes.end()});
  }
}

StateSnapshot without_keyed_bytes(const StateSnapshot& state) {
  StateSnapshot rest = state;
  add_empty_pieces(state, rest);
  return rest;
}

StateSnapshot empty_pieces(const StateSnapshot& state) {
  StateSnapshot empty;
  add_empty_pieces(state, empty);
  return empty;
}

}  // namespace

std::string to_string(BlockGroup group) {
  return group ? text("key group {}", group->value()) : "operator state";
}

StateSnapshot key_group_state(const StateSnapshot& state, KeyGroup group) {
  StateSnapshot alone;
  add_pieces(state, group, alone);
  return alone;
}

std::optional<StateSnapshot> operator_state(const StateSnapshot& state) {
  StateSnapshot rest = without_keyed_bytes(state);
  if (rest == empty_pieces(state)) return std::nullopt;
  return rest;
}

std::size_t operator_state_bytes(const StateSnapshot& state) {
  return without_keyed_bytes(state).serialize().size() - empty_pieces(state).serialize().size();
}

bool has_equal_operator_state(const StateSnapshot& left, const StateSnapshot& right) {
  // With the same keyed addresses on both sides nothing but operator state can differ.
  StateSnapshot left_rest = without_keyed_bytes(left);
  StateSnapshot right_rest = without_keyed_bytes(right);
  add_empty_pieces(right, left_rest);
  add_empty_pieces(left, right_rest);
  return left_rest == right_rest;
}

Result<void> BlockReader::add_operator_state(StateSnapshot block) {
  for (const KeyGroup group : block.key_groups()) {
    for (const std::string_view name : block.names(group)) {
      if (!block.get(group, name)->empty()) {
        return Error{ErrorCode::kCorrupt, text("it holds bytes of key group {}", group.value())};
      }
      if (!state_.get(group, name)) awaited_.emplace(group, name);
    }
  }
  // What was read of key groups before replaces the empty pieces.
  for (const KeyGroup group : state_.key_groups()) add_pieces(state_, group, block);
  state_ = std::move(block);
  return {};
}

Result<void> BlockReader::add(BlockGroup group, std::span<const std::byte> bytes) {
  LYMER_ASSIGN_OR_RETURN(StateSnapshot block, StateSnapshot::deserialize(bytes));
  if (!group) return add_operator_state(std::move(block));
  if (block.key_groups() != std::vector{*group}) {
    return Error{ErrorCode::kCorrupt, "it holds other pieces than those of its key group"};
  }
  for (const std::string_view name : block.names(*group)) {
    awaited_.erase({*group, std::string(name)});
  }
  add_pieces(block, *group, state_);
  return {};
}

Result<StateSnapshot> BlockReader::finish() && {
  if (!awaited_.empty()) {
    return Error{ErrorCode::kCorrupt,
                 text("its piece `{}` of key group {} is missing", awaited_.begin()->second,
                      awaited_.begin()->first.value())};
  }
  return std::move(state_);
}

}  // namespace lymer::checkpoint
