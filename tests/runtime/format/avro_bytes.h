// An encoder for tests, after the specification and not after the decoder: pieces of Avro's binary
// encoding as strings, to be joined with `+`.
// Not here: what they mean (runtime/format/avro_decoder.h).
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace lymer::runtime::avro {

[[nodiscard]] inline std::string varint(std::uint64_t value) {
  std::string made;
  while (value >= 128) {
    made += static_cast<char>(value % 128 + 128);
    value /= 128;
  }
  return made + static_cast<char>(value);
}

// int, long, the branch of a union, the symbol of an enum, the items of a block.
[[nodiscard]] inline std::string number(std::int64_t value) {
  return varint(value < 0 ? static_cast<std::uint64_t>(-(value + 1)) * 2 + 1
                          : static_cast<std::uint64_t>(value) * 2);
}

[[nodiscard]] inline std::string text(std::string_view value) {
  return number(static_cast<std::int64_t>(value.size())) + std::string(value);
}

[[nodiscard]] inline std::string little_endian(std::uint64_t value, int size) {
  std::string made;
  for (int i = 0; i < size; ++i, value /= 256) made += static_cast<char>(value % 256);
  return made;
}

[[nodiscard]] inline std::string real(double value) {
  return little_endian(std::bit_cast<std::uint64_t>(value), 8);
}
[[nodiscard]] inline std::string real(float value) {
  return little_endian(std::bit_cast<std::uint32_t>(value), 4);
}

[[nodiscard]] inline std::string boolean(bool value) { return std::string(1, value ? 1 : 0); }

// A block that says its length, as writers of large arrays make it.
[[nodiscard]] inline std::string sized_block(std::int64_t count, const std::string& items) {
  return number(-count) + number(static_cast<std::int64_t>(items.size())) + items;
}

}  // namespace lymer::runtime::avro
