// What a job is told at its start.
// Not here: that what was decided is true (tests/kafka/kill_test.py).
#include "kafka/job_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {
namespace {

using ::testing::HasSubstr;

TEST(JobOutput, RemembersWhatWasDecided) {
  const MockCluster cluster;
  cluster.make_topic("t", 1);
  cluster.make_topic("commits", 2);
  PosixFileSystem files;
  const JobOutputOptions options{.settings = {.brokers = cluster.brokers()},
                                 .job = "a",
                                 .topics = {"t"},
                                 .commit_topic = "commits"};
  const auto output = JobOutput::make(options, files).value();
  const auto first = output->begin();
  ASSERT_TRUE(first) << first.error().to_string();
  EXPECT_EQ(*first, std::nullopt);
  const auto before = output->producer();
  const CommitRecord record{runtime::Epoch(3), "chk-3"};
  ASSERT_TRUE(output->decide(record));
  EXPECT_EQ(output->begin().value(), record);
  EXPECT_NE(output->producer(), before) << "each start has a producer of its own";
}

TEST(JobOutput, NamesATopicThatThereIsNot) {
  const MockCluster cluster;
  PosixFileSystem files;
  const auto output =
      JobOutput::make(
          {.settings = {.brokers = cluster.brokers()}, .job = "a", .topics = {"nowhere"}}, files)
          .value();
  const auto begun = output->begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(begun.error().to_string(), HasSubstr("there is no topic `nowhere`"));
}

TEST(JobOutput, RefusesTransactionsThatEndBeforeTheirCheckpoint) {
  PosixFileSystem files;
  KafkaSettings settings{.brokers = "x:1", .properties = {"transaction.timeout.ms=10000"}};
  const auto made =
      JobOutput::make({.settings = settings, .job = "a", .interval = Duration::seconds(10)}, files);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().to_string(), HasSubstr("transaction.timeout.ms=10000 is too short"));
  EXPECT_TRUE(
      JobOutput::make({.settings = settings, .job = "a", .interval = Duration::seconds(9)}, files));
}

}  // namespace
}  // namespace lymer::kafka
