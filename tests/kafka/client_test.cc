// What clients are made of, whom they reach, and what errors mean.
// Not here: real brokers.
#include "kafka/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<std::unique_ptr<Client>> make(const std::string& brokers,
                                     std::vector<std::string> given = {}) {
  PosixFileSystem files;
  auto properties = Properties::parse({.brokers = brokers, .properties = std::move(given)});
  if (!properties) return properties.error();
  return Client::make(Client::Kind::kProducer, *properties, files);
}

TEST(Client, RefusesPropertiesInTheWordsOfLibrdkafka) {
  const auto unknown = make("x:1", {"no.such.thing=1"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(unknown.error().to_string(), HasSubstr("`no.such.thing`: No such configuration"));
  const auto wrong = make("x:1", {"linger.ms=many"});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().to_string(), HasSubstr("linger.ms"));
}

TEST(Client, ShowsNoSecretThatIsWrong) {
  ::setenv("LYMER_TEST_SECRET", "hunter2", 1);
  const auto wrong = make("x:1", {"linger.ms=${env:LYMER_TEST_SECRET}"});
  ::unsetenv("LYMER_TEST_SECRET");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().to_string(), HasSubstr("`linger.ms`"));
  EXPECT_THAT(wrong.error().to_string(), Not(HasSubstr("hunter2")));
}

TEST(Client, ReachesACluster) {
  const MockCluster cluster;
  cluster.make_topic("t", 3);
  const auto client = make(cluster.brokers());
  ASSERT_TRUE(client);
  EXPECT_TRUE((*client)->reach(Duration::seconds(10)));
  const auto partitions = (*client)->partitions_of("t", Duration::seconds(10));
  ASSERT_TRUE(partitions) << partitions.error().to_string();
  EXPECT_EQ(*partitions, 3);
  const auto none = (*client)->partitions_of("u", Duration::seconds(10));
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, std::nullopt);
}

TEST(Client, SaysWhomItDidNotReachAndHowLongItTried) {
  const auto client = make("127.0.0.1:1");
  ASSERT_TRUE(client);
  const auto reached = (*client)->reach(Duration::millis(500));
  ASSERT_FALSE(reached);
  EXPECT_EQ(reached.error().code, ErrorCode::kIo);
  EXPECT_THAT(reached.error().to_string(), HasSubstr("`127.0.0.1:1` within 0.5 s"));
  EXPECT_THAT(reached.error().to_string(), HasSubstr("Connection refused"));
}

TEST(Failure, SaysWhatIsLeftToDo) {
  EXPECT_EQ(failure_of("x", RD_KAFKA_RESP_ERR__QUEUE_FULL).kind, FailureKind::kRetriable);
  EXPECT_EQ(failure_of("x", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE).kind, FailureKind::kAbortable);
  EXPECT_EQ(failure_of("x", RD_KAFKA_RESP_ERR__FATAL).kind, FailureKind::kFatal);
  const Failure fenced = failure_of("sending", RD_KAFKA_RESP_ERR__FENCED);
  EXPECT_EQ(fenced.kind, FailureKind::kFatal);
  EXPECT_TRUE(fenced.is_fenced);
  EXPECT_THAT(fenced.error.to_string(), HasSubstr("sending: "));
}

}  // namespace
}  // namespace lymer::kafka
