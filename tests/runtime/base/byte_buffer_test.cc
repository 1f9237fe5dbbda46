// A buffer against the string of the same bytes.
// Not here: batches, which are made of it (tests/runtime/event_test.cc).
#include "runtime/base/byte_buffer.h"

#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lymer {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_of(const ByteBuffer& buffer) {
  const auto bytes = buffer.get();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(ByteBuffer, GrowsAtItsEnd) {
  std::mt19937 random(1);
  ByteBuffer buffer;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string more(random() % 100, static_cast<char>('a' + i % 26));
    buffer.append(bytes_of(more));
    expected += more;
    ASSERT_EQ(text_of(buffer), expected);
  }
  EXPECT_EQ(buffer.size(), expected.size());
}

TEST(ByteBuffer, MovesNothingWhereRoomWasMade) {
  ByteBuffer buffer;
  buffer.reserve(1000);
  buffer.append(bytes_of("a"));
  const std::byte* const place = buffer.get().data();
  buffer.append(bytes_of(std::string(999, 'b')));
  EXPECT_EQ(buffer.get().data(), place);
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0U);
  buffer.append(bytes_of("c"));
  EXPECT_EQ(buffer.get().data(), place);
}

TEST(ByteBuffer, CopiesAreItsEqualsAndApart) {
  ByteBuffer buffer;
  buffer.append(bytes_of("one"));
  ByteBuffer copy = buffer;
  copy.append(bytes_of(" more"));
  EXPECT_EQ(text_of(buffer), "one");
  EXPECT_EQ(text_of(copy), "one more");
  const ByteBuffer& same = copy;
  copy = same;
  EXPECT_EQ(text_of(copy), "one more");
  copy = buffer;
  EXPECT_EQ(text_of(copy), "one");
  copy.mutable_bytes()[0] = std::byte{'O'};
  EXPECT_EQ(text_of(copy), "One");
  EXPECT_EQ(text_of(buffer), "one");
}

TEST(ByteBuffer, IsEmptyWhenMovedFrom) {
  ByteBuffer buffer;
  buffer.append(bytes_of("one"));
  ByteBuffer other = std::move(buffer);
  EXPECT_EQ(text_of(other), "one");
  buffer = ByteBuffer();
  buffer.append(bytes_of("two"));
  other = std::move(buffer);
  EXPECT_EQ(text_of(other), "two");
}

}  // namespace
}  // namespace lymer
