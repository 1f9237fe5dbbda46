// A table by state; for slots with values a walk over the few, a map over the many.
// Not here: who asks (nfa/merged_matcher.cc).
#include "nfa/slot_finder.h"

namespace lymer::nfa {
namespace {

constexpr std::size_t kWalkedSlots = 8;

}  // namespace

void SlotFinder::begin(const Slots& slots) {
  if (values_ == nullptr) {
    for (std::uint32_t i = 0; i < slots.size(); ++i) by_state_[slots[i].state.value()] = i;
    return;
  }
  if (slots.size() <= kWalkedSlots) return;
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    by_name_[name_of(slots[i].state, slots[i].values)] = i;
  }
}

std::uint32_t& SlotFinder::place_of(const Slots& slots, StateIndex state, ValuesId values) {
  if (values_ == nullptr) return by_state_[state.value()];
  if (slots.size() > kWalkedSlots) {
    if (by_name_.empty()) begin(slots);
    return by_name_.try_emplace(name_of(state, values), kNowhere).first->second;
  }
  looked_up_ = kNowhere;
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    if (slots[i].state == state && slots[i].values == values) looked_up_ = i;
  }
  return looked_up_;
}

BagId& SlotFinder::bag_of(Slots& slots, StateIndex state, ValuesId values) {
  std::uint32_t& place = place_of(slots, state, values);
  if (place == kNowhere) {
    place = static_cast<std::uint32_t>(slots.size());
    slots.push_back({state, kEmptyBag, values});
  } else if (values_ != nullptr) {
    values_->release(values);  // The slot has one reference already.
  }
  return slots[place].bag;
}

void SlotFinder::end(const Slots& slots) {
  if (values_ != nullptr) {
    by_name_.clear();
    return;
  }
  for (const MergedState::Slot& slot : slots) by_state_[slot.state.value()] = kNowhere;
}

}  // namespace lymer::nfa
