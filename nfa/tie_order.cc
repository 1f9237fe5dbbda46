// Sorting by start first, so that only runs with equal starts have their paths read, once each.
// Not here: which runs have finished (nfa/after_match.cc).
#include "nfa/tie_order.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace lymer::nfa {
namespace {

void sort_ties(std::span<Run> ties, const SharedBuffer& buffer) {
  std::vector<std::pair<std::vector<PathEntry>, Run>> paths(ties.size());
  for (std::size_t i = 0; i < ties.size(); ++i) {
    buffer.read_path(ties[i].node, paths[i].first);
    paths[i].second = ties[i];
  }
  std::ranges::sort(paths, [](const auto& left, const auto& right) {
    return goes_before(left.first, right.first);
  });
  for (std::size_t i = 0; i < ties.size(); ++i) ties[i] = paths[i].second;
}

}  // namespace

bool goes_before(const std::vector<PathEntry>& left, const std::vector<PathEntry>& right) {
  if (left.size() != right.size()) return left.size() > right.size();
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].ordinal != right[i].ordinal) return ordinal_less(left[i].ordinal, right[i].ordinal);
    if (left[i].stage != right[i].stage) return left[i].stage < right[i].stage;
  }
  return false;
}

void sort_canonically(Runs& runs, const SharedBuffer& buffer) {
  std::ranges::sort(runs, EarlierStart{});
  for (std::size_t begin = 0; begin < runs.size();) {
    std::size_t end = begin + 1;
    while (end < runs.size() && runs[end].start == runs[begin].start) ++end;
    if (end - begin > 1) sort_ties(std::span(runs).subspan(begin, end - begin), buffer);
    begin = end;
  }
}

}  // namespace lymer::nfa
