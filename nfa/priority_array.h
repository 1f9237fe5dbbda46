// A binary heap in a vector (any `Heap` here) whose array order is part of the contract.
//
// Which of several matches with the same first event a skip strategy keeps depends, in Flink, on
// the array order of java.util.PriorityQueue (JDK 9 and later). These functions move elements
// exactly as it does: offer sifts up past strictly greater parents; poll moves the last element to
// the top and sifts down, taking the right child only if the left one is strictly greater;
// remove_if keeps the survivors' order and heapifies from the middle.
#pragma once

#include <cstddef>
#include <utility>

namespace lymer::nfa {

// Adds an element. `less(a, b)` tells whether a goes before b.
template <typename Heap, typename Less>
void priority_offer(Heap& heap, typename Heap::value_type element, Less less) {
  heap.push_back(std::move(element));
  std::size_t child = heap.size() - 1;
  while (child > 0) {
    const std::size_t parent = (child - 1) / 2;
    if (!less(heap[child], heap[parent])) break;
    std::swap(heap[child], heap[parent]);
    child = parent;
  }
}

// Lets the element at `parent` sink to its place.
template <typename Heap, typename Less>
void priority_sift_down(Heap& heap, std::size_t parent, Less less) {
  const std::size_t size = heap.size();
  while (true) {
    std::size_t child = 2 * parent + 1;
    if (child >= size) return;
    if (child + 1 < size && less(heap[child + 1], heap[child])) ++child;
    if (!less(heap[child], heap[parent])) return;
    std::swap(heap[parent], heap[child]);
    parent = child;
  }
}

// Takes the first element out. Requires a non-empty heap.
template <typename Heap, typename Less>
typename Heap::value_type priority_poll(Heap& heap, Less less) {
  auto first = std::move(heap.front());
  auto last = std::move(heap.back());
  heap.pop_back();
  if (!heap.empty()) {
    heap.front() = std::move(last);
    priority_sift_down(heap, 0, less);
  }
  return first;
}

// Removes the elements for which `gone` holds; `gone` sees them in array order.
template <typename Heap, typename Less, typename Gone>
void priority_remove_if(Heap& heap, Less less, Gone gone) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < heap.size(); ++i) {
    if (gone(heap[i])) continue;
    if (kept != i) heap[kept] = std::move(heap[i]);
    ++kept;
  }
  if (kept == heap.size()) return;
  heap.resize(kept);
  for (std::size_t i = kept / 2; i-- > 0;) priority_sift_down(heap, i, less);
}

// Tells whether the elements stand as these functions leave them; for bytes that come back from
// disk.
template <typename Heap, typename Less>
[[nodiscard]] bool is_priority_array(const Heap& heap, Less less) {
  for (std::size_t child = 1; child < heap.size(); ++child) {
    if (less(heap[child], heap[(child - 1) / 2])) return false;
  }
  return true;
}

}  // namespace lymer::nfa
