// Room in a channel: what counts, what never does, and what is too large for it.
// Not here: who is stopped by a full channel (tests/runtime/job_test.cc).
#include "runtime/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using support::lines_of;
using ::testing::ElementsAre;

const SchemaRef kSchema = support::schema_of({{"k", support::kText}});

StreamElement batch(std::string_view text) {
  return batch_of(kSchema, {at(1, {std::string(text)})});
}

bool push(Channel& channel, StreamElement element) { return channel.try_push(element); }

TEST(Channel, GivesElementsInTheOrderInWhichTheyCame) {
  Channel channel;
  EXPECT_TRUE(channel.empty());
  EXPECT_TRUE(push(channel, batch("a")));
  EXPECT_TRUE(push(channel, Watermark{support::ms(1)}));
  EXPECT_TRUE(push(channel, batch("b")));
  EXPECT_THAT(lines_of(channel.pop().value(), kSchema), ElementsAre(R"(@1 {"k":"a"})"));
  EXPECT_THAT(lines_of(channel.pop().value(), kSchema), ElementsAre("watermark 1"));
  EXPECT_THAT(lines_of(channel.pop().value(), kSchema), ElementsAre(R"(@1 {"k":"b"})"));
  EXPECT_FALSE(channel.pop());
}

TEST(Channel, RefusesMoreBatchesThanItsLimit) {
  Channel channel({.max_batches = 2});
  EXPECT_TRUE(push(channel, batch("a")));
  EXPECT_TRUE(push(channel, batch("b")));
  EXPECT_FALSE(push(channel, batch("c")));
  EXPECT_TRUE(channel.pop());
  EXPECT_TRUE(push(channel, batch("c")));
}

TEST(Channel, LeavesARefusedElementAsItWas) {
  Channel channel({.max_batches = 1});
  ASSERT_TRUE(push(channel, batch("a")));
  StreamElement refused = batch("b");
  EXPECT_FALSE(channel.try_push(refused));
  EXPECT_THAT(lines_of(refused, kSchema), ElementsAre(R"(@1 {"k":"b"})"));
}

TEST(Channel, CountsBatchesAndBytesInAndOut) {
  Channel channel;
  const StreamElement element = batch("abc");
  const std::size_t bytes = std::get<EventBatch>(element).byte_size();
  ASSERT_TRUE(push(channel, element));
  ASSERT_TRUE(push(channel, element));
  ASSERT_TRUE(push(channel, IdleMark{}));
  EXPECT_EQ(channel.batches(), 2U);
  EXPECT_EQ(channel.bytes(), 2 * bytes);
  (void)channel.pop();
  EXPECT_EQ(channel.bytes(), bytes);
  (void)channel.pop();
  (void)channel.pop();
  EXPECT_EQ(channel.batches(), 0U);
  EXPECT_EQ(channel.bytes(), 0U);
  EXPECT_TRUE(channel.empty());
}

TEST(Channel, RefusesMoreBytesThanItsLimit) {
  const std::size_t bytes = std::get<EventBatch>(batch("abc")).byte_size();
  Channel channel({.max_bytes = 2 * bytes});
  EXPECT_TRUE(push(channel, batch("abc")));
  EXPECT_TRUE(push(channel, batch("abc")));
  EXPECT_FALSE(push(channel, batch("abc")));
}

TEST(Channel, TakesABatchAboveTheLimitWhenItHoldsNone) {
  Channel channel({.max_bytes = 1});
  EXPECT_TRUE(push(channel, Watermark{support::ms(1)}));
  EXPECT_TRUE(push(channel, batch("abc")));
  EXPECT_FALSE(push(channel, batch("abc")));
}

TEST(Channel, TakesMarksWhenItIsFull) {
  Channel channel({.max_batches = 1});
  ASSERT_TRUE(push(channel, batch("a")));
  EXPECT_TRUE(push(channel, Watermark{support::ms(1)}));
  EXPECT_TRUE(push(channel, Barrier{Epoch(1)}));
  EXPECT_TRUE(push(channel, EndOfInput{}));
  EXPECT_EQ(channel.batches(), 1U);
}

TEST(Channel, KeepsTheLastOfWatermarksInARow) {
  Channel channel;
  for (const std::int64_t time : {1, 2, 3})
    EXPECT_TRUE(push(channel, Watermark{support::ms(time)}));
  EXPECT_TRUE(push(channel, batch("a")));
  EXPECT_TRUE(push(channel, Watermark{support::ms(4)}));
  EXPECT_EQ(std::get<Watermark>(*channel.pop()).time, support::ms(3));
  EXPECT_TRUE(std::holds_alternative<EventBatch>(*channel.pop()));
  EXPECT_EQ(std::get<Watermark>(*channel.pop()).time, support::ms(4));
  EXPECT_FALSE(channel.pop().has_value());
}

}  // namespace
}  // namespace lymer::runtime
