// From its start to its end.
// Not here: who asks (tests/server/api/job_routes_test.cc).
#include "server/api/job_status.h"

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

TEST(JobStatus, GoesFromItsStartToItsEnd) {
  const auto at = [](int millis) { return EventTime::from_millis(millis); };
  JobStatus status(at(1));
  EXPECT_EQ(to_string(status.facts().stage), "CREATED");
  EXPECT_EQ(status.facts().started, at(1));
  status.run(at(2));
  EXPECT_EQ(to_string(status.facts().stage), "RUNNING");
  EXPECT_EQ(status.facts().started, at(2));
  EXPECT_EQ(status.facts().ended, std::nullopt);
  status.end(JobStage::kFailed, at(3), "why");
  EXPECT_EQ(to_string(status.facts().stage), "FAILED");
  EXPECT_EQ(status.facts().ended, at(3));
  EXPECT_EQ(status.facts().failure, "why");
}

}  // namespace
}  // namespace lymer::server
