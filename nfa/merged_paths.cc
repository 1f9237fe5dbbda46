// Depth first, with stacks of our own: chains are long and may not end on the machine's stack.
// Not here: cells (nfa/merged_buffer.h).
#include "nfa/merged_paths.h"

#include <algorithm>
#include <numeric>

namespace lymer::nfa {

void PathList::add(std::span<const PathEntry> entries) {
  is_cut_ = is_cut_ || is_full();
  if (is_cut_) return;
  paths_.push_back({.start = entries.front().ordinal,
                    .first = static_cast<std::uint32_t>(entries_.size()),
                    .length = static_cast<std::uint32_t>(entries.size())});
  entries_.insert(entries_.end(), entries.begin(), entries.end());
}

void PathList::add_reversed(std::span<const PathEntry> entries) {
  is_cut_ = is_cut_ || is_full();
  if (is_cut_) return;
  paths_.push_back({.start = entries.back().ordinal,
                    .first = static_cast<std::uint32_t>(entries_.size()),
                    .length = static_cast<std::uint32_t>(entries.size())});
  entries_.insert(entries_.end(), entries.rbegin(), entries.rend());
}

bool PathList::goes_before(const Path& left, const Path& right) const {
  if (left.start != right.start) return ordinal_less(left.start, right.start);
  if (left.length != right.length) return left.length > right.length;
  for (std::uint32_t i = 0; i < left.length; ++i) {
    const PathEntry& mine = entries_[left.first + i];
    const PathEntry& theirs = entries_[right.first + i];
    if (mine.ordinal != theirs.ordinal) return ordinal_less(mine.ordinal, theirs.ordinal);
    if (mine.stage != theirs.stage) return mine.stage < theirs.stage;
  }
  return false;
}

// By one number for each: the distance of its start, then the latest found first.
void PathList::sort_by_start() {
  const Ordinal base = paths_.front().start - (Ordinal{1} << 31U);
  keys_.clear();
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    keys_.push_back((std::uint64_t{static_cast<Ordinal>(paths_[i].start - base)} << 32U) | ~i);
  }
  std::ranges::sort(keys_);
  sorted_.clear();
  for (const std::uint64_t key : keys_) {
    sorted_.push_back(paths_[~static_cast<std::uint32_t>(key)]);
  }
  paths_.swap(sorted_);
}

// By start first, which is cheap; then, among equal starts, by what is left to compare. The reader
// finds later events first, so the other way round a start's runs mostly are in order.
void PathList::sort() {
  if (paths_.size() < 2) return;
  sort_by_start();
  const auto before = [this](const Path& left, const Path& right) {
    return goes_before(left, right);
  };
  for (auto first = paths_.begin(); first != paths_.end();) {
    const auto last = std::find_if(first, paths_.end(),
                                   [&](const Path& each) { return each.start != first->start; });
    if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
    first = last;
  }
}

std::vector<std::size_t> PathList::order() const {
  std::vector<std::size_t> places(paths_.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, [this](std::size_t left, std::size_t right) {
    return goes_before(paths_[left], paths_[right]);
  });
  return places;
}

void PathReader::read_all(BagId bag, Ordinal floor, Ordinal ceiling, PathList& out) {
  if (!is_asked(bag, floor, ceiling)) return;
  path_.clear();
  frames_.assign(1, Frame{bag, 0});
  while (!frames_.empty() && !out.is_cut()) {
    BagId current = frames_.back().bag;
    path_.resize(frames_.back().length);
    frames_.pop_back();
    while (is_asked(current, floor, ceiling)) {
      ++visited_;
      const Cell& cell = buffer_.at(current);
      if (is_asked(cell.next, floor, ceiling)) {
        frames_.push_back({cell.next, static_cast<std::uint32_t>(path_.size())});
      }
      if (cell.has_event) path_.push_back(entry(cell));
      if (cell.is_start()) {
        const Ordinal start = path_.back().ordinal;
        if (ordinal_less(floor, start) && !ordinal_less(ceiling, start)) out.add_reversed(path_);
        break;
      }
      current = cell.previous;
    }
  }
}

// Appends the run that comes first, last event first. `skip_next`: of the cell itself only.
void PathReader::follow(BagId bag, bool skip_next, std::vector<PathEntry>& out) const {
  while (bag != kEmptyBag) {
    const Cell& cell = buffer_.at(bag);
    if (!skip_next && firsts_[bag.value()].in_next) {
      bag = cell.next;
      continue;
    }
    skip_next = false;
    if (cell.has_event) out.push_back(entry(cell));
    bag = cell.previous;
  }
}

