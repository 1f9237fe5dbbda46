// The hashes that reach formats: XXH3 with a fixed seed, frozen for ever.
//
// Key groups, match ids and checksums are made from these, so a change would orphan state that is
// already on disk. tests/runtime/base/hash_test.cc holds test vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lymer {

// Hashes bytes to 64 bits (XXH3, seed 0).
[[nodiscard]] std::uint64_t hash64(std::span<const std::byte> bytes) noexcept;

// The hash64() of nine bytes, a byte and a word (its low byte first), which never go through
// memory.
[[nodiscard]] std::uint64_t hash64(std::byte first, std::uint64_t word) noexcept;

// Hashes bytes to 128 bits (XXH3, seed 0), high half first.
[[nodiscard]] std::array<std::uint64_t, 2> hash128(std::span<const std::byte> bytes) noexcept;

}  // namespace lymer
