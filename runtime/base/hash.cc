// XXH3 behind our two names. Nothing else includes xxhash, so its version is decided here.
// Not here: which bytes make a key (runtime/key_group.h).
#include "runtime/base/hash.h"

// The build defines XXH_INLINE_ALL for this file: short keys cost no call into a library.
#include <xxhash.h>

namespace lymer {

std::uint64_t hash64(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// Nine bytes written one after the other and read as two words that overlap would wait for the
// writes; so this takes the steps of XXH3 for that length (XXH3_len_9to16_64b) on registers.
std::uint64_t hash64(std::byte first, std::uint64_t word) noexcept {
  constexpr std::uint64_t kLength = 9;
  const std::uint64_t low = (word << 8U) | std::to_integer<std::uint64_t>(first);
  const auto secret = [](int at) { return XXH_readLE64(XXH3_kSecret + at); };
  const std::uint64_t mixed_low = low ^ secret(24) ^ secret(32);
  const std::uint64_t mixed_high = word ^ secret(40) ^ secret(48);
  return XXH3_avalanche(kLength + XXH_swap64(mixed_low) + mixed_high +
                        XXH3_mul128_fold64(mixed_low, mixed_high));
}

std::array<std::uint64_t, 2> hash128(std::span<const std::byte> bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace lymer
