// Few bytes inside, many apart; both move, change and grow.
// Not here: what the bytes mean (tests/runtime/key_group_test.cc).
#include "runtime/base/byte_string.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lymer {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::size_t length) {
  Bytes bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i + length);
  return bytes;
}

TEST(ByteString, KeepsBytesOfAllLengths) {
  for (std::size_t length = 0; length < 600; ++length) {
    const Bytes bytes = bytes_of(length);
    ByteString kept{bytes};
    EXPECT_TRUE(std::ranges::equal(kept.get(), bytes)) << length;
    const ByteString moved = std::move(kept);
    EXPECT_TRUE(std::ranges::equal(moved.get(), bytes)) << length;
    EXPECT_EQ(moved.heap_bytes() > 0, length > 15);
  }
}

TEST(ByteString, ChangesPlaces) {
  const Bytes small(3, std::byte{1});
  const Bytes large(300, std::byte{2});
  ByteString one{small};
  ByteString other{large};
  one = std::move(other);
  EXPECT_TRUE(std::ranges::equal(one.get(), large));
  one = {};
  EXPECT_TRUE(one.get().empty());
}

TEST(ByteString, TakesOtherBytes) {
  ByteString kept;
  for (const std::size_t length : {3, 15, 16, 2, 400, 0}) {
    const Bytes bytes = bytes_of(length);
    kept.assign(bytes);
    EXPECT_TRUE(std::ranges::equal(kept.get(), bytes)) << length;
  }
}

TEST(ByteString, Grows) {
  const Bytes bytes = bytes_of(100);
  for (std::size_t step = 1; step < 40; ++step) {
    ByteString kept;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      kept.append(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)));
    }
    EXPECT_TRUE(std::ranges::equal(kept.get(), bytes)) << step;
  }
}

TEST(CompareBytes, OrdersAsUnsignedNumbers) {
  const Bytes low{std::byte{1}};
  const Bytes longer{std::byte{1}, std::byte{0}};
  const Bytes high{std::byte{0x80}};
  EXPECT_EQ(compare_bytes(low, low), std::strong_ordering::equal);
  EXPECT_EQ(compare_bytes(low, longer), std::strong_ordering::less);
  EXPECT_EQ(compare_bytes(high, longer), std::strong_ordering::greater);
  EXPECT_EQ(compare_bytes({}, low), std::strong_ordering::less);
}

TEST(AreEqual, LooksAtEveryByte) {
  for (std::size_t length = 0; length < 40; ++length) {
    const Bytes bytes = bytes_of(length);
    EXPECT_TRUE(are_equal(bytes, Bytes(bytes))) << length;
    EXPECT_FALSE(are_equal(bytes, bytes_of(length + 1))) << length;
    for (std::size_t i = 0; i < length; ++i) {
      Bytes other = bytes;
      other[i] ^= std::byte{0x80};
      EXPECT_FALSE(are_equal(bytes, other)) << length << " " << i;
    }
  }
}

}  // namespace
}  // namespace lymer
