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
                           .events = "{\"a\":[]}",
                           .stored = at(7),
                           .sequence = 3,
                           .checkpoint = 9};

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
  EXPECT_EQ(read->events, "{\"a\":[]}");
  EXPECT_EQ(read->stored, at(7));
  EXPECT_EQ(read->checkpoint, 9U);
}

TEST(StoredResult, OfTheFirstFormatIsRead) {
  std::string bytes = bytes_of(kResult);
  bytes.resize(bytes.size() - 4 - kResult.events.size() - 8);
  bytes[0] = 1;
  const auto read = read_result(bytes);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->body, "{}");
  EXPECT_EQ(read->checkpoint, 0U);
}

TEST(PlainKey, IsTheValueOfAKeyOfOneField) {
  EXPECT_EQ(plain_key(R"({"user":"ann"})"), "ann");
  EXPECT_EQ(plain_key(R"({"user":""})"), "");
  EXPECT_EQ(plain_key(R"({"n":-1.5})"), "-1.5");
  EXPECT_EQ(plain_key(R"({"ok":true})"), "true");
  EXPECT_EQ(plain_key(R"({"user":"a,b}"})"), "a,b}");
  for (const char* const whole :
       {"ann", "", "{}", R"({"a":1,"b":2})", R"({"a":"x","b":"y"})", R"({"a":"x\"y"})",
        R"({"a":{"b":1}})", R"({"a":[1]})", R"({"a":1,"b":"x"})"}) {
    EXPECT_EQ(plain_key(whole), whole);
  }
}

TEST(StoredResult, ThatIsDamagedOrNewerIsRefused) {
  std::string bytes = bytes_of(kResult);
  bytes.pop_back();
  EXPECT_EQ(read_result(bytes).error().code, ErrorCode::kCorrupt);
  bytes[0] = 3;
  EXPECT_EQ(read_result(bytes).error().code, ErrorCode::kUnsupported);
}

TEST(ResultFilter, HoldsWhereAllThatIsSetDoes) {
  EXPECT_TRUE(ResultFilter{}.holds(kResult));
  EXPECT_TRUE((ResultFilter{.rule = "r", .key = "{\"k\":1}", .severity = "high", .tag = "y"})
                  .holds(kResult));
  EXPECT_FALSE((ResultFilter{.rule = "q"}).holds(kResult));
  EXPECT_TRUE((ResultFilter{.key = "1"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.key = "k"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.severity = "low"}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.tag = "z"}).holds(kResult));
  EXPECT_TRUE((ResultFilter{.from = at(-5), .to = at(-4)}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.from = at(-4)}).holds(kResult));
  EXPECT_FALSE((ResultFilter{.to = at(-5)}).holds(kResult));
}

}  // namespace
}  // namespace lymer::results
