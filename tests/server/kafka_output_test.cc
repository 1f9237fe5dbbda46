// Which topics rules name, the job's id, and runs that cannot reach them.
// Not here: records in topics (tests/kafka/kill_test.py).
#include "server/kafka_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine_run.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRules = R"(
stream s { from file "s" format json field k: string field at: int time at unit ms }
rule r { on s by k begin a where k == "x" emit { k: a.k } to topic "u", topic "t" }
rule q { on s by k begin a next b within 5s on timeout emit { } to topic "t" }
)";

TEST(TopicsOf, NamesEachOnce) {
  const rules::SourceFile source("rules.cep", kRules);
  rules::Diagnostics diagnostics;
  const auto loaded = rules::load(source, diagnostics);
  ASSERT_TRUE(loaded) << rules::to_text(diagnostics, source);
  EXPECT_THAT(topics_of(*loaded), ElementsAre("t", "u"));
}

TEST(JobId, StaysWithItsDirectory) {
  support::FaultyFileSystem files;
  EXPECT_EQ(job_id_in(files, "/state", 0xab).value(), "00000000000000ab");
  EXPECT_EQ(job_id_in(files, "/state", 0xcd).value(), "00000000000000ab");
  EXPECT_EQ(job_id_in(files, "/other", 0xcd).value(), "00000000000000cd");
  files.set_content("/state/job-id", "short");
  EXPECT_EQ(job_id_in(files, "/state", 1).error().code, ErrorCode::kCorrupt);
}

class KafkaRun : public EngineRun {
 protected:
  std::string refusal() {
    (void)files_.write("s", "");
    options_.inputs["s"] = files_.path("s");
    const auto engine = make(kRules);
    return engine ? "" : engine.error().to_string();
  }
};

TEST_F(KafkaRun, NeedsBrokers) { EXPECT_THAT(refusal(), HasSubstr("name brokers with --kafka")); }

TEST_F(KafkaRun, NeedsCheckpointsForExactlyOnce) {
  options_.kafka.brokers = "127.0.0.1:1";
  EXPECT_THAT(refusal(), HasSubstr("needs --checkpoint DIR"));
}

TEST_F(KafkaRun, SaysWhoDoesNotAnswer) {
  options_.kafka = {.brokers = "127.0.0.1:1",
                    .guarantee = kafka::Guarantee::kAtLeastOnce,
                    .patience = Duration::millis(300)};
  EXPECT_THAT(refusal(), HasSubstr("no Kafka broker answers at `127.0.0.1:1` within 0.3 s"));
}

}  // namespace
}  // namespace lymer::server
