// The merged graph of partial matches: one cell stands for a bag of runs.
//
//   cell {previous, event, next} = every run of `previous`, prolonged by `event`, and every run of
//                                  `next`
//
// A cell without an event is the two bags together; one without `previous` begins a run. Runs that
// stand in the same state behave alike whatever they took before, so a state needs one bag, and the
// work for an event does not depend on how many runs the bag holds. A bag keeps every run as often
// as it came about: two ways into one state are two runs.
//
// What ends runs, windows and skip strategies, ends all that began at or before some event. So a
// cell knows only the latest start in it, and the owner a floor: runs that began at or before the
// floor are dead, cells with no start above it hold nothing. After the union lists of CORE
// (Bucchi et al., PVLDB 2022), with bags for sets, for Flink does not merge equal matches.
// Not here: reading runs out of bags (nfa/merged_paths.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nfa/event_references.h"
#include "nfa/program.h"
#include "nfa/shared_buffer.h"

namespace lymer::nfa {

using BagId = StrongId<struct BagIdTag, std::uint32_t>;
// No run.
inline constexpr BagId kEmptyBag{0xffffffffU};

struct Cell {
  BagId previous = kEmptyBag;
  EventRef event;  // If has_event.
  BagId next = kEmptyBag;
  Ordinal max_start = 0;
  StageIndex stage;
  bool has_event = false;

  // Its event is the first of a run.
  [[nodiscard]] bool is_start() const noexcept { return has_event && previous == kEmptyBag; }
};
static_assert(sizeof(Cell) <= 20);

class MergedBuffer {
 public:
  // `events` must outlive the buffer; it counts one reference for each cell with an event.
  explicit MergedBuffer(EventReferences& events) : events_(events) {}
  MergedBuffer(const MergedBuffer&) = delete;
  MergedBuffer& operator=(const MergedBuffer&) = delete;
  MergedBuffer(MergedBuffer&&) = delete;
  MergedBuffer& operator=(MergedBuffer&&) = delete;
  ~MergedBuffer() = default;

  // Each makes a bag with one reference, held by the caller, who gives up that of `next`. An event
  // keeps the ordinal under which it was first taken.
  //
  // A run that begins with `event`, and those of `next`.
  [[nodiscard]] BagId start(EventRef event, Ordinal ordinal, StageIndex stage, BagId next);
  // The runs of `previous`, which is not empty, prolonged by `event`, and those of `next`.
  [[nodiscard]] BagId extend(BagId previous, EventRef event, Ordinal ordinal, StageIndex stage,
                             BagId next);
  // Both together. The caller gives up both references.
  [[nodiscard]] BagId unite(BagId left, BagId right);

  void retain(BagId bag) { ++references_[bag.value()]; }
  // Gives one reference back. Frees the cell, and all that only it needed.
  void release(BagId bag);
  // Cuts `next` off a cell: its runs are all dead.
  void cut_next(BagId bag);

  [[nodiscard]] const Cell& at(BagId bag) const { return cells_[bag.value()]; }
  [[nodiscard]] Ordinal ordinal(EventRef event) const { return ordinals_[event.value()]; }
  // Tells whether the bag holds a run that began above the floor.
  [[nodiscard]] bool is_live(BagId bag, Ordinal floor) const {
    return bag != kEmptyBag && ordinal_less(floor, at(bag).max_start);
  }

  // Gives back the memory of a peak, if no cell is in use.
  void trim();

  [[nodiscard]] std::size_t live_cells() const noexcept { return cells_.size() - free_.size(); }
  // The ids in use are all below this; for marks by id.
  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.capacity(); }

 private:
  [[nodiscard]] BagId make(const Cell& cell);
  [[nodiscard]] Ordinal latest(Ordinal start, BagId other) const;

  EventReferences& events_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> references_;
  std::vector<BagId> free_;
  std::vector<Ordinal> ordinals_;  // By event.
  std::vector<BagId> to_release_;  // Scratch.
};

}  // namespace lymer::nfa
