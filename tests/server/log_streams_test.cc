// Rules whose events come from the embedded log, and whose results go to it.
// Not here: the log itself (tests/server/log/).
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/log/durable_log.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LogStreams : public EngineRun {
 protected:
  LogStreams() {
    options_.checkpoints.directory = files_.path("state");
    options_.checkpoints.options.interval = Duration::millis(5);
    options_.log = log_.get();
    clock_in_use_ = &system_clock_;  // So that checkpoints come.
  }
  static std::string rules() {
    std::string stream = stream_text("e", "");
    stream.replace(stream.find("file \"\""), 7, "log \"in\"");
    std::string rule = rule_text("ab", "e");
    rule.replace(rule.find("count(a) }"), 10,
                 "count(a) } to log \"found\"\n  on timeout emit { n: 0 } to log \"late\"");
    return stream + rule;
  }
  // An `a` and a `b` at each of some seconds.
  void append(int first, int last) {
    log::RecordBatch batch;
    for (int second = first; second <= last; ++second) {
      for (const char* type : {"a", "b"}) {
        std::string line = event_line("u", type, second);
        line.pop_back();
        batch.add(line);
      }
    }
    ASSERT_TRUE(log_->append({.stream = "in", .records = batch}));
  }
  // Runs until so many are in the log, or for a long time.
  void run_until(const std::string& stream, std::uint64_t records) {
    const auto engine = make(rules());
    ASSERT_TRUE(engine) << engine.error().to_string();
    int asked = 0;
    const auto outcome = (*engine)->run([&] {
      const auto info = log_->find(stream);
      return (info && info->ends.next >= records) || ++asked > 600;
    });
    ASSERT_TRUE(outcome) << outcome.error().to_string();
  }
  std::vector<std::string> records(const std::string& stream) {
    std::vector<std::string> all;
    const auto some = log_->read(stream, 0, {});
    if (!some) return all;
    for (const log::LogRecord& each : some->records) all.emplace_back(each.bytes);
    return all;
  }

  SystemClock system_clock_;
  const std::unique_ptr<log::DurableLog> log_ =
      log::DurableLog::open({.directory = files_.path("log")}, system_clock_).value();
};

TEST_F(LogStreams, AreReadAndWrittenOnceAlsoByTheNextStart) {
  append(1, 30);  // Those of the last 5 s may still be followed by earlier ones.
  run_until("found", 24);
  append(31, 50);
  run_until("found", 44);
  const std::vector<std::string> found = records("found");
  ASSERT_THAT(found, SizeIs(44));
  EXPECT_THAT(found, Each(AllOf(HasSubstr("\"rule\":\"ab\""), HasSubstr("\"emit\":{\"n\":"))));
  EXPECT_EQ(std::set(found.begin(), found.end()).size(), found.size());
}

TEST_F(LogStreams, AreRefusedWhereThereIsNoLog) {
  options_.log = nullptr;
  const auto without = make(rules());
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("--input e=FILE"));
  options_.inputs["e"] = files_.write("events", "");
  const auto sink = make(rules());
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().message, HasSubstr("emit to the log `found`"));
}

TEST_F(LogStreams, HaveOneEventARecord) {
  std::string text = rules();
  text.replace(text.find("format json"), 11, "format json at all");
  const auto engine = make(text);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lymer::server
