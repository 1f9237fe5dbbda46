// The memory of the partial matches of all keys: blocks that are used again.
//
// A key's lists grow and shrink all the time. If each kept what it once needed, some list would
// reach a length that it never had, and ask the heap, for as long as the stream lasts. Here what
// one key gives back the next one takes: what is asked for follows what all keys hold together,
// which soon hardly changes. Blocks are powers of two, cut from slabs of which each is as large as
// all before it, so the heap is asked as often as what is held doubles. Not here: nodes, cells and
// events, which are slabs of their own (nfa/merged_buffer.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace lymer::nfa {

class StateMemory {
 public:
  StateMemory() = default;
  StateMemory(const StateMemory&) = delete;
  StateMemory& operator=(const StateMemory&) = delete;
  StateMemory(StateMemory&&) = delete;
  StateMemory& operator=(StateMemory&&) = delete;
  ~StateMemory() = default;

  // Aligned for everything that has no wishes of its own.
  [[nodiscard]] void* take(std::size_t bytes);
  // With the same number of bytes.
  void give_back(void* memory, std::size_t bytes);

  // Gives the memory of a peak back to the heap, if nothing is in use.
  void trim();

  // Of blocks, in use; and of slabs, in use or not.
  [[nodiscard]] std::size_t used_bytes() const noexcept { return used_; }
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_; }

 private:
  struct Block {
    Block* next = nullptr;
  };
  static constexpr std::size_t kLeastShift = 4;
  static constexpr std::size_t kClasses = 44;

  [[nodiscard]] static std::size_t class_of(std::size_t bytes);
  [[nodiscard]] static std::size_t size_of(std::size_t block_class) {
    return std::size_t{1} << (block_class + kLeastShift);
  }
  void put(void* memory, std::size_t block_class);
  [[nodiscard]] bool split_larger(std::size_t block_class);
  void add_slab(std::size_t bytes);
  void keep_rest();

  std::array<Block*, kClasses> free_ = {};
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::byte* at_ = nullptr;  // What is left of the last slab.
  std::size_t left_ = 0;
  std::size_t used_ = 0;
  std::size_t held_ = 0;
};

// For vectors. One without a memory uses the heap; one that is assigned to keeps its own.
template <typename T>
class StateAllocator {
 public:
  using value_type = T;
  // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
  using propagate_on_container_swap = std::true_type;

  StateAllocator() = default;
  explicit StateAllocator(StateMemory* memory) : memory_(memory) {}
  template <typename Other>
  explicit StateAllocator(const StateAllocator<Other>& other) : memory_(other.memory()) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (memory_ == nullptr) return std::allocator<T>().allocate(count);
    return static_cast<T*>(memory_->take(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) {
    if (memory_ == nullptr) {
      std::allocator<T>().deallocate(memory, count);
    } else {
      memory_->give_back(memory, count * sizeof(T));
    }
  }
  [[nodiscard]] StateMemory* memory() const noexcept { return memory_; }
  friend bool operator==(const StateAllocator&, const StateAllocator&) = default;

 private:
  StateMemory* memory_ = nullptr;
};

template <typename T>
using StateVector = std::vector<T, StateAllocator<T>>;

}  // namespace lymer::nfa
