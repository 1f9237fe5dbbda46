// The bytes of keys, which stand in no snapshot and may change; what is no key.
// Not here: that their order is that of tables in memory (tests/runtime/state/state_table_test.cc).
#include "checkpoint/rocks/key_layout.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::checkpoint {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace): literals only.
using runtime::StateAddress;

std::string key_at(TableNumber table, const StateAddress& address) {
  std::string key;
  make_key(table, address, key);
  return key;
}

TEST(KeyLayout, PutsTableAndHashBeforeTheKey) {
  const StateAddress address{0x0102030405060708U, bytes_of("a\0b"sv), {}};
  EXPECT_EQ(key_at(258, address),
            "\0\0\x01\x02"
            "\x01\x02\x03\x04\x05\x06\x07\x08"
            "a\0\xff"
            "b\0\x01"
            "\0\x01"sv);
}

TEST(KeyLayout, ComesApartAsItWasMade) {
  std::mt19937 random(1);
  ParsedKey parsed;
  for (int round = 0; round < 2000; ++round) {
    std::string parts[3];
    for (std::string& each : parts) {
      while (random() % 4 != 0) each += "\0\x01\xff\x61"[random() % 4];
    }
    const std::string place = key_at(7, {random(), bytes_of(parts[0]), bytes_of(parts[1])});
    const std::string key = place + parts[2];
    ASSERT_TRUE(parsed.parse(key));
    EXPECT_EQ(text_of(parsed.key()), parts[0]);
    EXPECT_EQ(text_of(parsed.name_space()), parts[1]);
    EXPECT_EQ(text_of(parsed.entry()), parts[2]);
    EXPECT_EQ(parsed.place(), place);
    EXPECT_EQ(table_of(key), 7U);
  }
}

TEST(KeyLayout, RefusesWhatIsNoKey) {
  const std::string whole = key_at(1, {1, bytes_of("key"), bytes_of("window")});
  ParsedKey parsed;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(parsed.parse(std::string_view(whole).substr(0, length))) << length;
  }
  std::string escaped = whole;
  escaped[escaped.size() - 1] = '\x02';
  EXPECT_FALSE(parsed.parse(escaped)) << "no mark that is ever written";
  EXPECT_EQ(table_of("\0\0\1"sv), 0U);
}

TEST(KeyLayout, EndsBehindAllThatBeginsAlike) {
  for (const TableNumber table : {1U, 254U, 255U, 256U, 0xffffU}) {
    const std::string begin = key_of_table(table);
    const std::string end = end_of(begin);
    EXPECT_LT(begin + std::string(40, '\xff'), end);
    EXPECT_EQ(end, key_of_table(table + 1).substr(0, end.size()));
    EXPECT_LE(end, key_of_table(table + 1));
  }
  const std::string place = key_at(1, {1, bytes_of("key"), {}});
  EXPECT_LT(place + "\xff\xff\xff", end_of(place));
  EXPECT_LT(end_of(place), key_at(1, {1, bytes_of("key1"), {}}));
}

}  // namespace
}  // namespace lymer::checkpoint
