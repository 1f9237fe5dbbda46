// Sums of times saturate, so that the ends of the range never become ordinary times.
// Not here: text forms (civil_time_test.cc).
#include "runtime/base/time.h"

#include <sstream>

#include <gtest/gtest.h>

namespace lymer {
namespace {

EventTime at(std::int64_t millis) { return EventTime::from_millis(millis); }

TEST(Duration, CountsInMilliseconds) {
  EXPECT_EQ(Duration::seconds(2).to_millis(), 2000);
  EXPECT_EQ(Duration::minutes(2).to_millis(), 120000);
  EXPECT_EQ(Duration::hours(1), Duration::minutes(60));
  EXPECT_EQ(Duration::days(1), Duration::hours(24));
  EXPECT_LT(Duration::millis(-1), Duration());
}

TEST(EventTime, AddsAndSubtracts) {
  EXPECT_EQ(at(5) + Duration::millis(7), at(12));
  EXPECT_EQ(at(5) - Duration::millis(7), at(-2));
  EXPECT_EQ(at(5) - at(7), Duration::millis(-2));
}

TEST(EventTime, StaysAtTheEndsOfTheRange) {
  EXPECT_EQ(EventTime::max() + Duration::millis(1), EventTime::max());
  EXPECT_EQ(EventTime::min() - Duration::millis(1), EventTime::min());
  EXPECT_EQ(EventTime::min() + Duration::millis(-1), EventTime::min());
  EXPECT_EQ(EventTime::max() - Duration::millis(-1), EventTime::max());
  EXPECT_EQ(EventTime::max() - EventTime::min(),
            Duration::millis(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(EventTime::min() - EventTime::max(),
            Duration::millis(std::numeric_limits<std::int64_t>::min()));
}

TEST(EventTime, PrintsForTestsAndChecks) {
  std::ostringstream out;
  out << at(42) << ' ' << Duration::seconds(1);
  EXPECT_EQ(out.str(), "42 1000ms");
}

}  // namespace
}  // namespace lymer
