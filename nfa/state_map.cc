// A stage's shape as text, hashed.
// Not here: what uses the map (nfa/snapshot_codec.cc, nfa/merged_codec.cc).
#include "nfa/state_map.h"

#include <algorithm>
#include <span>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::nfa {
namespace {

constexpr std::size_t kStageBytes = 4 + 8;
constexpr std::size_t kStateBytes = 2 + 1;

// The place of each state among those of its stage.
std::vector<std::size_t> places_in_stages(const std::vector<StageIndex>& stages) {
  std::vector<std::size_t> places;
  std::vector<std::size_t> next;
  for (const StageIndex stage : stages) {
    if (stage.value() >= next.size()) next.resize(stage.value() + std::size_t{1}, 0);
    places.push_back(next[stage.value()]++);
  }
  return places;
}

// Of one state: its kind, what it does and where it goes, other stages being all the same.
std::string shape_of(const Program& program, StateIndex index,
                     const std::vector<std::size_t>& places) {
  const State& state = program.state(index);
  std::string shape =
      text("{}{}{}(", static_cast<int>(state.kind), state.gap_window > Duration{} ? "g" : "",
           state.accepts_at_deadline ? "d" : "");
  for (const Edge& edge : program.edges_of(index)) {
    shape += text("{}", static_cast<int>(edge.action));
    const bool stays = program.state(edge.target).stage == state.stage;
    shape += stays ? text(":{},", places[edge.target.value()]) : std::string("*,");
  }
  return shape + ")";
}

Error corrupt() { return {ErrorCode::kCorrupt, "the states of a rule do not fit together"}; }

}  // namespace

StateNames state_names(const Program& program) {
  StateNames names;
  for (const State& each : program.states) {
    names.states.push_back(each.stage);
    names.kinds.push_back(static_cast<std::uint8_t>(each.kind));
  }
  const std::vector<std::size_t> places = places_in_stages(names.states);
  std::vector<std::string> shapes(program.stages.size());
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const std::size_t stage = names.states[i].value();
    const StateIndex index(static_cast<std::uint16_t>(i));
    if (stage < shapes.size()) shapes[stage] += shape_of(program, index, places);
  }
  for (std::size_t i = 0; i < program.stages.size(); ++i) {
    names.stages.push_back({program.stages[i], hash64(std::as_bytes(std::span(shapes[i])))});
  }
  return names;
}

void write_state_names(ByteWriter& writer, const StateNames& names) {
  writer.put_u32(static_cast<std::uint32_t>(names.stages.size()));
  for (const StateNames::Stage& each : names.stages) {
    writer.put_string(each.name);
    writer.put_u64(each.shape);
  }
  writer.put_u32(static_cast<std::uint32_t>(names.states.size()));
  for (std::size_t i = 0; i < names.states.size(); ++i) {
    writer.put_u16(names.states[i].value());
    writer.put_u8(names.kinds[i]);
  }
}

Result<StateNames> read_state_names(ByteReader& reader) {
  StateNames names;
  const std::uint32_t stages = reader.count(kStageBytes);
  for (std::uint32_t i = 0; i < stages; ++i) {
    std::string name(reader.string());
    names.stages.push_back({std::move(name), reader.u64()});
  }
  const std::uint32_t states = reader.count(kStateBytes);
  for (std::uint32_t i = 0; i < states; ++i) {
    names.states.emplace_back(reader.u16());
    names.kinds.push_back(reader.u8());
  }
  if (!reader.ok() || states > UINT16_MAX) return corrupt();
  return names;
}

std::optional<StateMap> map_states(const StateNames& from, const StateNames& to) {
  StateMap map;
  for (const StateNames::Stage& each : from.stages) {
    const auto found = std::ranges::find(to.stages, each);
    if (found == to.stages.end()) return std::nullopt;
    map.stages.emplace_back(static_cast<std::uint16_t>(found - to.stages.begin()));
  }
  const std::vector<std::size_t> places = places_in_stages(from.states);
  const std::vector<std::size_t> new_places = places_in_stages(to.states);
  for (std::size_t i = 0; i < from.states.size(); ++i) {
    const std::size_t stage = from.states[i].value();
    std::optional<std::uint16_t> found;
    for (std::size_t j = 0; j < to.states.size() && !found; ++j) {
      // The last states belong to no stage; there is one of each kind.
      const bool is_same = stage < map.stages.size()
                               ? to.states[j] == map.stages[stage] && new_places[j] == places[i]
                               : to.states[j].value() >= to.stages.size();
      if (is_same && to.kinds[j] == from.kinds[i]) found = static_cast<std::uint16_t>(j);
    }
    if (!found) return std::nullopt;
    map.states.emplace_back(*found);
  }
  return map;
}

}  // namespace lymer::nfa
