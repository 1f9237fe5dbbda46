// What this test program has asked the heap for, counted by replacing the global allocation
// functions. Not here: what is allowed (tests/cep/memory_test.cc, tests/cep/allocation_test.cc).
#pragma once

#include <cstddef>

namespace lymer::cep {

// In use now.
[[nodiscard]] std::size_t bytes_in_use();
// Calls of operator new so far.
[[nodiscard]] std::size_t allocations();

}  // namespace lymer::cep
