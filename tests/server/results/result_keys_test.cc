// Keys of indexes come in the order of times, and each result has one for all it is found by.
// Not here: bytes of numbers (tests/server/storage/key_bytes_test.cc).
#include "server/results/result_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

EventTime at(std::int64_t millis) { return EventTime::from_millis(millis); }

TEST(ResultKeys, OfAnIndexAreInTheOrderOfTimes) {
  const std::string prefix = index_prefix(ResultKind::kMatch, Index::kRule, "r");
  const std::string first = index_key(prefix, {at(-1), 9});
  const std::string second = index_key(prefix, {at(0), 1});
  EXPECT_LT(first, second);
  EXPECT_EQ(place_in(first), (IndexPlace{at(-1), 9}));
  EXPECT_EQ(place_in("short"), IndexPlace{});
  EXPECT_LT(second, storage::end_of(prefix));
  EXPECT_GT(index_prefix(ResultKind::kMatch, Index::kRule, "ra"), storage::end_of(prefix));
}

TEST(ResultKeys, StandForAllThatAResultIsFoundBy) {
  StoredResult result{.kind = ResultKind::kTimeout, .id = "i", .rule = "r"};
  EXPECT_EQ(index_keys(result).size(), 2U);
  result.key = "k";
  result.severity = "low";
  result.tags = {"a", "b"};
  EXPECT_EQ(index_keys(result).size(), 6U);
}

TEST(ResultKeys, GiveNumbersBackAndTellSinksApart) {
  EXPECT_EQ(sequence_in(result_key(ResultKind::kLate, 77)), 77U);
  EXPECT_EQ(sequence_in("x"), 0U);
  EXPECT_NE(result_key(ResultKind::kLate, 1), result_key(ResultKind::kMatch, 1));
  EXPECT_NE(id_key(ResultKind::kMatch, "a", EventTime{}), totals_key(ResultKind::kMatch));
  const std::string prefix = uncommitted_prefix("job");
  EXPECT_TRUE(uncommitted_key(uncommitted_prefix("job", 1, 2), 3).starts_with(prefix));
  EXPECT_FALSE(uncommitted_prefix("job2", 1, 2).starts_with(prefix));
  EXPECT_TRUE(committed_key("job", 1).starts_with(committed_prefix("job")));
  EXPECT_NE(version_key(), "");
}

}  // namespace
}  // namespace lymer::results
