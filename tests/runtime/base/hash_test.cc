// Vectors that pin the hashes down for ever. They were made with libxxhash 0.8.1; those of lengths
// 0, 1 and 3 are also found in print. Never change one to make a build pass: state on disk depends
// on them.
// Not here: key groups.
#include "runtime/base/hash.h"

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lymer {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string upto(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

struct Vector {
  std::size_t length;  // Of the text "abc...zabc...".
  std::uint64_t hash64;
  std::uint64_t high;
  std::uint64_t low;
};

// One for each code path of XXH3: by length 0, 1-3, 4-8, 9-16, 17-128, 129-240 and above.
constexpr Vector kVectors[] = {
    {0, 0x2d06800538d394c2, 0x99aa06d3014798d8, 0x6001c324468d497f},
    {1, 0xe6c632b61e964e1f, 0xa96faf705af16834, 0xe6c632b61e964e1f},
    {3, 0x78af5f94892f3950, 0x06b05ab6733a6185, 0x78af5f94892f3950},
    {4, 0x6497a96f53a89890, 0x8d6b60383dfa90c2, 0x1be79eecd1b1353d},
    {8, 0x6f45a76842a96483, 0xdac23237af373533, 0x42b702b313880f12},
    {9, 0xe0dde4fc174590a0, 0xb43ff5bc5ff2e0ad, 0xc0646b2d7986db98},
    {16, 0x3d3ccac9af14d8a8, 0x1f58fc809b1b8c4b, 0x3e8e153ff12f6330},
    {17, 0xca7f3571df47cacf, 0x11078c38a5ca3a8d, 0xc3acc9940596efab},
    {128, 0x3e99edc6c76f21c6, 0xa87f157ac617df25, 0x4c5499b1fc6dae1e},
    {129, 0x852cb20608c9d2c7, 0x8ebb4a9854af5bc4, 0x1ac468f67a442b6a},
    {240, 0xea0e0f78188232ed, 0xee81fc0343b09d30, 0x79750202eaee16bc},
    {241, 0xbb0a906af5b5c211, 0x4c1a7e587365bd1e, 0xbb0a906af5b5c211},
    {1024, 0x5e6a406e127165a8, 0xa0e8f48f4e7973c4, 0x5e6a406e127165a8},
    {5000, 0xeb0f5845c1ec4cc2, 0x0acf3f2690e48fad, 0xeb0f5845c1ec4cc2},
};

TEST(Hash, GivesTheFixedVectors) {
  for (const Vector& vector : kVectors) {
    const std::string text = upto(vector.length);
    EXPECT_EQ(hash64(bytes(text)), vector.hash64) << vector.length;
    EXPECT_EQ(hash128(bytes(text))[0], vector.high) << vector.length;
    EXPECT_EQ(hash128(bytes(text))[1], vector.low) << vector.length;
  }
}

TEST(Hash, DoesNotCareWhereTheBytesLie) {
  const std::string text = upto(100);
  for (std::size_t shift = 1; shift < 16; ++shift) {
    const std::string shifted = std::string(shift, '-') + text;
    EXPECT_EQ(hash64(bytes(std::string_view(shifted).substr(shift))), hash64(bytes(text)));
  }
}

TEST(Hash64, OfAByteAndAWordIsThatOfTheirBytes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto first = static_cast<std::byte>(random());
    const std::uint64_t word = i == 0 ? 0 : random();
    std::array<std::byte, 9> together{first};
    std::memcpy(together.data() + 1, &word, sizeof(word));
    ASSERT_EQ(hash64(first, word), hash64(together)) << word;
  }
}

}  // namespace
}  // namespace lymer
