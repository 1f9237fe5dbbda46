// Reading runs out of bags: all of them, or the one that comes first.
//
// The order is that of the default dialect (nfa/tie_order.h): by first event, then the longest
// first, then the one whose events came earliest. Runs that began at or before `floor`, or after
// `ceiling`, are passed over; whole bags without another run are not entered.
// Not here: when a match may leave (nfa/merged_matcher.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "nfa/bag_marks.h"
#include "nfa/merged_buffer.h"
#include "nfa/shared_buffer.h"

namespace lymer::nfa {

// Runs as one list of events. Keeps its memory from use to use.
class PathList {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return paths_.size(); }
  [[nodiscard]] bool empty() const noexcept { return paths_.empty(); }
  [[nodiscard]] std::span<const PathEntry> operator[](std::size_t index) const {
    return std::span(entries_).subspan(paths_[index].first, paths_[index].length);
  }
  // Empties the list, which then takes `most` runs and leaves out what comes after.
  void clear(std::size_t most = std::numeric_limits<std::size_t>::max()) {
    entries_.clear();
    paths_.clear();
    most_ = most;
    is_cut_ = false;
  }
  [[nodiscard]] bool is_full() const noexcept { return paths_.size() >= most_; }
  // Some run was left out.
  [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }
  // Appends a run given first event first.
  void add(std::span<const PathEntry> entries);
  // The same, given last event first.
  void add_reversed(std::span<const PathEntry> entries);
  // Puts the runs into the order above.
  void sort();
  // Lists the places of the runs in that order, and leaves them where they are.
  [[nodiscard]] std::vector<std::size_t> order() const;

 private:
  struct Path {
    Ordinal start = 0;
    std::uint32_t first = 0;
    std::uint32_t length = 0;
  };
  [[nodiscard]] bool goes_before(const Path& left, const Path& right) const;
  void sort_by_start();

  std::vector<PathEntry> entries_;
  std::vector<Path> paths_;
  std::vector<Path> sorted_;  // Scratch, as the next.
  std::vector<std::uint64_t> keys_;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  bool is_cut_ = false;
};

class PathReader {
 public:
  // `buffer` must outlive the reader.
  explicit PathReader(const MergedBuffer& buffer) : buffer_(buffer) {}

  // Appends every run of the bag with floor < start <= ceiling, in no order worth naming.
  void read_all(BagId bag, Ordinal floor, Ordinal ceiling, PathList& out);

  // Finds the run that comes first of those that began above the floor; nothing if there is none.
  // The span is valid until the next call.
  [[nodiscard]] std::optional<std::span<const PathEntry>> read_first(BagId bag, Ordinal floor);

  // Gives the earliest start above the floor.
  [[nodiscard]] std::optional<Ordinal> earliest_start(BagId bag, Ordinal floor);

  // Counts the cells looked at so far; for the tests of cost.
  [[nodiscard]] std::uint64_t visited() const noexcept { return visited_; }

 private:
  // The first of a cell's runs: where it goes on, and by what it is compared.
  struct First {
    Ordinal start = 0;
    std::uint32_t length = 0;  // 0: no run above the floor.
    bool in_next = false;      // It is one of `next`, else of `previous` with the event.
  };
  struct Frame {
    BagId bag;
    std::uint32_t length = 0;
  };

  [[nodiscard]] bool is_asked(BagId bag, Ordinal floor, Ordinal ceiling) const {
    return buffer_.is_live(bag, floor) && !buffer_.is_after(bag, ceiling);
  }
  const First& find_first(BagId bag, Ordinal floor, Ordinal ceiling);
  [[nodiscard]] std::optional<Ordinal> earliest_in_forest(BagId bag, Ordinal floor);
  [[nodiscard]] First of_event(const Cell& cell, Ordinal floor, Ordinal ceiling) const;
  [[nodiscard]] bool next_goes_before(const Cell& cell, const First& own, const First& next);
  void follow(BagId bag, bool skip_next, std::vector<PathEntry>& out) const;
  [[nodiscard]] PathEntry entry(const Cell& cell) const {
    return {cell.stage, cell.event, buffer_.ordinal(cell.event)};
  }

  const MergedBuffer& buffer_;
  std::uint64_t visited_ = 0;
  std::vector<Frame> frames_;
  std::vector<PathEntry> path_;
  std::vector<PathEntry> other_path_;
  // What find_first() found, by bag; of use where it is marked.
  std::vector<First> firsts_;
  BagMarks marks_;
};

}  // namespace lymer::nfa
