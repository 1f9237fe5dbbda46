// The partial matches under one key, rule by rule, as they are kept between events.
//
// Most keys have partial matches of one rule, and most of those began with one event and wait for
// one thing; so that, and no more, is kept in the key's record. What is wider the rule keeps
// elsewhere (cep/running_rule.h). Where there are many rules a key may have partial matches of
// hundreds: they stand in a hash table, for an event asks for few of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "nfa/program.h"
#include "nfa/state_memory.h"
#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"

namespace lymer::cep {

// A rule's place in its operator.
using RuleIndex = StrongId<struct RuleIndexTag, std::uint32_t>;
inline constexpr RuleIndex kNoRule{0xffffffffU};

struct RuleState {
  enum class Kind : std::uint8_t {
    kIdle,    // Nothing is held.
    kFolded,  // nfa::FoldedState: `place` is its bag, `time` its start.
    kWide,    // The rule keeps it at `place`; `time` is that of the timer set for it, or max().
  };
  RuleIndex rule = kNoRule;
  std::uint32_t place = 0;
  EventTime time = EventTime::max();
  std::uint32_t cells = 0;  // Of kFolded, as the next.
  nfa::StateIndex state;
  Kind kind = Kind::kIdle;

  [[nodiscard]] static RuleState of(RuleIndex rule) {
    RuleState state;
    state.rule = rule;
    return state;
  }
  [[nodiscard]] bool is_idle() const noexcept { return kind == Kind::kIdle; }
};
static_assert(sizeof(RuleState) == 24);

// References are good until a state is added or erased. What is given memory must be given the same
// one each time, and clear() before it goes.
class RuleStates {
 public:
  [[nodiscard]] bool empty() const {
    const Table* const table = many();
    return table != nullptr ? table->count == 0 : one().rule == kNoRule;
  }
  // Lists the rules in order.
  void list(std::vector<RuleIndex>& rules) const;
  // Finds a rule's; null if there is none.
  [[nodiscard]] RuleState* find(RuleIndex rule) {
    Table* const table = std::get_if<Table>(&held_);
    RuleState* const found = table != nullptr ? table->place_of(rule) : std::get_if<0>(&held_);
    return found->rule == rule ? found : nullptr;
  }
  [[nodiscard]] const RuleState* find(RuleIndex rule) const {
    const Table* const table = many();
    const RuleState* const found = table != nullptr ? table->place_of(rule) : &one();
    return found->rule == rule ? found : nullptr;
  }
  // Adds that of a rule which is not there.
  void add(const RuleState& state, nfa::StateMemory& memory);
  void erase(const RuleState& state);
  // Takes out all, and gives back what memory they had.
  void clear(nfa::StateMemory& memory);

 private:
  // Linear probing; states behind their home are moved up when one before them is erased, so there
  // are no marks of the dead.
  struct Table {
    RuleState* slots = nullptr;
    std::uint32_t count = 0;
    std::uint32_t shift = 0;  // 32 less the logarithm of the number of slots.

    [[nodiscard]] std::uint32_t size() const { return 1U << (32U - shift); }
    [[nodiscard]] std::size_t bytes() const { return sizeof(RuleState) * size(); }
    [[nodiscard]] std::span<RuleState> all() const { return {slots, size()}; }
    [[nodiscard]] std::uint32_t home_of(RuleIndex rule) const {
      return (rule.value() * 0x9E3779B1U) >> shift;
    }
    // Where the rule's state is, or would be added.
    [[nodiscard]] RuleState* place_of(RuleIndex rule) const {
      std::uint32_t at = home_of(rule);
      while (slots[at].rule != rule && slots[at].rule != kNoRule) at = (at + 1) & (size() - 1);
      return &slots[at];
    }
  };
  [[nodiscard]] const Table* many() const { return std::get_if<Table>(&held_); }
  [[nodiscard]] const RuleState& one() const { return *std::get_if<RuleState>(&held_); }
  [[nodiscard]] std::span<const RuleState> all() const;
  Table& grow(nfa::StateMemory& memory);

  // One, or no rule's; a table once there was more.
  std::variant<RuleState, Table> held_;
};

}  // namespace lymer::cep
