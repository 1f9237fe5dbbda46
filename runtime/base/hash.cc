// XXH3 behind our two names. Nothing else includes xxhash, so its version is decided here.
// Not here: which bytes make a key (runtime/key_group.h).
#include "runtime/base/hash.h"

// The build defines XXH_INLINE_ALL for this file: short keys cost no call into a library.
#include <xxhash.h>

namespace lymer {

std::uint64_t hash64(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::array<std::uint64_t, 2> hash128(std::span<const std::byte> bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace lymer
