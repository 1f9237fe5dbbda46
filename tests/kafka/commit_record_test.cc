// What is written is read back, and nothing else.
// Not here: the topic (commit_topic_test.cc beside this file).
#include "kafka/commit_record.h"

#include <gtest/gtest.h>

namespace lymer::kafka {
namespace {

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
