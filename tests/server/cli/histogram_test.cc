// Times in pieces of a round length.
// Not here: what is counted (backtest_test.cc).
#include "server/cli/histogram.h"

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

std::vector<EventTime> at(const std::vector<std::int64_t>& seconds) {
  std::vector<EventTime> times;
  for (const std::int64_t each : seconds) times.push_back(EventTime::from_millis(each * 1000));
  return times;
}

TEST(Histogram, TakesTheShortestLengthWithFewEnoughPieces) {
  const Histogram made = histogram_of(at({61, 62, 3659, 1200}), 8);
  EXPECT_EQ(made.width, Duration::minutes(10));
  EXPECT_EQ(made.begin, EventTime::from_millis(0));
  EXPECT_EQ(made.counts, (std::vector<std::size_t>{2, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(histogram_of(at({5, 5})).width, Duration::seconds(1));
  EXPECT_TRUE(histogram_of({}).counts.empty());
}

TEST(Histogram, KnowsTimesBeforeTheEpoch) {
  const Histogram made = histogram_of(at({-1, 1}), 8);
  EXPECT_EQ(made.begin, EventTime::from_millis(-1000));
  EXPECT_EQ(made.counts, (std::vector<std::size_t>{1, 0, 1}));
}

TEST(Histogram, DrawsBars) {
  EXPECT_EQ(to_text(histogram_of(at({0, 1, 1, 4}))), "  1970-01-01T00:00:00.000Z        1  " +
                                                         std::string(20, '#') +
                                                         "\n"
                                                         "  1970-01-01T00:00:01.000Z        2  " +
                                                         std::string(40, '#') +
                                                         "\n"
                                                         "  ...\n"
                                                         "  1970-01-01T00:00:04.000Z        1  " +
                                                         std::string(20, '#') + "\n");
  EXPECT_EQ(to_text({}), "");
}

}  // namespace
}  // namespace lymer::server
