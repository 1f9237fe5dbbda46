// Counts as samples.
// Not here: who counts (tests/server/http/http_session_test.cc).
#include "server/http/http_counts.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

TEST(HttpCounts, AreSamplesInOrder) {
  HttpCounts counts;
  counts.opened();
  counts.opened();
  counts.closed();
  counts.refused();
  counts.add("/b", "GET", 200);
  counts.add("/a", "GET", 200);
  counts.add("/a", "GET", 200);
  const auto samples = counts.samples();
  EXPECT_TRUE(std::is_sorted(samples.begin(), samples.end()));
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[0].value, 1);
  EXPECT_EQ(samples[1].value, 1);
  EXPECT_EQ(samples[2].value + samples[3].value, 3);
}

}  // namespace
}  // namespace lymer::server::http
