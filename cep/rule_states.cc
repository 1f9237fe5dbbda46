// One state in the record, or a hash table of them.
// Not here: what the states are (cep/running_rule.h).
#include "cep/rule_states.h"

#include <algorithm>
#include <memory>
#include <span>

namespace lymer::cep {
namespace {

constexpr std::uint32_t kLeastShift = 32 - 3;  // Eight slots.

}  // namespace

std::span<const RuleState> RuleStates::all() const {
  const Table* const table = many();
  return table != nullptr ? table->all() : std::span(&one(), 1);
}

void RuleStates::list(std::vector<RuleIndex>& rules) const {
  rules.clear();
  for (const RuleState& each : all()) {
    if (each.rule != kNoRule) rules.push_back(each.rule);
  }
  std::ranges::sort(rules);
}

RuleStates::Table& RuleStates::grow(nfa::StateMemory& memory) {
  Table larger{.shift = many() == nullptr ? kLeastShift : many()->shift - 1};
  larger.slots = static_cast<RuleState*>(memory.take(larger.bytes()));
  std::uninitialized_fill_n(larger.slots, larger.size(), RuleState{});
  for (const RuleState& each : all()) {
    if (each.rule == kNoRule) continue;
    *larger.place_of(each.rule) = each;
    ++larger.count;
  }
  if (const Table* const old = many()) memory.give_back(old->slots, old->bytes());
  return held_.emplace<Table>(larger);
}

void RuleStates::add(const RuleState& state, nfa::StateMemory& memory) {
  Table* table = std::get_if<Table>(&held_);
  if (table == nullptr && empty()) {
    held_ = state;
    return;
  }
  // Three quarters full at most.
  if (table == nullptr || 4 * (table->count + 1) > 3 * table->size()) table = &grow(memory);
  *table->place_of(state.rule) = state;
  ++table->count;
}

void RuleStates::erase(const RuleState& state) {
  Table* const table = std::get_if<Table>(&held_);
  if (table == nullptr) {
    held_ = RuleState{};
    return;
  }
  RuleState* const slots = table->slots;
  const std::uint32_t mask = table->size() - 1;
  auto hole = static_cast<std::uint32_t>(&state - slots);
  // Those behind it that cannot be found across an empty slot move up.
  for (std::uint32_t at = (hole + 1) & mask; slots[at].rule != kNoRule; at = (at + 1) & mask) {
    const std::uint32_t from_home = (at - table->home_of(slots[at].rule)) & mask;
    if (from_home < ((at - hole) & mask)) continue;
    slots[hole] = slots[at];
    hole = at;
  }
  slots[hole] = RuleState{};
  --table->count;
}

void RuleStates::clear(nfa::StateMemory& memory) {
  if (const Table* const table = many()) memory.give_back(table->slots, table->bytes());
  held_ = RuleState{};
}

}  // namespace lymer::cep
