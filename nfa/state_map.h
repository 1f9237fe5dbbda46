// Partial matches carried from one version of a rule into the next: which state of the new program
// is which of the old one.
//
// States are told apart by their stage and their place in it. A stage is the same where the new
// program has one of its name whose states look the same: kinds, and edges among themselves. What
// their conditions ask does not matter, nor does the window. Where a stage of the old program is
// not there any more, or looks different, the partial matches mean nothing in the new one.
// Not here: reading states (nfa/snapshot_codec.h, nfa/merged_codec.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/result.h"

namespace lymer::nfa {

// What has to be known of a program in order to read its states later.
struct StateNames {
  struct Stage {
    std::string name;
    std::uint64_t shape = 0;  // A hash; part of snapshots.
    friend bool operator==(const Stage&, const Stage&) = default;
  };
  std::vector<Stage> stages = {};        // By StageIndex.
  std::vector<StageIndex> states = {};   // The stage of each, by StateIndex.
  std::vector<std::uint8_t> kinds = {};  // Likewise; see StateKind.
  friend bool operator==(const StateNames&, const StateNames&) = default;
};

[[nodiscard]] StateNames state_names(const Program& program);

void write_state_names(ByteWriter& writer, const StateNames& names);
// Returns kCorrupt for what does not fit together.
[[nodiscard]] Result<StateNames> read_state_names(ByteReader& reader);

// By the old index.
struct StateMap {
  std::vector<StateIndex> states = {};
  std::vector<StageIndex> stages = {};

  // Both give an index that no program has for one that the old program did not have; without a map
  // it is the same.
  [[nodiscard]] static StateIndex state(const StateMap* map, std::uint16_t old) {
    if (map == nullptr) return StateIndex(old);
    return old < map->states.size() ? map->states[old] : StateIndex(UINT16_MAX);
  }
  [[nodiscard]] static StageIndex stage(const StateMap* map, std::uint16_t old) {
    if (map == nullptr) return StageIndex(old);
    return old < map->stages.size() ? map->stages[old] : StageIndex(UINT16_MAX);
  }
};

// Nothing where a stage of `from` is missing in `to` or looks different there.
[[nodiscard]] std::optional<StateMap> map_states(const StateNames& from, const StateNames& to);

}  // namespace lymer::nfa
