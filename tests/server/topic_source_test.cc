// Rules over topics of a mocked cluster, from the rule text to the matches.
// Not here: a real broker; where reading begins (tests/kafka/source_test.cc).
#include "server/topic_source.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"
#include "tests/kafka/topic_writer.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TopicRun : public EngineRun {
 protected:
  TopicRun() {
    options_.kafka.brokers = cluster_.brokers();
    options_.reads_topics_to_end = true;
    options_.results_path = files_.path("results");
  }
  static std::string rules(const std::string& from) {
    return "stream e { " + from +
           " format json field n: int field user: string = kafka.key field p: int = "
           "kafka.partition time kafka }\n"
           "rule pair { on e by user begin a where n == 1 followedBy b where n == 2 within 1m\n"
           "  emit { user: key.user, p: b.p } }\n";
  }
  void fill(const std::string& topic) {
    std::vector<kafka::Written> records;
    for (int i = 0; i < 6; ++i) {
      records.push_back({.topic = topic,
                         .partition = i % 3,
                         .value = "{\"n\":" + std::to_string(i / 3 + 1) + "}",
                         .key = "user-" + std::to_string(i % 3),
                         .time = 1000 * (i + 1)});
    }
    kafka::write(cluster_.brokers(), records);
  }
  kafka::MockCluster cluster_;
};

TEST_F(TopicRun, FindsMatchesInAllPartitions) {
  cluster_.make_topic("t", 3);
  fill("t");
  for (const std::size_t parallelism : {1, 2}) {
    options_.parallelism = parallelism;
    const RunCounters counters = run(rules(R"(from topic "t" start earliest)"));
    EXPECT_EQ(counters.events, 6U) << parallelism;
    EXPECT_EQ(counters.matches, 3U) << parallelism;
  }
}

TEST_F(TopicRun, ReadsTopicsThatAPatternNames) {
  cluster_.make_topic("in-1", 3);
  cluster_.make_topic("in-2", 3);
  cluster_.make_topic("out", 3);
  fill("in-1");
  fill("in-2");
  fill("out");
  EXPECT_EQ(run(rules(R"(from topics r"in-\d" start earliest)")).events, 12U);
}

TEST_F(TopicRun, SaysBeforeItRunsThatNobodyAnswers) {
  options_.kafka.brokers = "";
  const auto without = make(rules(R"(from topic "t")"));
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(without.error().to_string(), HasSubstr("name brokers with --kafka HOST:PORT"));
  options_.kafka.brokers = "127.0.0.1:1";
  options_.kafka.patience = Duration::millis(300);
  const auto nobody = make(rules(R"(from topic "t")"));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kIo);
  EXPECT_THAT(nobody.error().to_string(), HasSubstr("stream `e`: asking Kafka for its topics"));
}

TEST_F(TopicRun, LetsAFileStandForTopics) {
  options_.inputs["e"] = files_.write("e.ndjson", "{\"n\":1}\n");
  EXPECT_EQ(run(rules(R"(from topic "t")")).rejected, 1U);  // Its key is missing.
}

}  // namespace
}  // namespace lymer::server
