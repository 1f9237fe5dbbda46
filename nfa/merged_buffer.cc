// A slab with a free list, freed in a loop: chains of cells can be very long.
// Not here: trees (nfa/merged_forest.cc), when a bag has had its day (nfa/merged_matcher.cc).
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
    if (is_forest_) trees_[id.value()] = {};
    return id;
  }
  LYMER_CHECK_LT(cells_.size(), kEmptyBag.value());
  cells_.push_back(cell);
  references_.push_back(1);
  if (is_forest_) trees_.emplace_back();
  // Where there is room to hold, there is room to let go.
  free_.reserve(std::min(cells_.capacity(), kRoomToLetGo));
  return BagId(static_cast<std::uint32_t>(cells_.size() - 1));
}

Ordinal MergedBuffer::latest(Ordinal start, BagId other) const {
  if (other == kEmptyBag) return start;
  const Ordinal theirs = at(other).max_start;
  return ordinal_less(start, theirs) ? theirs : start;
}

// A cell with an event, and the bag that it joins. `cell` says what comes before the event.
BagId MergedBuffer::make_leaf(Cell cell, Ordinal ordinal, BagId next) {
  const EventRef event = cell.event;
  if (event.value() >= ordinals_.size()) ordinals_.resize(event.value() + 1);
  ordinals_[event.value()] = ordinal;
  cell.has_event = true;
  const bool starts = cell.previous == kEmptyBag;
  cell.max_start = starts ? ordinal : at(cell.previous).max_start;
  if (!is_forest_) {
    cell.next = next;
    cell.max_start = latest(cell.max_start, next);
    return make(cell);
  }
  const Ordinal min_start = starts ? ordinal : this->min_start(cell.previous);
  const BagId leaf = make(cell);
  trees_[leaf.value()].min_start = min_start;
  return push(leaf, next);
}

BagId MergedBuffer::start(EventRef event, Ordinal ordinal, StageIndex stage, BagId next) {
  Cell cell;
  cell.event = event;
  cell.stage = stage;
  return make_leaf(cell, ordinal, next);
}

BagId MergedBuffer::extend(BagId previous, EventRef event, Ordinal ordinal, StageIndex stage,
                           BagId next) {
  LYMER_DCHECK(previous != kEmptyBag);
  retain(previous);
  Cell cell;
  cell.previous = previous;
  cell.event = event;
  cell.stage = stage;
  return make_leaf(cell, ordinal, next);
}

BagId MergedBuffer::rebuild(const Cell& given, Ordinal ordinal, bool is_list) {
  Cell cell = given;
  const bool starts = cell.is_start();
  const Ordinal own = starts ? ordinal : at(cell.previous).max_start;
  cell.max_start = latest(own, cell.next);
  if (cell.has_event) {
    if (cell.event.value() >= ordinals_.size()) ordinals_.resize(cell.event.value() + 1);
    ordinals_[cell.event.value()] = ordinal;
    if (!starts) retain(cell.previous);
  }
  const BagId made = make(cell);
  if (!is_forest_) return made;
  Tree& tree = trees_[made.value()];
  tree.min_start = earliest(starts ? ordinal : min_start(cell.previous), cell.next);
  if (cell.has_event) return made;
  // Lists that are taken for trees would weigh nothing.
  const auto weight = [this](BagId bag) { return std::max(1U, trees_[bag.value()].weight); };
  tree.weight = is_list ? 0 : weight(cell.previous) + weight(cell.next);
  return made;
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
  decltype(trees_)().swap(trees_);
  decltype(to_release_)().swap(to_release_);
}

}  // namespace lymer::nfa