// The first run among those that take the cell's own event (or of the left of two bags).
PathReader::First PathReader::of_event(const Cell& cell, Ordinal floor, Ordinal ceiling) const {
  if (cell.is_start()) {
    const Ordinal start = buffer_.ordinal(cell.event);
    return {.start = start, .length = ordinal_less(floor, start) ? 1U : 0U};
  }
  if (!is_asked(cell.previous, floor, ceiling)) return {};
  First first = firsts_[cell.previous.value()];
  first.in_next = false;
  if (first.length > 0 && cell.has_event) ++first.length;
  return first;
}

bool PathReader::next_goes_before(const Cell& cell, const First& own, const First& next) {
  if (own.start != next.start) return ordinal_less(next.start, own.start);
  if (own.length != next.length) return next.length > own.length;
  path_.clear();
  other_path_.clear();
  if (cell.has_event) path_.push_back(entry(cell));
  if (!cell.is_start()) follow(cell.previous, false, path_);
  follow(cell.next, false, other_path_);
  for (std::size_t i = path_.size(); i-- > 0;) {
    if (path_[i].ordinal != other_path_[i].ordinal) {
      return ordinal_less(other_path_[i].ordinal, path_[i].ordinal);
    }
    if (path_[i].stage != other_path_[i].stage) return other_path_[i].stage < path_[i].stage;
  }
  return false;
}

// A cell is finished once both its bags are; it stays on the stack until then.
const PathReader::First& PathReader::find_first(BagId bag, Ordinal floor, Ordinal ceiling) {
  frames_.assign(1, Frame{bag, 0});
  while (!frames_.empty()) {
    const BagId current = frames_.back().bag;
    const Cell& cell = buffer_.at(current);
    if (marks_.has(current)) {
      frames_.pop_back();
      continue;
    }
    const bool needs_previous =
        is_asked(cell.previous, floor, ceiling) && !marks_.has(cell.previous);
    const bool needs_next = is_asked(cell.next, floor, ceiling) && !marks_.has(cell.next);
    if (needs_previous) frames_.push_back({cell.previous, 0});
    if (needs_next) frames_.push_back({cell.next, 0});
    if (needs_previous || needs_next) continue;
    ++visited_;
    First first = of_event(cell, floor, ceiling);
    if (is_asked(cell.next, floor, ceiling)) {
      const First& next = firsts_[cell.next.value()];
      if (next.length > 0 && (first.length == 0 || next_goes_before(cell, first, next))) {
        first = next;
        first.in_next = true;
      }
    }
    firsts_[current.value()] = first;
    marks_.set(current);
    frames_.pop_back();
  }
  return firsts_[bag.value()];
}

std::optional<std::span<const PathEntry>> PathReader::read_first(BagId bag, Ordinal floor) {
  if (!buffer_.is_live(bag, floor)) return std::nullopt;
  Ordinal ceiling = buffer_.at(bag).max_start;
  if (buffer_.is_forest()) {
    const auto start = earliest_in_forest(bag, floor);
    if (!start) return std::nullopt;
    ceiling = *start;
  }
  marks_.begin(buffer_.capacity());
  firsts_.resize(buffer_.capacity());
  if (find_first(bag, floor, ceiling).length == 0) return std::nullopt;
  path_.clear();
  follow(bag, false, path_);
  std::ranges::reverse(path_);
  return path_;
}

// Enters only what has dead runs beside live ones, or may have an earlier one than is known.
std::optional<Ordinal> PathReader::earliest_in_forest(BagId bag, Ordinal floor) {
  std::optional<Ordinal> earliest;
  marks_.begin(buffer_.capacity());
  frames_.assign(1, Frame{bag, 0});
  while (!frames_.empty()) {
    const BagId current = frames_.back().bag;
    frames_.pop_back();
    if (!buffer_.is_live(current, floor) || marks_.has(current)) continue;
    const Ordinal start = buffer_.min_start(current);
    if (earliest && !ordinal_less(start, *earliest)) continue;
    marks_.set(current);
    ++visited_;
    const Cell& cell = buffer_.at(current);
    if (ordinal_less(floor, start)) {
      earliest = start;
      continue;
    }
    frames_.push_back({cell.previous, 0});
    frames_.push_back({cell.next, 0});
  }
  return earliest;
}

std::optional<Ordinal> PathReader::earliest_start(BagId bag, Ordinal floor) {
  if (!buffer_.is_live(bag, floor)) return std::nullopt;
  if (buffer_.is_forest()) return earliest_in_forest(bag, floor);
  marks_.begin(buffer_.capacity());
  firsts_.resize(buffer_.capacity());
  const First& first = find_first(bag, floor, buffer_.at(bag).max_start);
  if (first.length == 0) return std::nullopt;
  return first.start;
}

}  // namespace lymer::nfa
