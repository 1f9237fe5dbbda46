// Lists without repetitions, in order: what sets of dense numbers are kept as where they are read
// far more often than changed.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

namespace lymer {

// Puts the elements in order and drops those that are equal to one before.
template <typename T, typename Before = std::less<T>>
void sort_and_unite(std::vector<T>& elements, Before before = {}) {
  std::sort(elements.begin(), elements.end(), before);
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
}

}  // namespace lymer
