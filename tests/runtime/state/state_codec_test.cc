// Values of every type to bytes and back; bytes as they are frozen; bytes that are damaged.
// Not here: states, which keep the bytes (tests/runtime/state/keyed_state_test.cc).
#include "runtime/state/state_codec.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;

using Bytes = std::vector<std::byte>;
using Mixed = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

template <StateValue T>
Bytes written(const T& value) {
  ByteWriter writer;
  StateCodec<T>::write(writer, value);
  return std::move(writer).take();
}

std::string hex(const Bytes& bytes) {
  std::string out;
  for (const std::byte byte : bytes) append_text(out, "{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

template <StateValue T>
void expect_round_trip(const T& value) {
  const Bytes bytes = written(value);
  ByteReader reader(bytes);
  EXPECT_EQ(StateCodec<T>::read(reader), value);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0U);
}

template <std::integral T>
void expect_ends_round_trip() {
  expect_round_trip<T>(std::numeric_limits<T>::min());
  expect_round_trip<T>(std::numeric_limits<T>::max());
  expect_round_trip<T>(T{1});
}

// No beginning of the bytes of a value is a value.
template <StateValue T>
void expect_cuts_are_noticed(const T& value) {
  const Bytes bytes = written(value);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader reader{std::span<const std::byte>(bytes).first(length)};
    (void)StateCodec<T>::read(reader);
    EXPECT_FALSE(reader.ok()) << length;
  }
}

Mixed mixed() { return {{"ann", {1, -2, 3}}, {"", {}}, {std::string("\0b", 2), {7}}}; }

TEST(StateCodec, BringsBackIntegersOfEveryWidth) {
  expect_ends_round_trip<std::int8_t>();
  expect_ends_round_trip<std::uint8_t>();
  expect_ends_round_trip<std::int16_t>();
  expect_ends_round_trip<std::uint16_t>();
  expect_ends_round_trip<std::int32_t>();
  expect_ends_round_trip<std::uint32_t>();
  expect_ends_round_trip<std::int64_t>();
  expect_ends_round_trip<std::uint64_t>();
  expect_ends_round_trip<char>();
  expect_ends_round_trip<bool>();
}

TEST(StateCodec, BringsBackFloatsBitByBit) {
  for (const double value : {0.0, 1.5, -1e300, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::denorm_min()}) {
    expect_round_trip(value);
  }
  for (const double value : {-0.0, std::numeric_limits<double>::quiet_NaN(), std::nan("7")}) {
    const Bytes bytes = written(value);
    ByteReader reader(bytes);
    EXPECT_EQ(written(StateCodec<double>::read(reader)), bytes);
  }
}

TEST(StateCodec, BringsBackTextsBytesAndTimes) {
  expect_round_trip<std::string>("");
  expect_round_trip<std::string>("naïve");
  expect_round_trip<std::string>(std::string("a\0b", 3));
  expect_round_trip(Bytes{});
  expect_round_trip(Bytes(300, std::byte{0xff}));
  expect_round_trip(EventTime::min());
  expect_round_trip(EventTime::max());
  expect_round_trip(ms(-1));
}

TEST(StateCodec, BringsBackPairsAndLists) {
  expect_round_trip(std::pair<std::string, bool>("x", true));
  expect_round_trip(std::vector<std::string>{});
  expect_round_trip(std::vector<bool>{true, false, true});
  expect_round_trip(std::vector<std::vector<double>>{{}, {1.0, 2.0}, {}});
  expect_round_trip(mixed());
}

TEST(StateCodec, ReadsOneValueBehindTheOther) {
  ByteWriter writer;
  StateCodec<std::string>::write(writer, "a");
  StateCodec<std::int64_t>::write(writer, -5);
  StateCodec<bool>::write(writer, true);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(StateCodec<std::string>::read(reader), "a");
  EXPECT_EQ(StateCodec<std::int64_t>::read(reader), -5);
  EXPECT_TRUE(StateCodec<bool>::read(reader));
  EXPECT_TRUE(reader.ok());
}

// State on disk: an expectation here may never be changed.
TEST(StateCodec, WritesBytesAsFrozen) {
  EXPECT_EQ(hex(written<std::int64_t>(258)), "0201000000000000");
  EXPECT_EQ(hex(written<std::int32_t>(-2)), "feffffffffffffff");
  EXPECT_EQ(hex(written<std::uint8_t>(200)), "c800000000000000");
  EXPECT_EQ(hex(written(true)), "01");
  EXPECT_EQ(hex(written(false)), "00");
  EXPECT_EQ(hex(written(1.5)), "000000000000f83f");
  EXPECT_EQ(hex(written(std::string("ab"))), "020000006162");
  EXPECT_EQ(hex(written(Bytes{std::byte{9}})), "0100000009");
  EXPECT_EQ(hex(written(ms(-1))), "ffffffffffffffff");
  EXPECT_EQ(hex(written(std::pair<bool, std::string>(true, "c"))), "010100000063");
  EXPECT_EQ(hex(written(std::vector<bool>{true, false})), "020000000100");
  EXPECT_EQ(hex(written(std::vector<std::int64_t>{1})), "010000000100000000000000");
}

TEST(StateCodec, NoticesBytesThatWereCut) {
  expect_cuts_are_noticed<std::int16_t>(7);
  expect_cuts_are_noticed(true);
  expect_cuts_are_noticed(2.5);
  expect_cuts_are_noticed(std::string("abc"));
  expect_cuts_are_noticed(Bytes(5, std::byte{1}));
  expect_cuts_are_noticed(ms(9));
  expect_cuts_are_noticed(std::pair<std::int64_t, std::string>(1, "abc"));
  expect_cuts_are_noticed(mixed());
}

TEST(StateCodec, RefusesCountsThatCannotBe) {
  ByteWriter writer;
  writer.put_u32(0xffffffffU);
  writer.put_u64(1);
  ByteReader numbers(writer.bytes());
  EXPECT_TRUE(StateCodec<std::vector<std::int64_t>>::read(numbers).empty());
  EXPECT_FALSE(numbers.ok());
  ByteReader text(writer.bytes());
  EXPECT_EQ(StateCodec<std::string>::read(text), "");
  EXPECT_FALSE(text.ok());
}

TEST(StateCodec, StopsAtTheFirstElementThatIsNotThere) {
  ByteWriter writer;
  writer.put_u32(8);
  writer.put_u64(1);
  ByteReader reader(writer.bytes());
  EXPECT_LE(StateCodec<std::vector<std::int64_t>>::read(reader).size(), 2U);
  EXPECT_FALSE(reader.ok());
}

TEST(StateCodec, TakesNarrowIntegersThatAreTooLargeByTheirLowBytes) {
  ByteWriter writer;
  writer.put_i64(0x1234567890);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(StateCodec<std::uint8_t>::read(reader), 0x90);
  EXPECT_TRUE(reader.ok());
}

TEST(StateCodec, TakesAnyBytesWithoutHarm) {
  std::mt19937 random(5);
  const Bytes good = written(mixed());
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = good;
    for (int changes = 0; changes < 3; ++changes) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    ByteReader reader(bytes);
    const Mixed value = StateCodec<Mixed>::read(reader);
    if (!reader.ok()) continue;
    // What was understood is written as it was read.
    EXPECT_EQ(written(value),
              Bytes(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(reader.remaining())));
  }
}

}  // namespace
}  // namespace lymer::runtime
