// Keys of one stream stand together, and chunks in the order of their offsets.
// Not here: bytes of numbers (tests/server/storage/key_bytes_test.cc).
#include "server/log/log_keys.h"

#include <string>

#include <gtest/gtest.h>

#include "server/storage/key_bytes.h"

namespace lymer::log {
namespace {

constexpr StreamNumber kStream{7};

TEST(LogKeys, OfChunksAreInTheOrderOfOffsets) {
  const std::string first = key_of(KeyKind::kChunk, kStream, 255);
  const std::string second = key_of(KeyKind::kChunk, kStream, 256);
  EXPECT_LT(first, second);
  EXPECT_EQ(offset_in(second), 256U);
  EXPECT_EQ(offset_in("short"), 0U);
  const std::string prefix = key_of(KeyKind::kChunk, kStream);
  EXPECT_TRUE(first.starts_with(prefix));
  EXPECT_LT(second, storage::end_of(prefix));
  EXPECT_GE(key_of(KeyKind::kChunk, StreamNumber(8), 0), storage::end_of(prefix));
}

TEST(LogKeys, GiveNamesBack) {
  EXPECT_EQ(stream_name_in(key_of_stream("logins")), "logins");
  EXPECT_EQ(producer_in(key_of_producer(kStream, "job/0")), "job/0");
}

TEST(LogKeys, TellKindsApart) {
  EXPECT_NE(key_of(KeyKind::kVersion), key_of(KeyKind::kNextNumber));
  EXPECT_NE(key_of(KeyKind::kIndex, kStream, 1), key_of(KeyKind::kAppendKey, kStream, 1));
}

}  // namespace
}  // namespace lymer::log
