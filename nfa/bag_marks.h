// Which bags a walk has been to. Forgotten in constant time, so a walk costs what it visits.
//
// Not here: walks (nfa/merged_paths.h, nfa/merged_matcher.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "nfa/merged_buffer.h"

namespace lymer::nfa {

class BagMarks {
 public:
  // Begins a walk over bags with ids below `capacity`; none is marked.
  void begin(std::size_t capacity) {
    marks_.resize(capacity, mark_);
    if (++mark_ != 0) return;
    std::ranges::fill(marks_, 0);  // Wrapped: old marks would look like new ones.
    mark_ = 1;
  }
  void set(BagId bag) { marks_[bag.value()] = mark_; }
  [[nodiscard]] bool has(BagId bag) const { return marks_[bag.value()] == mark_; }

 private:
  std::vector<std::uint32_t> marks_;
  std::uint32_t mark_ = 0;
};

}  // namespace lymer::nfa
