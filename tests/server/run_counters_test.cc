// Sums over metrics of one name.
// Not here: that a job has these metrics (tests/server/engine_test.cc).
#include "server/run_counters.h"

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

TEST(RunCounters, AddUpByName) {
  const auto sample = [](const char* name, double value) {
    return runtime::MetricSample{.name = name, .help = "", .labels = {}, .value = value};
  };
  const RunCounters counters =
      counters_of({sample("lymer_events_in_total", 3), sample("lymer_matches_total", 1),
                   sample("lymer_events_in_total", 4), sample("lymer_something_else_total", 9)});
  EXPECT_EQ(counters.events, 7U);
  EXPECT_EQ(counters.matches, 1U);
  EXPECT_EQ(counters.late, 0U);
}

}  // namespace
}  // namespace lymer::server
