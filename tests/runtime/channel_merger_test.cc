// Several senders: events as they come, time as the slowest says, the end with the last.
// Not here: merging watermarks (tests/runtime/watermark_test.cc).
#include "runtime/channel_merger.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::ms;
using ::testing::ElementsAre;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

bool send(Collector& to, StreamElement element) { return to.try_emit(kMainPort, element); }

StreamElement event(std::int64_t time) { return support::batch_of(kSchema, {at(time, {time})}); }

std::vector<std::string> drain(Channel& channel) {
  std::vector<std::string> lines;
  while (auto element = channel.pop()) {
    for (std::string& line : support::lines_of(*element, kSchema)) lines.push_back(std::move(line));
  }
  return lines;
}

TEST(ChannelMerger, LetsEventsPassAndHoldsTimeBack) {
  Channel channel;
  ChannelMerger merger(channel, 2);
  EXPECT_TRUE(send(merger.input(0), event(5)));
  EXPECT_TRUE(send(merger.input(0), Watermark{ms(5)}));
  EXPECT_TRUE(send(merger.input(1), event(1)));
  EXPECT_TRUE(send(merger.input(1), Watermark{ms(1)}));
  EXPECT_THAT(drain(channel), ElementsAre(R"(@5 {"n":5})", R"(@1 {"n":1})", "watermark 1"));
  EXPECT_TRUE(send(merger.input(1), Watermark{ms(9)}));
  EXPECT_THAT(drain(channel), ElementsAre("watermark 5"));
}

TEST(ChannelMerger, DoesNotWaitForIdleSenders) {
  Channel channel;
  ChannelMerger merger(channel, 2);
  EXPECT_TRUE(send(merger.input(0), Watermark{ms(5)}));
  EXPECT_TRUE(send(merger.input(1), IdleMark{}));
  EXPECT_THAT(drain(channel), ElementsAre("watermark 5"));
}

TEST(ChannelMerger, EndsWithTheLastSender) {
  Channel channel;
  ChannelMerger merger(channel, 2);
  EXPECT_TRUE(send(merger.input(0), EndOfInput{}));
  EXPECT_TRUE(channel.empty());
  EXPECT_TRUE(send(merger.input(1), EndOfInput{}));
  EXPECT_THAT(drain(channel), ElementsAre("end of input"));
}

TEST(ChannelMerger, RefusesWhatItsChannelRefuses) {
  Channel channel({.max_batches = 1});
  ChannelMerger merger(channel, 1);
  EXPECT_TRUE(send(merger.input(0), event(1)));
  EXPECT_FALSE(send(merger.input(0), event(2)));
  EXPECT_TRUE(send(merger.input(0), Watermark{ms(2)}));
  EXPECT_EQ(channel.batches(), 1U);
}

}  // namespace
}  // namespace lymer::runtime
