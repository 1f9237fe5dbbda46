// Which subtask gets which events, and what happens while one of them has no room.
// Not here: channels (tests/runtime/exec/task_channel_test.cc).
#include "runtime/exec/exchange.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class Targets {
 public:
  explicit Targets(std::size_t count, std::size_t room = 100) {
    for (std::size_t i = 0; i < count; ++i) {
      channels_.push_back(
          std::make_unique<TaskChannel>(wakeup_, wakeup_, ChannelLimits{.max_batches = room}));
    }
  }
  std::vector<TaskChannel*> all() const {
    std::vector<TaskChannel*> channels;
    for (const auto& each : channels_) channels.push_back(each.get());
    return channels;
  }
  // The times of the events that a target has got, and -1 for each mark.
  std::vector<std::int64_t> got(std::size_t target) {
    std::vector<std::int64_t> times;
    while (const auto element = channels_[target]->pop()) {
      const auto* batch = std::get_if<EventBatch>(&*element);
      if (batch == nullptr) times.push_back(-1);
      if (batch == nullptr) continue;
      for (const EventHeader& each : batch->headers()) times.push_back(each.time.to_millis());
    }
    return times;
  }

 private:
  Wakeup wakeup_;
  std::vector<std::unique_ptr<TaskChannel>> channels_;
};

EventBatch events(std::int64_t from, std::int64_t to) {
  EventBatch batch;
  for (std::int64_t i = from; i < to; ++i) {
    support::append_event(batch, kSchema, support::at(i, {i}), static_cast<std::uint64_t>(i));
  }
  support::set_keys(batch, *kSchema, {0});
  return batch;
}

void send(Exchange& exchange, StreamElement element) {
  EXPECT_TRUE(exchange.try_emit(kMainPort, element));
}

TEST(SubtaskOf, GivesEachARangeOfKeyGroups) {
  EXPECT_EQ(subtask_of(KeyGroup(0), 3), 0U);
  EXPECT_EQ(subtask_of(KeyGroup(42), 3), 0U);
  EXPECT_EQ(subtask_of(KeyGroup(43), 3), 1U);
  EXPECT_EQ(subtask_of(KeyGroup(127), 3), 2U);
  EXPECT_EQ(subtask_of(KeyGroup(127), 128), 127U);
  EXPECT_EQ(subtask_of(KeyGroup(127), 1), 0U);
}

TEST(Exchange, SendsAKeyToOneSubtask) {
  Targets targets(3);
  Exchange exchange(Partitioning::kHash, targets.all(), 0);
  send(exchange, events(0, 100));
  send(exchange, events(0, 100));
  std::size_t all = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::int64_t> got = targets.got(i);
    EXPECT_THAT(got, SizeIs(testing::Gt(10U)));
    all += got.size();
    std::ranges::sort(got);
    for (std::size_t k = 0; k < got.size(); k += 2) EXPECT_EQ(got[k], got[k + 1]);
  }
  EXPECT_EQ(all, 200U);
}

TEST(Exchange, KeepsWhatKeyByHasFound) {
  Targets targets(2);
  Exchange exchange(Partitioning::kHash, targets.all(), 0);
  EventBatch batch = events(7, 8);
  batch.set_delivery(0, 6, true);
  const EventHeader sent = batch.headers()[0];
  send(exchange, std::move(batch));
  const std::size_t target = subtask_of(key_group_of_hash(sent.key_hash), 2);
  const auto element = targets.all()[target]->pop();
  const EventHeader& got = std::get<EventBatch>(*element).headers()[0];
  EXPECT_EQ(got.key_hash, sent.key_hash);
  EXPECT_EQ(got.key_mask, 6);
  EXPECT_TRUE(got.is_copy);
  EXPECT_EQ(got.id, sent.id);
}

TEST(Exchange, TakesTurns) {
  Targets targets(2);
  Exchange exchange(Partitioning::kRebalance, targets.all(), 1);
  for (std::int64_t i = 0; i < 4; ++i) send(exchange, events(i, i + 1));
  EXPECT_THAT(targets.got(0), ElementsAre(1, 3));
  EXPECT_THAT(targets.got(1), ElementsAre(0, 2));
}

