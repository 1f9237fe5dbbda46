// Who gets memory, who waits for it, and who is woken when it comes free.
// Not here: jobs that share a pool (tests/runtime/exec/shared_buffers_test.cc).
#include "runtime/exec/buffer_pool.h"

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "runtime/exec/task_channel.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

constexpr Duration kForEver = Duration::hours(1);

// A channel as the pool sees it.
struct Taker {
  Taker(const std::shared_ptr<BufferPool>& pool, std::size_t minimum)
      : share(pool, minimum, wakeup) {}
  // Tells whether it was woken since the last look.
  bool is_woken() {
    const SystemClock clock;
    const double start = clock.monotonic_seconds();
    wakeup.wait(Duration::millis(200));
    return clock.monotonic_seconds() - start < 0.15;
  }
  Wakeup wakeup;
  BufferShare share;
};

TEST(BufferShare, TakesItsMinimumWithoutThePool) {
  const auto pool = std::make_shared<BufferPool>(1000);
  Taker one(pool, 100);
  Taker other(pool, 100);
  EXPECT_EQ(pool->used(), 200U);
  EXPECT_TRUE(one.share.try_take(60, true));
  EXPECT_TRUE(one.share.try_take(40, false));
  EXPECT_EQ(pool->used(), 200U) << "it was its own before";
  EXPECT_TRUE(one.share.try_take(800, false)) << "all that is free";
  EXPECT_EQ(pool->used(), 1000U);
  EXPECT_FALSE(one.share.try_take(1, false));
  EXPECT_TRUE(other.share.try_take(100, true)) << "nobody takes a minimum away";
  EXPECT_EQ(pool->used(), 1000U);
}

TEST(BufferShare, GivesBackWhatItBorrowed) {
  const auto pool = std::make_shared<BufferPool>(1000);
  {
    Taker one(pool, 100);
    EXPECT_TRUE(one.share.try_take(500, true));
    EXPECT_EQ(pool->used(), 500U);
    one.share.give_back(300);
    EXPECT_EQ(pool->used(), 200U);
    one.share.give_back(150);
    EXPECT_EQ(pool->used(), 100U) << "the minimum stays";
    EXPECT_TRUE(one.share.try_take(450, false));
  }
  EXPECT_EQ(pool->used(), 0U) << "and goes with the share";
}

TEST(BufferShare, TakesABatchOfAnySizeWhenItIsEmpty) {
  const auto pool = std::make_shared<BufferPool>(1000);
  Taker one(pool, 100);
  Taker other(pool, 100);
  EXPECT_TRUE(one.share.try_take(5000, true));
  EXPECT_EQ(pool->used(), 5100U) << "counted all the same";
  EXPECT_FALSE(other.share.try_take(101, false)) << "and others pay for it";
  EXPECT_TRUE(other.share.try_take(101, true));
  one.share.give_back(5000);
  EXPECT_EQ(pool->used(), 201U);
}

TEST(BufferPool, LendsNothingIfItIsTooSmallForTheMinimumShares) {
  const auto pool = std::make_shared<BufferPool>(0);
  Taker one(pool, 100);
  EXPECT_TRUE(one.share.try_take(100, true));
  EXPECT_FALSE(one.share.try_take(1, false));
  one.share.give_back(100);
  EXPECT_TRUE(one.share.try_take(1, false));
  EXPECT_EQ(pool->used(), 100U);
  EXPECT_EQ(pool->waiting(), 0U);
}

// First come, first served; who gets nothing is not woken.
TEST(BufferPool, ServesThoseWhoWaitInTurn) {
  const auto pool = std::make_shared<BufferPool>(1000);
  Taker holder(pool, 0);
  ASSERT_TRUE(holder.share.try_take(1000, true));
  std::deque<Taker> takers;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(takers.emplace_back(pool, 0).share.try_take(300, false));
  }
  EXPECT_EQ(pool->waiting(), 3U);
  holder.share.give_back(200);
  EXPECT_FALSE(takers[0].is_woken()) << "not enough yet";
  EXPECT_FALSE(holder.share.try_take(100, false)) << "there is room, but others were first";
  holder.share.give_back(200);
  EXPECT_TRUE(takers[0].is_woken());
  EXPECT_FALSE(takers[1].is_woken());
  EXPECT_FALSE(takers[2].is_woken());
  EXPECT_EQ(pool->waiting(), 3U) << "two takers and the holder";
  EXPECT_FALSE(takers[1].share.try_take(300, false)) << "asking again does not help";
  EXPECT_TRUE(takers[0].share.try_take(300, false)) << "it was kept for this one";
  EXPECT_TRUE(takers[1].share.try_take(300, true)) << "an empty one need not wait";
  EXPECT_EQ(pool->waiting(), 2U);
}

TEST(BufferPool, GivesOnWhatAGrantHadTooMuch) {
  const auto pool = std::make_shared<BufferPool>(1000);
  Taker holder(pool, 0);
  Taker first(pool, 100);
  Taker second(pool, 0);
  ASSERT_TRUE(first.share.try_take(100, true));
  ASSERT_TRUE(holder.share.try_take(900, true));
  EXPECT_FALSE(first.share.try_take(100, false));
  EXPECT_FALSE(second.share.try_take(100, false));
  holder.share.give_back(100);
  EXPECT_TRUE(first.is_woken());
  first.share.give_back(100);  // Now its minimum is enough.
  EXPECT_TRUE(first.share.try_take(100, false));
  EXPECT_TRUE(second.is_woken());
  EXPECT_TRUE(second.share.try_take(100, false));
  EXPECT_EQ(pool->used(), 1000U);
}

