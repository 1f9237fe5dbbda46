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
// A bag grows in one of two shapes. In a chain a cell's `next` is the bag as it was, which costs
// one cell a time; but what began first lies at the end. A forest is a list of trees of such cells,
// the newest and smallest first, each at least as heavy as all before it: the runs that began
// first, or in some span, are found in a number of cells that grows with the logarithm of the bag.
// It is for rules that ask for those: whose windows tell what they end, or that go on with the next
// start. Not here: reading runs out of bags (nfa/merged_paths.h).
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

enum class BagShape : std::uint8_t { kChain, kForest };

class MergedBuffer {
 public:
  // `events` must outlive the buffer; it counts one reference for each cell with an event.
  explicit MergedBuffer(EventReferences& events, BagShape shape = BagShape::kChain)
      : events_(events), is_forest_(shape == BagShape::kForest) {}
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
  // A cell just as it was (one without an event: both bags together); for snapshots. `is_list`
  // tells of a cell without an event that it was no tree. The caller gives up the reference of
  // `next`, and that of `previous` if there is no event.
  [[nodiscard]] BagId rebuild(const Cell& cell, Ordinal ordinal, bool is_list);

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

  // Tells whether all its runs began after `ceiling`; false where that is not known, as in chains.
  [[nodiscard]] bool is_after(BagId bag, Ordinal ceiling) const {
    return is_forest_ && ordinal_less(ceiling, trees_[bag.value()].min_start);
  }
  [[nodiscard]] bool is_forest() const noexcept { return is_forest_; }
  // The earliest start ever in it, dead or not. Of forests.
  [[nodiscard]] Ordinal min_start(BagId bag) const { return trees_[bag.value()].min_start; }
  // Tells of a cell without an event whether it is a list of trees. Of forests.
  [[nodiscard]] bool is_list(BagId bag) const {
    return is_forest_ && trees_[bag.value()].weight == 0;
  }

  // Gives back the memory of a peak, if no cell is in use.
  void trim();

  [[nodiscard]] std::size_t live_cells() const noexcept { return cells_.size() - free_.size(); }
  // The ids in use are all below this; for marks by id.
  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.capacity(); }

 private:
  // What only forests need to know of a cell.
  struct Tree {
    Ordinal min_start = 0;
    std::uint32_t weight = 1;  // Cells with an event in the tree; 0 for a list of trees.
  };

  [[nodiscard]] BagId make(const Cell& cell);
  [[nodiscard]] BagId make_leaf(Cell cell, Ordinal ordinal, BagId next);
  [[nodiscard]] Ordinal latest(Ordinal start, BagId other) const;
  [[nodiscard]] Ordinal earliest(Ordinal start, BagId other) const;
  [[nodiscard]] BagId join(BagId newer, BagId older, std::uint32_t weight);
  [[nodiscard]] BagId split_first(BagId& bag);
  [[nodiscard]] BagId push(BagId tree, BagId bag);

  EventReferences& events_;
  const bool is_forest_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> references_;
  std::vector<BagId> free_;
  std::vector<Ordinal> ordinals_;  // By event.
  std::vector<Tree> trees_;        // By cell; of forests.
  std::vector<BagId> split_;       // Scratch, as the next.
  std::vector<BagId> to_release_;
};

}  // namespace lymer::nfa
