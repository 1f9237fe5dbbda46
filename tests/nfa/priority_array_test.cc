// The array order of java.util.PriorityQueue: what OpenJDK 17 answered stands here as constants.
// Not here: why it matters (nfa/README.md, decision 2).
#include "nfa/priority_array.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

// Elements with one key are equal to the heap; the tag tells them apart.
struct Element {
  int key = 0;
  char tag = 0;
};
constexpr auto kLess = [](const Element& left, const Element& right) {
  return left.key < right.key;
};
using Heap = std::vector<Element>;

std::string as_text(const Heap& heap) {
  std::string line;
  for (const Element& each : heap) {
    if (!line.empty()) line += ' ';
    line += std::to_string(each.key) + each.tag;
  }
  return line;
}

Heap offered(const std::vector<int>& keys) {
  Heap heap;
  char tag = 'a';
  for (const int key : keys) priority_offer(heap, Element{key, tag++}, kLess);
  return heap;
}

TEST(PriorityArray, OfferDoesNotPassEqualParents) {
  EXPECT_EQ(as_text(offered({1, 1, 1, 1})), "1a 1b 1c 1d");
  EXPECT_EQ(as_text(offered({2, 1, 2, 1, 1, 2, 1, 3, 1, 2})), "1b 1d 1g 1i 1e 2f 2c 3h 2a 2j");
}

TEST(PriorityArray, PollPrefersTheLeftOfEqualChildren) {
  Heap heap = offered({2, 1, 2, 1, 1, 2, 1, 3, 1, 2});
  EXPECT_EQ(priority_poll(heap, kLess).tag, 'b');
  EXPECT_EQ(as_text(heap), "1d 1i 1g 2j 1e 2f 2c 3h 2a");
  EXPECT_EQ(priority_poll(heap, kLess).tag, 'd');
  EXPECT_EQ(as_text(heap), "1i 1e 1g 2j 2a 2f 2c 3h");
}

TEST(PriorityArray, PollOfTheOnlyElementLeavesNothing) {
  Heap heap = offered({5});
  EXPECT_EQ(priority_poll(heap, kLess).tag, 'a');
  EXPECT_TRUE(heap.empty());
}

TEST(PriorityArray, RemoveIfKeepsTheOrderOfTheRestAndHeapifies) {
  Heap heap = offered({2, 1, 2, 1, 1, 2, 1, 3, 1, 2});
  (void)priority_poll(heap, kLess);
  (void)priority_poll(heap, kLess);
  priority_remove_if(heap, kLess, [](const Element& e) { return e.tag == 'g' || e.tag == 'a'; });
  EXPECT_EQ(as_text(heap), "1i 1e 2j 2f 2c 3h");
  std::string drained;
  while (!heap.empty()) drained += priority_poll(heap, kLess).tag;
  EXPECT_EQ(drained, "iecfjh");
}

TEST(PriorityArray, RemoveIfWithoutVictimsChangesNothing) {
  Heap heap = offered({3, 1, 2});
  const std::string before = as_text(heap);
  priority_remove_if(heap, kLess, [](const Element&) { return false; });
  EXPECT_EQ(as_text(heap), before);
}

TEST(PriorityArray, TellsWhetherAnArrayIsInOrder) {
  EXPECT_TRUE(is_priority_array(Heap{}, kLess));
  EXPECT_TRUE(is_priority_array(Heap{{1, 'a'}, {1, 'b'}, {2, 'c'}}, kLess));
  EXPECT_FALSE(is_priority_array(Heap{{1, 'a'}, {2, 'b'}, {0, 'c'}}, kLess));
}

// 5,000 operations; after each the array goes into one FNV hash. The same loop in Java gave the
// three numbers at the end.
TEST(PriorityArray, AgreesWithJavaOverALongRun) {
  std::uint64_t random = 12345;
  const auto next = [&random](std::uint64_t limit) {
    random = (random * 1103515245U + 12345U) & 0x7fffffffU;
    return (random >> 8U) % limit;
  };
  std::uint64_t hash = 1469598103934665603U;
  const auto mix = [&hash](std::uint64_t value) {
    hash ^= value;
    hash *= 1099511628211U;
  };
  Heap heap;
  std::size_t visited = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t operation = next(10);
    const auto key = static_cast<int>(next(7));
    if (operation < 7) {
      priority_offer(heap, Element{key, static_cast<char>('A' + i % 26)}, kLess);
    } else if (operation < 9) {
      if (!heap.empty()) (void)priority_poll(heap, kLess);
    } else {
      priority_remove_if(heap, kLess,
                         [&](const Element& e) { return (e.key * 31 + e.tag) % 7 == key; });
    }
    ASSERT_TRUE(is_priority_array(heap, kLess));
    for (const Element& each : heap) mix(static_cast<std::uint64_t>(each.key * 256 + each.tag));
    visited += heap.size();
    mix(0xffff);
  }
  EXPECT_EQ(hash, 4641291719754509829U);
  EXPECT_EQ(visited, 188966U);
  EXPECT_EQ(heap.size(), 22U);
}

}  // namespace
}  // namespace lymer::nfa
