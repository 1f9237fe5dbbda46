// The partial matches under one key, rule by rule, as they are kept between events.
//
// Most keys have partial matches of one rule, and most of those began with one event and wait for
// one thing; so that, and no more, is kept in the key's record. What is wider the rule keeps
// elsewhere (cep/running_rule.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "nfa/program.h"
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

// In the order of rules. References are good until a state is added or erased.
class RuleStates {
 public:
  [[nodiscard]] std::span<const RuleState> all() const {
    return more_ != nullptr ? std::span<const RuleState>(*more_) : std::span(&one_, count_of_one());
  }
  [[nodiscard]] std::span<RuleState> all() {
    return more_ != nullptr ? std::span<RuleState>(*more_) : std::span(&one_, count_of_one());
  }
  [[nodiscard]] bool empty() const {
    return more_ != nullptr ? more_->empty() : count_of_one() == 0;
  }
  // Finds a rule's; null if there is none.
  [[nodiscard]] RuleState* find(RuleIndex rule) {
    if (more_ == nullptr) return one_.rule == rule ? &one_ : nullptr;
    const auto found = std::ranges::lower_bound(*more_, rule, {}, &RuleState::rule);
    return found != more_->end() && found->rule == rule ? &*found : nullptr;
  }
  // Adds that of a rule which is not there.
  void add(const RuleState& state) {
    if (empty() && more_ == nullptr) {
      one_ = state;
      return;
    }
    if (more_ == nullptr) more_ = std::make_unique<std::vector<RuleState>>(1, one_);
    more_->insert(std::ranges::lower_bound(*more_, state.rule, {}, &RuleState::rule), state);
  }
  void erase(const RuleState& state) {
    if (more_ == nullptr) {
      one_ = {};
    } else {
      more_->erase(more_->begin() + (&state - more_->data()));
    }
  }
  // Takes out all, and gives back what memory they had.
  void clear() {
    one_ = {};
    more_.reset();
  }

 private:
  [[nodiscard]] std::size_t count_of_one() const { return one_.rule == kNoRule ? 0 : 1; }

  RuleState one_;
  std::unique_ptr<std::vector<RuleState>> more_;  // Instead of one_, once there was more than that.
};

}  // namespace lymer::cep
