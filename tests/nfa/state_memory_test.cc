// Blocks are used again, slabs grow by doubling, and a peak is given back.
// Not here: that an event costs no allocation (tests/cep/allocation_test.cc).
#include "nfa/state_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

TEST(StateMemory, GivesABlockAgain) {
  StateMemory memory;
  void* const first = memory.take(100);
  EXPECT_EQ(memory.used_bytes(), 128U);
  memory.give_back(first, 100);
  EXPECT_EQ(memory.used_bytes(), 0U);
  EXPECT_EQ(memory.take(65), first) << "of the same size";
  EXPECT_NE(memory.take(65), first);
}

TEST(StateMemory, KeepsBlocksApart) {
  struct Held {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
    std::byte mark = {};
  };
  StateMemory memory;
  std::vector<Held> held;
  std::minstd_rand random(1);
  for (int i = 0; i < 5000; ++i) {
    if (held.size() > 100 || (!held.empty() && random() % 2 == 0)) {
      const std::size_t at = random() % held.size();
      const Held gone = held[at];
      held[at] = held.back();
      held.pop_back();
      for (std::size_t b = 0; b < gone.bytes; ++b) ASSERT_EQ(gone.memory[b], gone.mark);
      memory.give_back(gone.memory, gone.bytes);
      continue;
    }
    const std::size_t bytes = 1 + random() % (std::size_t{1} << random() % 14U);
    Held fresh{static_cast<std::byte*>(memory.take(bytes)), bytes,
               static_cast<std::byte>(random() % 256)};
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(fresh.memory) % 16, 0U);
    std::memset(fresh.memory, std::to_integer<int>(fresh.mark), bytes);
    held.push_back(fresh);
  }
  for (const Held& each : held) memory.give_back(each.memory, each.bytes);
  EXPECT_EQ(memory.used_bytes(), 0U);
}

TEST(StateMemory, CutsSmallBlocksOutOfLargeOnes) {
  StateMemory memory;
  const std::size_t large = std::size_t{1} << 20U;
  memory.give_back(memory.take(large), large);
  const std::size_t held = memory.held_bytes();
  std::vector<void*> small;
  for (std::size_t i = 0; i < large / 64; ++i) small.push_back(memory.take(64));
  EXPECT_EQ(memory.held_bytes(), held);
  for (void* each : small) memory.give_back(each, 64);
}

TEST(StateMemory, GivesBackAPeakOnceNothingIsInUse) {
  StateMemory memory;
  const std::size_t large = std::size_t{1} << 20U;
  void* const block = memory.take(large);
  memory.trim();
  EXPECT_GE(memory.held_bytes(), large);
  memory.give_back(block, large);
  memory.trim();
  EXPECT_EQ(memory.held_bytes(), 0U);
  memory.give_back(memory.take(16), 16);
}

TEST(StateMemory, AVectorKeepsItsMemoryWhenAssignedTo) {
  StateMemory memory;
  StateVector<int> list{StateAllocator<int>(&memory)};
  list.push_back(1);
  EXPECT_EQ(memory.used_bytes(), 16U);
  list = StateVector<int>{2, 3};
  list.push_back(4);
  EXPECT_EQ(list.get_allocator().memory(), &memory);
  StateVector<int> other;
  other.swap(list);
  EXPECT_EQ(other.get_allocator().memory(), &memory);
  EXPECT_EQ(list.get_allocator().memory(), nullptr) << "the heap";
}

}  // namespace
}  // namespace lymer::nfa
