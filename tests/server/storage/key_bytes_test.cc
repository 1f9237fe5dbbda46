// Keys sort as what they say, and are read back.
// Not here: keys of the log and of results.
#include "server/storage/key_bytes.h"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::storage {
namespace {

using namespace std::string_literals;

std::string key_of(std::int64_t number) {
  std::string key;
  append_i64(key, number);
  return key;
}

std::string key_of(std::string_view text) {
  std::string key;
  append_text(key, text);
  return key;
}

TEST(KeyBytes, SortAsNumbersDo) {
  const std::vector<std::int64_t> numbers = {
      std::numeric_limits<std::int64_t>::min(), -257, -1, 0, 1, 255, 256,
      std::numeric_limits<std::int64_t>::max()};
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    EXPECT_LT(key_of(numbers[i - 1]), key_of(numbers[i])) << numbers[i];
    EXPECT_EQ(KeyReader(key_of(numbers[i])).i64(), numbers[i]);
  }
}

TEST(KeyBytes, SortAsTextsDoWhateverFollows) {
  const std::vector<std::string> texts = {"", "\0"s, "\0\1"s, "\0a"s, "a", "a\0"s, "aa", "b"};
  for (std::size_t i = 1; i < texts.size(); ++i) {
    EXPECT_LT(key_of(texts[i - 1]) + "\xff", key_of(texts[i])) << i;
    EXPECT_EQ(KeyReader(key_of(texts[i])).text(), texts[i]);
  }
}

TEST(KeyBytes, AreReadInTheirOrder) {
  std::string key;
  append_u8(key, 7);
  append_u32(key, 0x01020304);
  append_text(key, "n\0me"s);
  append_u64(key, 5);
  key += "rest";
  KeyReader reader(key);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u32(), 0x01020304U);
  EXPECT_EQ(reader.text(), "n\0me"s);
  EXPECT_EQ(reader.u64(), 5U);
  EXPECT_EQ(reader.rest(), "rest");
  EXPECT_TRUE(reader.ok());
}

TEST(KeyBytes, SayWhereTheyAreTooShort) {
  for (const std::string& key : {"abc"s, ""s}) {
    KeyReader reader(key);
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_FALSE(reader.ok());
  }
  for (const std::string& key : {"abc"s, "a\0b"s, "\0"s, ""s}) {
    KeyReader reader(key);
    EXPECT_EQ(reader.text(), "");
    EXPECT_FALSE(reader.ok());
  }
}

TEST(KeyBytes, EndBehindAllThatBeginAlike) {
  EXPECT_EQ(end_of("ab"), "ac");
  EXPECT_EQ(end_of("a\xff\xff"), "b");
}

}  // namespace
}  // namespace lymer::storage
