// Hashes of hashes.
// Not here: which operator makes what.
#include "runtime/derived_id.h"

#include <array>
#include <bit>
#include <cstring>

#include "runtime/base/byte_codec.h"
#include "runtime/base/hash.h"

namespace lymer::runtime {
namespace {

static_assert(std::endian::native == std::endian::little);

template <typename Number>
void put(std::span<std::byte> bytes, std::size_t place, Number number) {
  std::memcpy(bytes.subspan(place, sizeof(number)).data(), &number, sizeof(number));
}

}  // namespace

std::uint64_t cause_of(const EventId& event) noexcept {
  std::array<std::byte, sizeof(std::uint32_t) + sizeof(std::uint64_t)> bytes{};
  put(bytes, 0, event.split.value());
  put(bytes, sizeof(std::uint32_t), event.offset);
  return hash64(bytes);
}

std::uint64_t cause_of(const EventId& event, std::uint64_t key_hash, std::size_t input) noexcept {
  std::array<std::byte, 3 * sizeof(std::uint64_t)> bytes{};
  put(bytes, 0, cause_of(event));
  put(bytes, sizeof(key_hash), key_hash);
  put(bytes, 2 * sizeof(key_hash), static_cast<std::uint64_t>(input));
  return hash64(bytes);
}

std::uint64_t cause_of(std::uint64_t key_hash, std::span<const std::byte> name_space,
                       EventTime time) noexcept {
  std::array<std::byte, 64> bytes{};
  constexpr std::size_t kHead = 2 * sizeof(std::uint64_t) + sizeof(std::uint32_t);
  if (kHead + name_space.size() <= bytes.size()) {
    put(bytes, 0, key_hash);
    put(bytes, sizeof(key_hash), time.to_millis());
    put(bytes, 2 * sizeof(key_hash), static_cast<std::uint32_t>(name_space.size()));
    if (!name_space.empty())
      std::memcpy(bytes.data() + kHead, name_space.data(), name_space.size());
    return hash64(std::span(bytes).first(kHead + name_space.size()));
  }
  ByteWriter writer;
  writer.put_u64(key_hash);
  writer.put_time(time);
  writer.put_bytes(name_space);
  return hash64(writer.bytes());
}

EventId derived_id(std::uint64_t cause, std::uint64_t ordinal) noexcept {
  std::array<std::byte, 2 * sizeof(std::uint64_t)> bytes{};
  put(bytes, 0, cause);
  put(bytes, sizeof(cause), ordinal);
  return {kDerivedSplit, hash64(bytes)};
}

}  // namespace lymer::runtime
