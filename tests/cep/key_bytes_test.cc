// Short keys inside, long ones apart; both move.
// Not here: what the bytes mean (tests/runtime/key_group_test.cc).
#include "cep/key_bytes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::cep {
namespace {

TEST(KeyBytes, KeepsKeysOfAllLengths) {
  for (std::size_t length = 0; length < 600; ++length) {
    std::vector<std::byte> key(length);
    for (std::size_t i = 0; i < length; ++i) key[i] = static_cast<std::byte>(i + length);
    KeyBytes kept{key};
    EXPECT_TRUE(std::ranges::equal(kept.get(), key)) << length;
    const KeyBytes moved = std::move(kept);
    EXPECT_TRUE(std::ranges::equal(moved.get(), key)) << length;
  }
}

TEST(KeyBytes, ChangesPlaces) {
  const std::vector<std::byte> small(3, std::byte{1});
  const std::vector<std::byte> large(300, std::byte{2});
  KeyBytes one{small};
  KeyBytes other{large};
  one = std::move(other);
  EXPECT_TRUE(std::ranges::equal(one.get(), large));
  one = {};
  EXPECT_TRUE(one.get().empty());
}

}  // namespace
}  // namespace lymer::cep
