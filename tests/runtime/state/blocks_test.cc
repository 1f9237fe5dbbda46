// Numbered things that stay where they are.
// Not here: tables (tests/runtime/state/keyed_table_test.cc).
#include "runtime/state/blocks.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

TEST(Blocks, KeepsAllWhereItIs) {
  constexpr std::size_t kThings = 5000;
  Blocks<std::size_t> blocks;
  std::vector<const std::size_t*> places;
  for (std::size_t number = 0; number < kThings; ++number) {
    blocks.add();
    EXPECT_EQ(blocks[number], 0U);
    blocks[number] = number;
    places.push_back(&blocks[number]);
  }
  EXPECT_EQ(blocks.size(), kThings);
  const Blocks<std::size_t>& same = blocks;
  for (std::size_t number = 0; number < kThings; ++number) {
    EXPECT_EQ(same[number], number);
    EXPECT_EQ(&same[number], places[number]);
  }
}

TEST(Blocks, BeginsAnew) {
  Blocks<int> blocks;
  for (int i = 0; i < 100; ++i) blocks.add();
  blocks[99] = 1;
  blocks.clear();
  EXPECT_EQ(blocks.size(), 0U);
  for (int i = 0; i < 100; ++i) blocks.add();
  EXPECT_EQ(blocks[99], 0);
}

}  // namespace
}  // namespace lymer::runtime
