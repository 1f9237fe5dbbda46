// The clock that tests turn by hand, and that the machine's clock is one.
// Not here: what is done with the time.
#include "runtime/base/clock.h"

#include <gtest/gtest.h>

namespace lymer {
namespace {

TEST(ManualClock, MovesOnlyWhenItSleeps) {
  ManualClock clock(EventTime::from_millis(5000));
  EXPECT_EQ(clock.now(), EventTime::from_millis(5000));
  EXPECT_DOUBLE_EQ(clock.monotonic_seconds(), 5.0);
  clock.sleep(Duration::millis(250));
  EXPECT_EQ(clock.now(), EventTime::from_millis(5250));
  EXPECT_DOUBLE_EQ(clock.monotonic_seconds(), 5.25);
}

// The one test that looks at a real clock: it must be one at all.
TEST(SystemClock, NeverGoesBack) {
  SystemClock clock;
  EXPECT_GT(clock.now(), EventTime::from_millis(1'600'000'000'000));  // In 2020.
  const double before = clock.monotonic_seconds();
  clock.sleep(Duration::millis(0));
  EXPECT_GE(clock.monotonic_seconds(), before);
}

}  // namespace
}  // namespace lymer
