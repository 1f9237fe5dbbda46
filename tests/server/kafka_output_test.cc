// Which topics rules name, the job's id, and runs that cannot reach them.
// Not here: records in topics (tests/kafka/kill_test.py).
#include "server/kafka_output.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/result.h"
#include "runtime/row.h"
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

runtime::EventBatch result_of(const std::string& rule) {
  const runtime::SchemaRef schema = cep::result_schema();
  runtime::RowBuilder row(schema);
  row.reset();
  const auto set = [&](std::string_view name, const runtime::Value& value) {
    const auto& fields = schema->fields();
    row.set(static_cast<runtime::Slot>(std::ranges::find(fields, name, &runtime::Field::name) -
                                       fields.begin()),
            value);
  };
  set("rule", runtime::Value::of(rule));
  set("key", runtime::Value::json(R"({"k":"x"})"));
  set("time", runtime::Value::of(EventTime::from_millis(0)));
  runtime::EventBatch batch;
  batch.append({}, row.bytes(), {});
  return batch;
}

TEST(ResultRecords, GoToTheTopicsOfTheirRule) {
  const rules::SourceFile source("rules.cep", kRules);
  rules::Diagnostics diagnostics;
  const auto loaded = rules::load(source, diagnostics);
  ASSERT_TRUE(loaded) << rules::to_text(diagnostics, source);
  std::vector<kafka::Record> records;
  result_records(*loaded, false)(result_of("r"), 0, records);
  result_records(*loaded, false)(result_of("q"), 0, records);
  ASSERT_EQ(records.size(), 2U) << "rule `q` names a topic for its timeouts alone";
  EXPECT_EQ(records[0].topic, "u");
  EXPECT_EQ(records[1].topic, "t");
  EXPECT_EQ(records[0].key, R"({"k":"x"})");
  EXPECT_THAT(records[0].value, HasSubstr(R"("time":"1970-01-01T00:00:00.000Z")"));
  result_records(*loaded, true)(result_of("q"), 0, records);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[2].topic, "t");
}

// A broker with `retention.ms` at its default removes within minutes what is older than a week, and
// refuses what is an hour ahead of its clock.
TEST(ResultRecords, AreAsOldAsTheirSendingNotAsTheMatch) {
  const rules::SourceFile source("rules.cep", kRules);
  rules::Diagnostics diagnostics;
  const auto loaded = rules::load(source, diagnostics);
  ASSERT_TRUE(loaded);
  std::vector<kafka::Record> records;
  result_records(*loaded, false)(result_of("r"), 0, records);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0].time, std::nullopt);
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
