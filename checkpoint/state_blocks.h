// The state of an operator cut into blocks, each of which can be read alone: one for each key group
// and one for what belongs to no key group.
//
// A block is a StateSnapshot as sealed bytes. Rescaling, or moving one key group to another
// process, reads the blocks it needs and no more. Not here: where blocks are on disk
// (checkpoint/manifest.h).
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/state_snapshot.h"

namespace lymer::checkpoint {

// The key group of a block; none for that of operator state.
using BlockGroup = std::optional<runtime::KeyGroup>;

// Says "key group 7" or "operator state".
[[nodiscard]] std::string to_string(BlockGroup group);

// Gives the pieces of one key group alone.
[[nodiscard]] runtime::StateSnapshot key_group_state(const runtime::StateSnapshot& state,
                                                     runtime::KeyGroup group);

// Gives the operator state. Beside it stand the addresses of all keyed pieces, without their bytes:
// a StateSnapshot tells its names by key group only, so that the rest is what remains when those
// are emptied. Nothing if there is no operator state.
[[nodiscard]] std::optional<runtime::StateSnapshot> operator_state(
    const runtime::StateSnapshot& state);

// Counts the bytes that operator state takes in a serialized snapshot; 0 if there is none.
[[nodiscard]] std::size_t operator_state_bytes(const runtime::StateSnapshot& state);

// Compares operator state alone.
[[nodiscard]] bool has_equal_operator_state(const runtime::StateSnapshot& left,
                                            const runtime::StateSnapshot& right);

// Puts blocks together again.
class BlockReader {
 public:
  // Takes the next block, whatever its group. Returns kCorrupt for bytes that are no block of
  // `group`, kUnsupported for those of a newer version.
  [[nodiscard]] Result<void> add(BlockGroup group, std::span<const std::byte> bytes);
  // Gives the state. Returns kCorrupt if the block of operator state names pieces that no key
  // group's block had.
  [[nodiscard]] Result<runtime::StateSnapshot> finish() &&;

 private:
  using Address = std::pair<runtime::KeyGroup, std::string>;

  [[nodiscard]] Result<void> add_operator_state(runtime::StateSnapshot block);

  runtime::StateSnapshot state_;
  std::set<Address> awaited_;  // What the operator state's block names.
};

}  // namespace lymer::checkpoint
