// Counts, for every stored event, how many places still need it, and says which became free.
//
// The events themselves belong to cep; the automaton knows them by number only. An EventRef is the
// number of a slot that its owner uses again after it was released.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/strong_id.h"

namespace lymer::nfa {

using EventRef = StrongId<struct EventRefTag, std::uint32_t>;

class EventReferences {
 public:
  void retain(EventRef event) {
    if (event.value() >= counts_.size()) grow(event);
    ++counts_[event.value()];
  }
  // Requires an earlier retain().
  void release(EventRef event) {
    LYMER_CHECK(event.value() < counts_.size() && counts_[event.value()] > 0);
    if (--counts_[event.value()] == 0) released_.push_back(event);
  }
  // Gives the events whose count fell to zero since the list was last cleared. One of them may have
  // been retained again; the owner asks count() before it frees the slot.
  [[nodiscard]] std::vector<EventRef>& released() noexcept { return released_; }
  // Gives memory back. Call when nothing is retained and the list was looked at.
  void trim() { *this = {}; }
  [[nodiscard]] std::uint32_t count(EventRef event) const {
    return event.value() < counts_.size() ? counts_[event.value()] : 0;
  }

 private:
  // So many are released at a time, as a rule.
  static constexpr std::size_t kRoomForReleased = 256;
  void grow(EventRef event) {
    counts_.resize(event.value() + 1, 0);
    released_.reserve(std::min(counts_.capacity(), kRoomForReleased));
  }

  std::vector<std::uint32_t> counts_;
  std::vector<EventRef> released_;
};

}  // namespace lymer::nfa
