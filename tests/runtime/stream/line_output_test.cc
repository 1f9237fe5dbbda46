// Events as lines: to files, to standard output, in a text of one's own.
// Not here: writing as such (tests/runtime/line_sink_test.cc).
#include "runtime/stream/line_output.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});

Stream events(StreamJob& job) {
  return job
      .from_rows("events", kEvents,
                 {{support::ms(1), support::row_of(kEvents, {"a", 1})},
                  {support::ms(2), support::row_of(kEvents, {"b", support::kNull})}})
      .parallelism(1);
}

Result<void> run(const StreamJob& job, std::size_t parallelism = 4) {
  SystemClock clock;
  return job.run(clock, parallelism);
}

TEST(LineOutput, WritesRowsAsJson) {
  const support::TempFiles files;
  StreamJob job;
  events(job).write_lines("out", files.path("out"));
  ASSERT_TRUE(run(job).has_value());
  EXPECT_THAT(files.lines("out"), ElementsAre(R"({"user":"a","n":1})", R"({"user":"b","n":null})"));
}

TEST(LineOutput, WritesATextOfOnesOwn) {
  const support::TempFiles files;
  StreamJob job;
  events(job).write_lines("out", files.path("out"), [](const EventView& event, std::string& line) {
    line += std::to_string(event.header.time.to_millis());
    line += event.row.get(0, support::kText).as_string();
  });
  ASSERT_TRUE(run(job).has_value());
  EXPECT_THAT(files.lines("out"), ElementsAre("1a", "2b"));
}

TEST(LineOutput, GivesEachOfSeveralSubtasksAFile) {
  const support::TempFiles files;
  StreamJob job;
  events(job)
      .partition(Partitioning::kBroadcast)
      .write_lines("out", files.path("out"))
      .parallelism(2);
  ASSERT_TRUE(run(job).has_value());
  EXPECT_EQ(files.lines("out.1").size(), 2U);
  EXPECT_EQ(files.lines("out.2"), files.lines("out.1"));
}

TEST(LineOutput, FailsTheJobWhereItCannotWrite) {
  const support::TempFiles files;
  StreamJob job;
  events(job).write_lines("out", files.path("nowhere/out"));
  const auto ran = run(job);
  ASSERT_FALSE(ran.has_value());
  EXPECT_THAT(ran.error().to_string(), HasSubstr("nowhere/out"));
}

// Keeps what is written under each name.
class KeptFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    return Error{ErrorCode::kNotFound, path};
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    class Kept final : public WritableFile {
     public:
      explicit Kept(std::string& text) : text_(text) {}
      Result<void> append(std::span<const std::byte> bytes) override {
        text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
      }
      Result<void> sync() override { return {}; }
      Result<void> close() override { return {}; }

     private:
      std::string& text_;
    };
    return std::unique_ptr<WritableFile>(std::make_unique<Kept>(texts[path]));
  }
  std::map<std::string, std::string> texts;
};

TEST(LineOutput, PrintsToStandardOutput) {
  KeptFiles files;
  StreamJob job(files);
  events(job).print("screen");
  ASSERT_TRUE(run(job).has_value());
  EXPECT_THAT(files.texts, ElementsAre(testing::Pair(
                               "-", "{\"user\":\"a\",\"n\":1}\n{\"user\":\"b\",\"n\":null}\n")));
}

}  // namespace
}  // namespace lymer::runtime
