// Numbers, lengths and decimals, byte by byte.
// Not here: records (avro_decoder_test.cc).
#include "runtime/format/avro_value.h"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/format/avro_bytes.h"

namespace lymer::runtime {
namespace {

using std::string_literals::operator""s;

std::string number(std::string_view bytes) {
  AvroInput in(bytes);
  std::int64_t value = 0;
  if (!in.number(value)) return std::string(in.failure());
  return std::to_string(value) + (in.left() == 0 ? "" : " and more");
}

TEST(AvroInput, ReadsNumbersAsTheSpecificationWritesThem) {
  EXPECT_EQ(number("\x00"s), "0");
  EXPECT_EQ(number("\x01"), "-1");
  EXPECT_EQ(number("\x02"), "1");
  EXPECT_EQ(number("\x7f"), "-64");
  EXPECT_EQ(number("\x80\x01"), "64");
  EXPECT_EQ(number("\x80\x01\x05"), "64 and more");
  for (const std::int64_t each : {std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max(), std::int64_t{-8'000}}) {
    EXPECT_EQ(number(avro::number(each)), std::to_string(each));
  }
}

TEST(AvroInput, RefusesNumbersThatDoNotEnd) {
  EXPECT_EQ(number(""), "the record ends");
  EXPECT_EQ(number("\x80"), "the record ends");
  EXPECT_EQ(number("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "a number has more than 64 bits");
  EXPECT_EQ(number(std::string(11, '\x80')), "a number has more than 64 bits");
}

TEST(AvroInput, RefusesLengthsBehindTheEnd) {
  std::string_view found;
  for (const std::int64_t length : {std::int64_t{4}, std::numeric_limits<std::int64_t>::max()}) {
    const std::string bytes = avro::number(length) + "abc";
    AvroInput in(bytes);
    EXPECT_FALSE(in.text(found));
    EXPECT_EQ(in.failure(), "the record ends");
  }
  const std::string negative = avro::number(-1) + "abc";
  AvroInput in(negative);
  EXPECT_FALSE(in.text(found));
  EXPECT_EQ(in.failure(), "a length is negative");
}

AvroScalar decimal(std::string_view bytes, std::size_t scale) {
  return {
      .kind = AvroKind::kBytes, .logical = AvroLogical::kDecimal, .scale = scale, .text = bytes};
}

TEST(AvroValue, ReadsDecimals) {
  EXPECT_EQ(avro_value(decimal("\x04\xd2", 2), TypeKind::kFloat)->as_float(), 12.34);
  EXPECT_EQ(avro_value(decimal("\xfb\x2e", 2), TypeKind::kFloat)->as_float(), -12.34);
  EXPECT_EQ(avro_value(decimal("", 2), TypeKind::kFloat)->as_float(), 0);
  EXPECT_EQ(avro_value(decimal("\x04\xd2", 0), TypeKind::kInt)->as_int(), 1234);
  EXPECT_EQ(
      avro_value(decimal("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 0), TypeKind::kInt)->as_int(),
      -2);
  // 2^63 fits no int, -2^63 does.
  const std::string large = "\x00\x80\x00\x00\x00\x00\x00\x00\x00"s;
  EXPECT_FALSE(avro_value(decimal(large, 0), TypeKind::kInt).has_value());
  EXPECT_EQ(avro_value(decimal(large.substr(1), 0), TypeKind::kInt)->as_int(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(avro_value(decimal(large, 0), TypeKind::kFloat)->as_float(), 9223372036854775808.0);
}

TEST(AvroValue, RefusesTheEndsOfTimeAndBytesThatAreNoText) {
  const AvroScalar end{.kind = AvroKind::kLong,
                       .logical = AvroLogical::kTimestampMillis,
                       .integer = std::numeric_limits<std::int64_t>::max()};
  EXPECT_FALSE(avro_value(end, TypeKind::kTime).has_value());
  const AvroScalar bytes{.kind = AvroKind::kBytes, .text = "\xff"};
  EXPECT_FALSE(avro_value(bytes, TypeKind::kString).has_value());
  EXPECT_EQ(shown(bytes), "bytes of 1 bytes");
}

}  // namespace
}  // namespace lymer::runtime
