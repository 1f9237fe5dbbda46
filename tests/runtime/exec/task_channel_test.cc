// A queue between threads: nothing is lost, it is bounded, and both ends are woken.
// Not here: bounds as such (tests/runtime/channel_test.cc).
#include "runtime/exec/task_channel.h"

#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

constexpr Duration kForEver = Duration::hours(1);

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

StreamElement batch(std::int64_t number) {
  return support::batch_of(kSchema, {support::at(number, {number})});
}

TEST(TaskChannel, RefusesWhatItHasNoRoomFor) {
  Wakeup sender;
  Wakeup receiver;
  TaskChannel channel(sender, receiver, {.max_batches = 2});
  StreamElement element = batch(1);
  EXPECT_TRUE(channel.try_push(element));
  element = batch(2);
  EXPECT_TRUE(channel.try_push(element));
  EXPECT_EQ(channel.fill(), 1);
  element = batch(3);
  EXPECT_FALSE(channel.try_push(element));
  EXPECT_EQ(std::get<EventBatch>(element).size(), 1U);
  StreamElement mark = Watermark{support::ms(1)};
  EXPECT_TRUE(channel.try_push(mark));
  EXPECT_TRUE(channel.pop().has_value());
  sender.wait(kForEver);  // There was a refusal, so there was a call.
  EXPECT_TRUE(channel.try_push(element));
}

TEST(TaskChannel, CarriesAllBetweenThreads) {
  Wakeup sender;
  Wakeup receiver;
  TaskChannel channel(sender, receiver, {.max_batches = 3});
  constexpr std::int64_t kBatches = 20'000;
  const std::jthread producer([&] {
    for (std::int64_t i = 0; i < kBatches; ++i) {
      StreamElement element = batch(i);
      while (!channel.try_push(element)) sender.wait(kForEver);
    }
  });
  for (std::int64_t i = 0; i < kBatches;) {
    const auto element = channel.pop();
    if (!element) {
      receiver.wait(kForEver);
      continue;
    }
    ASSERT_EQ(std::get<EventBatch>(*element).headers()[0].time, support::ms(i++));
  }
  EXPECT_EQ(channel.fill(), 0);
}

}  // namespace
}  // namespace lymer::runtime