TEST(Exchange, SendsAllToAll) {
  Targets targets(2);
  Exchange exchange(Partitioning::kBroadcast, targets.all(), 0);
  send(exchange, events(0, 3));
  EXPECT_THAT(targets.got(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(targets.got(1), ElementsAre(0, 1, 2));
}

TEST(Exchange, SendsAllToTheFirst) {
  Targets targets(2);
  Exchange exchange(Partitioning::kGlobal, targets.all(), 1);
  send(exchange, events(0, 3));
  EXPECT_THAT(targets.got(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(targets.got(1), ElementsAre());
}

TEST(Exchange, SpreadsByChanceTheSameEachTime) {
  std::vector<std::int64_t> first;
  for (int run = 0; run < 2; ++run) {
    Targets targets(2);
    Exchange exchange(Partitioning::kShuffle, targets.all(), 0);
    send(exchange, events(0, 200));
    const std::vector<std::int64_t> got = targets.got(0);
    EXPECT_THAT(got, SizeIs(testing::AllOf(testing::Gt(60U), testing::Lt(140U))));
    if (run == 0) first = got;
    EXPECT_EQ(got, first);
  }
}

TEST(Exchange, AsksAFunction) {
  Targets targets(3);
  Exchange exchange(Partitioning::kCustom, targets.all(), 0,
                    [](const EventHeader& header, std::span<const std::byte>, std::size_t) {
                      return static_cast<std::size_t>(header.time.to_millis() % 2 + 1);
                    });
  send(exchange, events(0, 4));
  EXPECT_THAT(targets.got(0), ElementsAre());
  EXPECT_THAT(targets.got(1), ElementsAre(0, 2));
  EXPECT_THAT(targets.got(2), ElementsAre(1, 3));
}

TEST(Exchange, HoldsOneBatchWhileATargetIsFull) {
  Targets targets(2, 1);
  Exchange exchange(Partitioning::kBroadcast, targets.all(), 0);
  send(exchange, events(0, 1));
  EXPECT_THAT(targets.got(1), ElementsAre(0));
  send(exchange, events(1, 2));  // For the second; for the first it waits.
  EXPECT_FALSE(exchange.flush());
  StreamElement more = events(2, 3);
  EXPECT_FALSE(exchange.try_emit(kMainPort, more));
  StreamElement mark = Watermark{support::ms(1)};
  EXPECT_FALSE(exchange.try_emit(kMainPort, mark));
  EXPECT_THAT(targets.got(1), ElementsAre(1));
  EXPECT_THAT(targets.got(0), ElementsAre(0));
  EXPECT_TRUE(exchange.flush());
  EXPECT_TRUE(exchange.try_emit(kMainPort, mark));
  EXPECT_THAT(targets.got(0), ElementsAre(1, -1));
  EXPECT_THAT(targets.got(1), ElementsAre(-1));
}

TEST(Exchange, LeavesWhatItCannotSendAtAll) {
  Targets targets(1, 1);
  Exchange exchange(Partitioning::kForward, targets.all(), 0);
  send(exchange, events(0, 1));
  StreamElement more = events(1, 2);
  EXPECT_FALSE(exchange.try_emit(kMainPort, more));
  EXPECT_EQ(std::get<EventBatch>(more).size(), 1U);
  EXPECT_TRUE(exchange.flush());  // Nothing waits here.
}

TEST(Partitioning, HasNames) {
  for (const Partitioning each :
       {Partitioning::kForward, Partitioning::kHash, Partitioning::kRebalance,
        Partitioning::kRescale, Partitioning::kShuffle, Partitioning::kBroadcast,
        Partitioning::kGlobal, Partitioning::kCustom}) {
    EXPECT_FALSE(to_string(each).empty());
  }
}

// Full, with a batch that waits; then a barrier that overtakes it, and what comes behind.
TEST(Exchange, LetsABarrierOvertakeWhatWaits) {
  Targets targets(2, 1);
  Exchange exchange(Partitioning::kHash, targets.all(), 0);
  send(exchange, events(0, 20));
  send(exchange, events(20, 40));
  StreamElement refused = events(40, 60);
  EXPECT_FALSE(exchange.try_emit(kMainPort, refused));
  exchange.set_overtakes(true);
  EXPECT_TRUE(exchange.try_emit(kMainPort, refused));
  send(exchange, Watermark{support::ms(59)});
  send(exchange, Barrier{Epoch(1)});
  exchange.set_overtakes(false);
  EXPECT_FALSE(exchange.flush());

  std::vector<std::int64_t> times;
  const auto overtaken = exchange.take_overtaken();
  ASSERT_THAT(overtaken, SizeIs(2));
  for (const OvertakenChannel& each : overtaken) {
    EXPECT_TRUE(each.is_output);
    ASSERT_THAT(each.elements, SizeIs(3));
    for (std::size_t i = 0; i < 2; ++i) {
      for (const EventHeader& header : std::get<EventBatch>(each.elements[i]).headers()) {
        times.push_back(header.time.to_millis());
      }
    }
    EXPECT_EQ(std::get<Watermark>(each.elements[2]).time, support::ms(59));
  }
  std::ranges::sort(times);
  ASSERT_THAT(times, SizeIs(40));
  EXPECT_EQ(times.front(), 20);
  EXPECT_EQ(times.back(), 59);
  EXPECT_THAT(exchange.take_overtaken(), ::testing::IsEmpty());

  // The barrier is behind the first batch, and before what waited.
  for (std::size_t target = 0; target < 2; ++target) {
    const auto first = targets.got(target);
    EXPECT_LT(first.front(), 20);
    EXPECT_EQ(first.back(), -1);
  }
  std::size_t behind = 0;
  for (int i = 0; i < 4; ++i) {
    (void)exchange.flush();
    for (std::size_t target = 0; target < 2; ++target) {
      for (const std::int64_t time : targets.got(target)) behind += time >= 20 ? 1 : 0;
    }
  }
  EXPECT_TRUE(exchange.flush());
  EXPECT_EQ(behind, 40U);
}

TEST(Exchange, LetsNoMoreWaitThanItMay) {
  Targets targets(1, 1);
  Exchange exchange(Partitioning::kForward, targets.all(), 0);
  exchange.set_overtakes(true);
  const std::size_t each = events(0, 1000).byte_size();
  std::size_t taken = 0;
  StreamElement next = events(0, 1000);
  while (exchange.try_emit(kMainPort, next)) {
    ++taken;
    next = events(0, 1000);
  }
  EXPECT_EQ(taken, 1 + (Exchange::kOverdraftBytes + each - 1) / each);
  // The barrier needs no room.
  send(exchange, Barrier{Epoch(1)});
}

}  // namespace
}  // namespace lymer::runtime
