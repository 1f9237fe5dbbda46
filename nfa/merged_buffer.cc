// A slab with a free list, freed in a loop: chains of cells can be very long.
// Not here: when a bag has had its day (nfa/merged_matcher.cc).
#include "nfa/merged_buffer.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace lymer::nfa {
namespace {

// In numbers; what grows beyond is large enough for a longer list not to matter.
constexpr std::size_t kRoomToLetGo = 4096;

}  // namespace

BagId MergedBuffer::make(const Cell& cell) {
  if (cell.has_event) events_.retain(cell.event);
  if (!free_.empty()) {
    const BagId id = free_.back();
    free_.pop_back();
    cells_[id.value()] = cell;
    references_[id.value()] = 1;
    return id;
  }
  LYMER_CHECK_LT(cells_.size(), kEmptyBag.value());
  cells_.push_back(cell);
  references_.push_back(1);
  // Where there is room to hold, there is room to let go.
  free_.reserve(std::min(cells_.capacity(), kRoomToLetGo));
  return BagId(static_cast<std::uint32_t>(cells_.size() - 1));
}

Ordinal MergedBuffer::latest(Ordinal start, BagId other) const {
  if (other == kEmptyBag) return start;
  const Ordinal theirs = at(other).max_start;
  return ordinal_less(start, theirs) ? theirs : start;
}

BagId MergedBuffer::start(EventRef event, Ordinal ordinal, StageIndex stage, BagId next) {
  if (event.value() >= ordinals_.size()) ordinals_.resize(event.value() + 1);
  ordinals_[event.value()] = ordinal;
  return make({.previous = kEmptyBag,
               .event = event,
               .next = next,
               .max_start = latest(ordinal, next),
               .stage = stage,
               .has_event = true});
}

BagId MergedBuffer::extend(BagId previous, EventRef event, Ordinal ordinal, StageIndex stage,
                           BagId next) {
  LYMER_DCHECK(previous != kEmptyBag);
  if (event.value() >= ordinals_.size()) ordinals_.resize(event.value() + 1);
  ordinals_[event.value()] = ordinal;
  retain(previous);
  return make({.previous = previous,
               .event = event,
               .next = next,
               .max_start = latest(at(previous).max_start, next),
               .stage = stage,
               .has_event = true});
}

BagId MergedBuffer::unite(BagId left, BagId right) {
  if (left == kEmptyBag) return right;
  if (right == kEmptyBag) return left;
  return make({.previous = left,
               .event = {},
               .next = right,
               .max_start = latest(at(left).max_start, right),
               .stage = {},
               .has_event = false});
}

void MergedBuffer::release(BagId bag) {
  to_release_.push_back(bag);
  while (!to_release_.empty()) {
    const BagId id = to_release_.back();
    to_release_.pop_back();
    if (id == kEmptyBag) continue;
    std::uint32_t& references = references_[id.value()];
    LYMER_CHECK_GT(references, 0U);
    if (--references > 0) continue;
    const Cell& cell = cells_[id.value()];
    if (cell.has_event) events_.release(cell.event);
    to_release_.push_back(cell.previous);
    to_release_.push_back(cell.next);
    free_.push_back(id);
  }
}

void MergedBuffer::cut_next(BagId bag) {
  Cell& cell = cells_[bag.value()];
  const BagId dead = cell.next;
  cell.next = kEmptyBag;
  release(dead);
}

void MergedBuffer::trim() {
  if (live_cells() > 0) return;
  decltype(cells_)().swap(cells_);
  decltype(references_)().swap(references_);
  decltype(free_)().swap(free_);
  decltype(ordinals_)().swap(ordinals_);
  decltype(to_release_)().swap(to_release_);
}

}  // namespace lymer::nfa
