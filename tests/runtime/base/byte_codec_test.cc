// What is written is read back; what is damaged is refused and never read past its end.
// Not here: what the bytes mean.
#include "runtime/base/byte_codec.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace lymer {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> numbers) {
  std::vector<std::byte> bytes;
  for (const int number : numbers) bytes.push_back(static_cast<std::byte>(number));
  return bytes;
}

TEST(ByteWriter, WritesLittleEndian) {
  ByteWriter writer;
  writer.put_u8(0x01);
  writer.put_u16(0x0203);
  writer.put_u32(0x04050607);
  writer.put_string("ab");
  EXPECT_EQ(std::move(writer).take(), bytes_of({1, 3, 2, 7, 6, 5, 4, 2, 0, 0, 0, 'a', 'b'}));
}

TEST(ByteReader, ReadsBackEachKind) {
  ByteWriter writer;
  writer.put_u8(255);
  writer.put_u16(65535);
  writer.put_u32(4000000000U);
  writer.put_u64(std::numeric_limits<std::uint64_t>::max());
  writer.put_i64(-5);
  writer.put_time(EventTime::min());
  writer.put_bytes(bytes_of({9, 8}));
  writer.put_string("");
  writer.put_string("text");
  ByteReader reader(writer.bytes());
  EXPECT_EQ(reader.u8(), 255);
  EXPECT_EQ(reader.u16(), 65535);
  EXPECT_EQ(reader.u32(), 4000000000U);
  EXPECT_EQ(reader.u64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(reader.i64(), -5);
  EXPECT_EQ(reader.time(), EventTime::min());
  EXPECT_EQ(reader.bytes().size(), 2U);
  EXPECT_EQ(reader.string(), "");
  EXPECT_EQ(reader.string(), "text");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_TRUE(reader.status("all"));
}

TEST(ByteReader, FailsForGoodAfterTheEnd) {
  const auto bytes = bytes_of({1, 2, 3});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.string(), "");
  const auto status = reader.status("a list");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(status.error().message.find("a list"), std::string::npos);
}

TEST(ByteReader, RefusesALengthBeyondTheEnd) {
  const auto bytes = bytes_of({255, 255, 255, 255, 'a'});
  ByteReader reader(bytes);
  EXPECT_TRUE(reader.bytes().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesACountThatCannotFollow) {
  const auto bytes = bytes_of({3, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  ByteReader fits(bytes);
  EXPECT_EQ(fits.count(2), 3U);
  EXPECT_TRUE(fits.ok());
  ByteReader too_many(bytes);
  EXPECT_EQ(too_many.count(3), 0U);
  EXPECT_FALSE(too_many.ok());
}

TEST(Seal, OpensWhatItSealed) {
  const auto payload = bytes_of({1, 2, 3, 4, 5});
  const auto sealed = seal("TEST", 3, payload);
  const auto opened = open_sealed("TEST", 3, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->version, 3);
  EXPECT_TRUE(std::ranges::equal(opened->payload, payload));
  EXPECT_TRUE(open_sealed("TEST", 1, seal("TEST", 1, {})));
}

TEST(Seal, RefusesAnotherMagicAndANewerVersion) {
  const auto sealed = seal("TEST", 3, bytes_of({1}));
  EXPECT_EQ(open_sealed("ELSE", 3, sealed).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(open_sealed("TEST", 2, sealed).error().code, ErrorCode::kUnsupported);
}

TEST(Seal, NoticesEachFlippedBitAndEachTruncation) {
  const auto sealed = seal("TEST", 1, bytes_of({1, 2, 3, 4, 5, 6, 7}));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto damaged = sealed;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(open_sealed("TEST", 1, damaged)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    const std::vector<std::byte> cut(sealed.begin(),
                                     sealed.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(open_sealed("TEST", 1, cut)) << size;
  }
}

}  // namespace
}  // namespace lymer
