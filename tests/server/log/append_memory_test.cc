// What comes again is known, within bounds.
// Not here: answers (tests/server/log/log_state_test.cc).
#include "server/log/append_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EventTime at(std::int64_t seconds) { return EventTime::from_millis(seconds * 1000); }

AppendValue append_at(std::int64_t second, std::uint64_t first, std::string key = "") {
  return {.time = at(second), .first = first, .records = 1, .digest = 0, .key = std::move(key)};
}

TEST(AppendMemory, ForgetsTheOldestKeysFirst) {
  AppendMemory memory;
  memory.add_key(append_at(1, 10, "a"));
  memory.add_key(append_at(2, 11, "b"));
  memory.add_key(append_at(3, 12, "c"));
  const MemoryLimits two{.keys = 2, .key_age = Duration::seconds(60)};
  EXPECT_THAT(memory.forget_keys(two, at(3)), ElementsAre(10));
  EXPECT_EQ(memory.find_key("a"), nullptr);
  EXPECT_EQ(memory.find_key("b")->first, 11U);
  EXPECT_THAT(memory.forget_keys(two, at(62)), IsEmpty());
  EXPECT_THAT(memory.forget_keys(two, at(63)), ElementsAre(11));
  EXPECT_NE(memory.find_key("c"), nullptr);
}

TEST(AppendMemory, KnowsTheLastOfEachProducer) {
  AppendMemory memory;
  memory.set_producer("x", append_at(1, 1));
  memory.set_producer("y", append_at(2, 2));
  memory.set_producer("x", append_at(3, 3));
  EXPECT_EQ(memory.find_producer("x")->first, 3U);
  EXPECT_EQ(memory.find_producer("z"), nullptr);
  EXPECT_THAT(memory.forget_producers({.producers = 1}), ElementsAre("y"));
  EXPECT_EQ(memory.find_producer("y"), nullptr);
}

}  // namespace
}  // namespace lymer::log
