// Engine M where runs carry values: a group of runs for each of those in each state.
//
// Groups stand in the order of what conditions compare with (nfa/value_order.h), so an event looks
// at one of those that it is all the same to. Those whose runs have all ended go when they are met,
// or once they may be half of all. Not here: what is the same without values
// (nfa/merged_matcher.cc).
#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "nfa/merged_matcher.h"

namespace lymer::nfa {
namespace {

constexpr std::uint32_t kEndedBetweenLooks = 16;

bool starts_later(const MergedState::Oldest& left, const MergedState::Oldest& right) {
  return ordinal_less(right.start, left.start);
}

}  // namespace

void MergedMatcher::take_out_moving_groups(MergedState& state, ClassIndex event_class) {
  MergedState::Groups& groups = state.groups;
  for (auto group = groups.begin(); group != groups.end();) {
    const Place place = group->first;
    const std::uint64_t open = open_[place.state.value()];
    auto end = std::next(group);
    if (open == 0 || classes_.is_decided(event_class, place.state, open)) {
      end = groups.lower_bound(BehindState{place.state});
    } else if (values_->is_ordered(place.state)) {
      end = groups.lower_bound(BehindAlike{place});
    }
    ++visited_groups_;
    const ClassIndex class_of_group = class_for(event_class, place.state, place.values);
    if (keeps_all(class_of_group, place.state)) {
      group = end;
      continue;
    }
    for (; group != end; group = groups.erase(group)) {
      const BagId bag = group->second.bag;
      if (buffer_.is_live(bag, state.floor)) {
        moving_.push_back({group->first, bag, class_of_group});
      } else {
        give_up(group->first, bag);
      }
    }
  }
}

// Where ends of windows are told, notes that a group may have some to tell of runs that began then.
void MergedMatcher::note_oldest(MergedState& state, const Place& place, Ordinal start) {
  state.oldest.push_back({start, place});
  std::ranges::push_heap(state.oldest, starts_later);
}

BagId& MergedMatcher::group_of(MergedState& state, const Place& place, Ordinal start) {
  const auto [found, is_new] = state.groups.try_emplace(place, kEmptyBag, start);
  MergedState::Group& group = found->second;
  if (tells_ends_ && (is_new || ordinal_less(start, group.oldest))) {
    group.oldest = start;
    note_oldest(state, {place.state, values_->move(place.values, place.state)}, start);
  }
  if (!is_new) values_->release(place.values);  // It has one already.
  return group.bag;
}

// Reads the runs that end with the floor, out of those groups alone that have some. Those that have
// no others go: what begins in a dead group later would not be noted.
void MergedMatcher::read_oldest(MergedState& state, Ordinal floor) {
  ended_.clear();
  while (!state.oldest.empty() && !ordinal_less(floor, state.oldest.front().start)) {
    std::ranges::pop_heap(state.oldest, starts_later);
    ended_.push_back(state.oldest.back().place);
    state.oldest.pop_back();
  }
  std::ranges::sort(ended_, [](const Place& left, const Place& right) {
    return std::tie(left.state, left.values) < std::tie(right.state, right.values);
  });
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    const Place& place = ended_[i];
    const bool was_read = i > 0 && ended_[i - 1] == place;  // A group may be noted several times.
    const auto group = was_read ? state.groups.end() : state.groups.find(place);
    if (group == state.groups.end()) {
      values_->release(place.values);
      continue;
    }
    const BagId bag = group->second.bag;
    read_ended(state, place, bag, floor);
    if (const auto next = reader_.earliest_start(bag, floor)) {
      group->second.oldest = *next;
      note_oldest(state, place, *next);
      continue;
    }
    give_up(place, bag);
    state.groups.erase(group);
    values_->release(place.values);
  }
}

void MergedMatcher::drop_dead_groups(MergedState& state) {
  const bool may_be_idle = state.first_start == state.starts.size();
  const bool are_few = 2 * std::size_t{state.ended} < state.groups.size() + kEndedBetweenLooks;
  if (skips_ || may_be_idle || !are_few) sweep_groups(state);
}

void MergedMatcher::sweep_groups(MergedState& state) {
  state.ended = 0;
  for (auto group = state.groups.begin(); group != state.groups.end();) {
    if (buffer_.is_live(group->second.bag, state.floor)) {
      ++group;
    } else {
      give_up(group->first, group->second.bag);
      group = state.groups.erase(group);
    }
  }
  if (state.groups.empty()) clear_groups(state);
}

void MergedMatcher::clear_groups(MergedState& state) {
  for (const auto& [place, group] : state.groups) give_up(place, group.bag);
  state.groups.clear();
  for (const MergedState::Oldest& each : state.oldest) values_->release(each.place.values);
  state.oldest.clear();
  state.ended = 0;
}

void MergedMatcher::order_groups(MergedState& state) const {
  state.groups = MergedState::Groups(PlaceOrder(*values_), state.groups.get_allocator());
}

// All runs of a group that are alive carry the same, so one of them tells.
void MergedMatcher::find_values(MergedState& state) {
  if (values_ == nullptr) return;
  order_groups(state);
  for (const MergedState::Slot& slot : state.slots) {
    Place place{slot.state, values_->move(kNoValues, slot.state)};
    if (const auto path = reader_.read_first(slot.bag, state.floor)) {
      for (const PathEntry& each : *path) {
        const ValuesId before = place.values;
        place.values = values_->take(before, each.stage, each.event, slot.state);
        values_->release(before);
      }
    }
    BagId& bag = group_of(state, place, earliest_start(slot.bag));
    bag = buffer_.unite(slot.bag, bag);
  }
  state.slots.clear();
}

}  // namespace lymer::nfa
