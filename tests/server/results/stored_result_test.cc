// Results as bytes, and what a filter lets through.
// Not here: the disk (tests/server/results/result_store_test.cc).
#include "server/results/stored_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::results {
namespace {

EventTime at(std::int64_t millis) { return EventTime::from_millis(millis); }

const StoredResult kResult{.kind = ResultKind::kMatch,
                           .id = "ab",
                           .rule = "r",
                           .key = "{\"k\":1}",
                           .time = at(-5),
                           .severity = "high",
                           .tags = {"x", "y"},
                           .body = "{}",
                           .stored = at(7),
                           .sequence = 3};

TEST(StoredResult, IsReadBack) {
  const auto read = read_result(bytes_of(kResult));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "ab");
  EXPECT_EQ(read->rule, "r");
  EXPECT_EQ(read->key, "{\"k\":1}");
  EXPECT_EQ(read->time, at(-5));
  EXPECT_EQ(read->severity, "high");
  EXPECT_THAT(read->tags, ::testing::ElementsAre("x", "y"));
  EXPECT_EQ(read->body, "{}");
  EXPECT_EQ(read->stored, at(7));
}

TEST(StoredResult, ThatIsDamagedOrNewerIsRefused) {
  std::string bytes = bytes_of(kResult);
  bytes.pop_back();
  EXPECT_EQ(read_result(bytes).error().code, ErrorCode::kCorrupt);
  bytes[0] = 2;
  EXPECT_EQ(read_result(bytes).error().code, ErrorCode::kUnsupported);
}

TEST(ResultFilter, HoldsWhereAllThatIsSetDoes) {
  EXPECT_TRUE(ResultFilter{}.holds(kResult));
  EXPECT_TRUE((ResultFilter{.rule = "r", .key = "{\"k\":1}", .severity = "high", .tag = "y"})
                  .holds(kResult));
  EXPECT_FALSE((ResultFilter{.rule = "q"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.key = "k"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.severity = "low"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.tag = "z"}).holds(kResult));
  EXPECT_TRUE((ResultFilter{.from = at(-5), .to = at(-4)}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.from = at(-4)}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.to = at(-5)}).holds(kResult));
}

}  // namespace
}  // namespace lymer::results
