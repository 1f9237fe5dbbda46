// What is written is read back, and nothing else.
// Not here: the topic (commit_topic_test.cc beside this file).
#include "kafka/commit_record.h"

#include <fstream>
#include <span>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "runtime/base/hash.h"

namespace lymer::kafka {
namespace {

// The bytes of the block ```hex in kafka/FORMAT.md: on each line, those before the bar.
std::string documented_bytes() {
  std::ifstream document("kafka/FORMAT.md");
  std::string bytes;
  bool is_inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) {
      is_inside = line == "```hex";
      continue;
    }
    if (!is_inside) continue;
    std::istringstream words(line.substr(0, line.find('|')));
    for (std::string word; words >> word;) {
      bytes += static_cast<char>(std::stoul(word, nullptr, 16));
    }
  }
  return bytes;
}

TEST(CommitRecord, IsAsDocumented) {
  const CommitRecord record{runtime::Epoch(7), "chk-7-00000000000000ab"};
  EXPECT_EQ(encode(record), documented_bytes());
  const auto read = decode_commit_record(documented_bytes());
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, record);
}

TEST(CommitRecord, OfANewerVersionIsRefused) {
  std::string newer = documented_bytes();
  ASSERT_GT(newer.size(), 12U);
  newer[4] = 2;
  const std::string body = newer.substr(0, newer.size() - 8);
  const std::uint64_t sum = hash64(std::as_bytes(std::span(body)));
  for (std::size_t i = 0; i < 8; ++i) {
    newer[body.size() + i] = static_cast<char>((sum >> (8 * i)) & 0xFFU);
  }
  const auto read = decode_commit_record(newer);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read.error().message, "a commit record of version 2; this program knows 1");
}

TEST(CommitRecord, IsReadAsItWasWritten) {
  const CommitRecord record{runtime::Epoch(7), "chk-7-00000000000000ab"};
  EXPECT_EQ(decode_commit_record(encode(record)).value(), record);
  EXPECT_EQ(decode_commit_record(encode({})).value(), CommitRecord());
}

TEST(CommitRecord, IsRefusedWhereAnyBitIsWrong) {
  const std::string whole = encode({runtime::Epoch(7), "chk-7"});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    const auto read = decode_commit_record(damaged);
    ASSERT_FALSE(read) << i;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(decode_commit_record(std::string_view(whole).substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace lymer::kafka
