// The global allocation functions, replaced by ones that count.
// Not here: the other forms of operator new, which come down to these.
#include "tests/cep/counted_memory.h"

#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {
std::size_t bytes = 0;
std::size_t calls = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  bytes += malloc_usable_size(memory);
  ++calls;
  return memory;
}
// What std::stable_sort asks for, and gives back by the plain operator delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory != nullptr) bytes -= malloc_usable_size(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace lymer::cep {

std::size_t bytes_in_use() { return bytes; }
std::size_t allocations() { return calls; }

}  // namespace lymer::cep
