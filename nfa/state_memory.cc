// Size classes with a free list each, and what is left of a slab.
// Not here: who needs memory (nfa/run_state.h, nfa/merged_state.h).
#include "nfa/state_memory.h"

#include <algorithm>
#include <bit>

#include "runtime/base/check.h"

namespace lymer::nfa {
namespace {

constexpr std::size_t kLeastSlab = std::size_t{16} << 10U;

}  // namespace

std::size_t StateMemory::class_of(std::size_t bytes) {
  const auto width = static_cast<std::size_t>(std::bit_width(bytes - (bytes > 0 ? 1 : 0)));
  return width <= kLeastShift ? 0 : width - kLeastShift;
}

void* StateMemory::take(std::size_t bytes) {
  const std::size_t wanted = class_of(bytes);
  LYMER_CHECK_LT(wanted, kClasses);
  const std::size_t size = size_of(wanted);
  used_ += size;
  if (free_[wanted] == nullptr && left_ < size && !split_larger(wanted)) add_slab(size);
  if (Block* const block = free_[wanted]) {
    free_[wanted] = block->next;
    return block;
  }
  void* const memory = at_;
  at_ += size;
  left_ -= size;
  return memory;
}

void StateMemory::give_back(void* memory, std::size_t bytes) {
  const std::size_t block_class = class_of(bytes);
  used_ -= size_of(block_class);
  put(memory, block_class);
}

void StateMemory::put(void* memory, std::size_t block_class) {
  free_[block_class] = std::construct_at(static_cast<Block*>(memory), Block{free_[block_class]});
}

// Makes a free block out of the next larger one that is free.
bool StateMemory::split_larger(std::size_t block_class) {
  std::size_t larger = block_class + 1;
  while (larger < kClasses && free_[larger] == nullptr) ++larger;
  if (larger >= kClasses) return false;
  Block* const block = free_[larger];
  free_[larger] = block->next;
  auto* const bytes = reinterpret_cast<std::byte*>(block);
  // The upper halves, down to the size that is wanted, and the lower one of the last.
  while (larger-- > block_class) put(bytes + size_of(larger), larger);
  put(bytes, block_class);
  return true;
}

void StateMemory::add_slab(std::size_t bytes) {
  keep_rest();
  const std::size_t size = std::max({bytes, held_, kLeastSlab});
  slabs_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
  at_ = slabs_.back().get();
  left_ = size;
  held_ += size;
}

// What the last slab has left is too small for what is wanted, but not for all.
void StateMemory::keep_rest() {
  while (left_ >= size_of(0)) {
    const std::size_t size = std::bit_floor(left_);
    put(at_, class_of(size));
    at_ += size;
    left_ -= size;
  }
}

void StateMemory::trim() {
  if (used_ > 0 || held_ <= kLeastSlab) return;
  slabs_.clear();
  free_ = {};
  at_ = nullptr;
  left_ = held_ = 0;
}

}  // namespace lymer::nfa
