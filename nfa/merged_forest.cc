// Lists of trees that grow as binary numbers do: two of one weight become one of twice the weight.
//
// A list is a cell without an event too: `previous` is its first tree, the lightest, and `next` the
// rest. What joins a bag costs a cell or two, now and then more, on average.
// Not here: cells as such (nfa/merged_buffer.cc).
#include "nfa/merged_buffer.h"
#include "runtime/base/check.h"

namespace lymer::nfa {

Ordinal MergedBuffer::earliest(Ordinal start, BagId other) const {
  if (other == kEmptyBag) return start;
  const Ordinal theirs = min_start(other);
  return ordinal_less(theirs, start) ? theirs : start;
}

// Two bags in one cell: a tree of this weight, or for 0 a list.
BagId MergedBuffer::join(BagId newer, BagId older, std::uint32_t weight) {
  Cell cell;
  cell.previous = newer;
  cell.next = older;
  cell.max_start = latest(at(newer).max_start, older);
  const BagId made = make(cell);
  if (is_forest_) trees_[made.value()] = {earliest(min_start(newer), older), weight};
  return made;
}

// Takes the first tree off a list, or the only one.
BagId MergedBuffer::split_first(BagId& bag) {
  const BagId whole = bag;
  if (!is_list(whole)) {
    bag = kEmptyBag;
    return whole;
  }
  const BagId first = at(whole).previous;
  bag = at(whole).next;
  retain(first);
  if (bag != kEmptyBag) retain(bag);  // It may have been cut off with its dead.
  release(whole);
  return first;
}

BagId MergedBuffer::push(BagId tree, BagId bag) {
  const auto weight = [this](BagId of) { return trees_[of.value()].weight; };
  while (bag != kEmptyBag) {
    const BagId first = is_list(bag) ? at(bag).previous : bag;
    if (weight(first) > weight(tree)) return join(tree, bag, 0);
    const std::uint32_t both = weight(tree) + weight(first);
    tree = join(tree, split_first(bag), both);
  }
  return tree;
}

BagId MergedBuffer::unite(BagId left, BagId right) {
  if (left == kEmptyBag) return right;
  if (right == kEmptyBag) return left;
  if (!is_forest_) return join(left, right, 0);
  split_.clear();
  while (left != kEmptyBag) split_.push_back(split_first(left));
  // The heaviest first.
  for (; !split_.empty(); split_.pop_back()) right = push(split_.back(), right);
  return right;
}

}  // namespace lymer::nfa