TEST(BufferPool, PassesOverThoseWhoHaveGone) {
  const auto pool = std::make_shared<BufferPool>(1000);
  Taker holder(pool, 0);
  ASSERT_TRUE(holder.share.try_take(1000, true));
  auto gone = std::make_unique<Taker>(pool, 0);
  auto granted = std::make_unique<Taker>(pool, 0);
  Taker last(pool, 0);
  EXPECT_FALSE(gone->share.try_take(500, false));
  EXPECT_FALSE(granted->share.try_take(500, false));
  EXPECT_FALSE(last.share.try_take(500, false));
  gone.reset();
  holder.share.give_back(500);
  EXPECT_FALSE(last.is_woken());
  granted.reset();  // Before it took what was kept for it.
  EXPECT_TRUE(last.is_woken());
  EXPECT_TRUE(last.share.try_take(500, false));
  EXPECT_EQ(pool->used(), 1000U);
}

// ---- Channels ----------------------------------------------------------------------------------

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

StreamElement batch(std::int64_t number) {
  return support::batch_of(kSchema, {support::at(number, {number})});
}

const std::size_t kBatchBytes = std::get<EventBatch>(batch(0)).byte_size();

// However much their senders have and however slow their receivers are.
TEST(BufferPool, BoundsManyChannelsTogether) {
  constexpr std::size_t kChannels = 100;
  const ChannelLimits limits{
      .max_batches = 1000, .max_bytes = 1000 * kBatchBytes, .min_bytes = 2 * kBatchBytes};
  const auto pool = std::make_shared<BufferPool>(500 * kBatchBytes);
  Wakeup wakeup;
  std::deque<TaskChannel> channels;
  for (std::size_t i = 0; i < kChannels; ++i) {
    channels.emplace_back(wakeup, wakeup, limits, pool);
  }
  std::vector<std::size_t> held(kChannels, 0);
  std::size_t all = 0;
  for (std::int64_t round = 0; round < 2000; ++round) {
    for (std::size_t i = 0; i < kChannels; ++i) {
      StreamElement element = batch(round);
      const bool is_taken = channels[i].try_push(element);
      held[i] += is_taken ? 1 : 0;
      all += is_taken ? 1 : 0;
      EXPECT_TRUE(is_taken || held[i] >= 2) << "its minimum share";
      // One in seven is as slow as can be.
      if (i % 7 != 0 && round % 3 == 0 && channels[i].pop()) {
        --held[i];
        --all;
      }
      ASSERT_LE(all, 500U);
      ASSERT_LE(pool->used(), pool->bytes());
    }
  }
  EXPECT_GT(all, 400U) << "and what there is, is used";
  for (TaskChannel& each : channels) {
    while (each.pop()) {
    }
  }
  channels.clear();
  EXPECT_EQ(pool->used(), 0U);
}

// Pairs of threads that wait for each other and for the pool, and never look without being woken:
// if a call were lost they would stand still.
void carry_all(std::size_t pool_batches) {
  constexpr int kPairs = 4;
  constexpr std::int64_t kBatches = 5'000;
  const ChannelLimits limits{
      .max_batches = 64, .max_bytes = 64 * kBatchBytes, .min_bytes = 2 * kBatchBytes};
  const auto pool = std::make_shared<BufferPool>(pool_batches * kBatchBytes);
  const std::size_t bound = std::max(pool->bytes(), kPairs * limits.min_bytes);
  struct Pair {
    Wakeup sender;
    Wakeup receiver;
    std::unique_ptr<TaskChannel> channel;
  };
  std::deque<Pair> pairs(kPairs);
  for (Pair& each : pairs) {
    each.channel = std::make_unique<TaskChannel>(each.sender, each.receiver, limits, pool);
  }
  std::atomic<bool> is_exceeded = false;
  std::atomic<std::int64_t> arrived = 0;
  {
    std::vector<std::jthread> threads;
    for (Pair& each : pairs) {
      threads.emplace_back([&each] {
        for (std::int64_t i = 0; i < kBatches; ++i) {
          StreamElement element = batch(i);
          while (!each.channel->try_push(element)) each.sender.wait(kForEver);
        }
      });
      threads.emplace_back([&] {
        for (std::int64_t i = 0; i < kBatches;) {
          const auto element = each.channel->pop();
          if (pool->used() > bound) is_exceeded = true;
          if (!element) {
            each.receiver.wait(kForEver);
            continue;
          }
          const bool is_next = std::get<EventBatch>(*element).headers()[0].time == support::ms(i++);
          arrived += is_next ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(arrived, kPairs * kBatches);
  EXPECT_FALSE(is_exceeded);
  EXPECT_EQ(pool->waiting(), 0U);
}

TEST(BufferPool, LosesNoCallBetweenThreads) { carry_all(20); }

TEST(BufferPool, LosesNoCallWithLittleToLend) { carry_all(9); }

TEST(BufferPool, LetsAllMoveOnMinimumSharesAlone) { carry_all(0); }

}  // namespace
}  // namespace lymer::runtime
