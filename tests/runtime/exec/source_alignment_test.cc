// Sources that stay together: who may read, who waits for whom, and who is woken.
// Not here: sources in jobs (tests/runtime/exec/execution_test.cc).
#include "runtime/exec/source_alignment.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

EventTime ms(std::int64_t millis) { return EventTime::from_millis(millis); }

// Two sources of threads of their own.
struct Two {
  explicit Two(std::int64_t drift) : all(Duration::millis(drift)) {}
  Wakeup wakeups[2];
  SourceAlignment all;
  SourceAlignment::Member& one = all.add(wakeups[0]);
  SourceAlignment::Member& other = all.add(wakeups[1]);
};

TEST(SourceAlignment, LetsNobodyGoAheadWithoutDrift) {
  Two two(0);
  two.one.update(ms(5), true);
  two.other.update(ms(5), true);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
  two.one.update(ms(6), true);
  EXPECT_FALSE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
  two.other.update(ms(7), true);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_FALSE(two.other.may_read());
}

TEST(SourceAlignment, LetsSourcesGoAheadByTheDrift) {
  Two two(10);
  two.other.update(ms(5), true);
  two.one.update(ms(15), true);
  EXPECT_TRUE(two.one.may_read());
  two.one.update(ms(16), true);
  EXPECT_FALSE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
}

TEST(SourceAlignment, WaitsForTheFirstEventOfAll) {
  Two two(1'000'000);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
  two.one.update(ms(5), true);
  EXPECT_FALSE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
  two.other.update(ms(900'000), true);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
}

TEST(SourceAlignment, IsNotHeldUpByWhoHasNothingToRead) {
  Two two(0);
  two.one.update(ms(100), true);
  EXPECT_FALSE(two.one.may_read());
  two.other.update(EventTime::min(), false);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read()) << "there may be something again";
  two.other.update(ms(50), true);
  EXPECT_FALSE(two.one.may_read());
  two.other.update(ms(50), false);
  EXPECT_TRUE(two.one.may_read());
  two.one.update(ms(200), false);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_TRUE(two.other.may_read());
}

TEST(SourceAlignment, KeepsTimesApartThatAreAsFarAsCanBe) {
  Two two(10);
  two.one.update(EventTime::min() + Duration::millis(1), true);
  two.other.update(EventTime::max() - Duration::millis(1), true);
  EXPECT_TRUE(two.one.may_read());
  EXPECT_FALSE(two.other.may_read());
}

TEST(SourceAlignment, LetsASingleSourceRead) {
  Wakeup wakeup;
  SourceAlignment all{Duration()};
  SourceAlignment::Member& one = all.add(wakeup);
  EXPECT_TRUE(one.may_read());
  one.update(ms(5), true);
  EXPECT_TRUE(one.may_read());
}

// Each reads in its own steps until its end, and waits without a limit where it may not: a wakeup
// that is missed is a test that never ends. Each tells its position to the test before it tells it
// to the others, so what the test sees of them is never behind what was allowed.
TEST(SourceAlignment, WakesThoseWhoWait) {
  constexpr std::int64_t kEnd = 3000;
  constexpr std::int64_t kDrift = 4;
  constexpr std::int64_t kSteps[] = {1, 3, 7};
  SourceAlignment all(Duration::millis(kDrift));
  Wakeup wakeups[3];
  std::vector<SourceAlignment::Member*> members;
  for (Wakeup& each : wakeups) members.push_back(&all.add(each));
  std::atomic<std::int64_t> positions[3] = {-100, -100, -100};
  std::atomic<int> too_far = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t self = 0; self < 3; ++self) {
      threads.emplace_back([&, self] {
        for (std::int64_t at = 0; at < kEnd; at += kSteps[self]) {
          while (!members[self]->may_read()) wakeups[self].wait(Duration::days(1));
          for (const auto& each : positions) {
            if (positions[self] - each > kDrift && positions[self] > 0) ++too_far;
          }
          positions[self] = at;
          members[self]->update(ms(at), true);
        }
        positions[self] = kEnd + 100;
        members[self]->update(ms(kEnd), false);
      });
    }
  }
  EXPECT_EQ(too_far, 0);
}

}  // namespace
}  // namespace lymer::runtime
