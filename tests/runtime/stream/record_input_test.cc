// Streams of files and connections: formats, times, ends, rejects, and what cannot be read.
// Not here: decoders (tests/runtime/format/), records (tests/runtime/record_source_test.cc).
#include "runtime/stream/record_input.h"

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/runtime/base/listener.h"
#include "tests/support/events.h"
#include "tests/support/temp_files.h"

namespace lymer::runtime {
namespace {

using support::Listener;
using support::TempFiles;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

const SchemaRef kEvents = support::schema_of({{"user", support::kText, true},
                                              {"at", support::kInteger, true},
                                              {"when", support::kMoment, true}});

// What a stream gives. A source is one subtask, and so is what follows it here.
void keep_lines(const Stream& stream, Lines& lines) {
  stream
      .for_each("lines",
                [&](const EventView& event) {
                  lines.push_back(std::to_string(event.header.time.to_millis()) + " " +
                                  std::string(event.row.get(0, support::kText).as_string()));
                })
      .parallelism(1);
}

Result<void> run(const StreamJob& job) {
  SystemClock clock;
  return job.run(clock, 2);
}

// Runs a job that reads a file of this content.
Lines lines_of(const std::string& content, const RecordInput& input) {
  const TempFiles files;
  StreamJob job;
  Lines lines;
  keep_lines(job.read_file("events", kEvents, files.write("in", content), input), lines);
  const auto ran = run(job);
  EXPECT_TRUE(ran.has_value()) << ran.error().to_string();
  return lines;
}

TEST(RecordInput, ReadsEachFormat) {
  const RecordInput json{.time_field = "at"};
  EXPECT_THAT(lines_of("{\"user\":\"a\",\"at\":5}\n{\"at\":7,\"user\":\"b\"}\n", json),
              ElementsAre("5 a", "7 b"));
  const RecordInput csv{.format = CsvFormat{.delimiter = ';', .columns = {}}, .time_field = "at"};
  EXPECT_THAT(lines_of("at;user;when\n5;\"a\nx\";\n7;b;\n", csv), ElementsAre("5 a\nx", "7 b"));
  const RecordInput lines{.format = TextFormat{.regex = "(?P<at>\\d+) (?P<who>\\w+)"},
                          .fields = {{0, {"who"}}, {1, {"at"}}},
                          .time_field = "at"};
  EXPECT_THAT(lines_of("5 a\n7 b", lines), ElementsAre("5 a", "7 b"));
  const RecordInput document{.format = JsonFormat{.at = {"all"}}, .time_field = "at"};
  EXPECT_THAT(
      lines_of("{\"all\": [\n{\"user\":\"a\",\"at\":5},\n{\"user\":\"b\",\"at\":7}]}", document),
      ElementsAre("5 a", "7 b"));
}

TEST(RecordInput, TakesTimesOfEachKind) {
  EXPECT_THAT(
      lines_of("{\"user\":\"a\",\"when\":\"1970-01-01T00:00:01Z\"}", {.time_field = "when"}),
      ElementsAre("1000 a"));
  EXPECT_THAT(lines_of("{\"user\":\"1970-01-01T00:00:02Z\"}", {.time_field = "user"}),
              ElementsAre("2000 1970-01-01T00:00:02Z"));
  const TimestampSpec seconds = TimeFromUnit{1, support::kInteger, 1};
  EXPECT_THAT(lines_of("{\"user\":\"a\",\"at\":3}", {.timestamp = seconds}), ElementsAre("3000 a"));
  SystemClock clock;
  const std::string read = lines_of("{\"user\":\"a\"}", {}).at(0);
  EXPECT_LT(std::abs(std::stoll(read) - clock.now().to_millis()), 60'000) << "that of reading";
}

TEST(RecordInput, TellsWhatGaveNoEvent) {
  Lines rejected;
  RecordInput input{.time_field = "at", .max_record_bytes = 30};
  input.on_rejected = [&](const RejectedRecord& record) {
    rejected.push_back(std::to_string(record.line) + " " + std::string(to_string(record.reason)));
  };
  EXPECT_THAT(
      lines_of("no\n{\"user\":\"a\"}\n" + std::string(31, 'x') + "\n{\"user\":\"b\",\"at\":9}\n",
               input),
      ElementsAre("9 b"));
  EXPECT_THAT(rejected, ElementsAre("1 malformed", "2 bad_time", "3 oversized"));
}

// With 5 ms of disorder an event 4 ms behind is in time for a window, one 6 ms behind is not.
TEST(RecordInput, AllowsDisorder) {
  const TempFiles files;
  const std::string path = files.write(
      "in", "{\"user\":\"a\",\"at\":15}\n{\"user\":\"b\",\"at\":8}\n{\"user\":\"c\",\"at\":11}\n");
  StreamJob job;
  Lines lines;
  keep_lines(job.read_file("events", kEvents, path,
                           {.time_field = "at", .out_of_order = Duration::millis(5)})
                 .key_by({})
                 .window(WindowAssigner::tumbling(Duration::millis(10)))
                 .aggregate("count", kEvents,
                            WindowProcess([](auto events, const WindowView&, const EmitRow& emit) {
                              emit(support::row_of(kEvents, {std::to_string(events.size())}));
                            })),
             lines);
  ASSERT_TRUE(run(job).has_value());
  EXPECT_THAT(lines, ElementsAre("19 2"));
}

TEST(RecordInput, FollowsAFileUntilTheJobIsToldToEnd) {
  const TempFiles files;
  const std::string path = files.write("in", "{\"user\":\"a\",\"at\":1}\n");
  StreamJob job;
  std::atomic<int> seen = 0;
  job.read_file("events", kEvents, path, {.time_field = "at"}, Reading::kFollow)
      .for_each("see", [&](const EventView&) { ++seen; });
  SystemClock clock;
  Execution execution(job.job_graph(1).value(), {}, clock);
  ASSERT_TRUE(execution.start().has_value());
  while (seen < 1) std::this_thread::yield();
  std::ofstream(path, std::ios::app) << "{\"user\":\"b\",\"at\":2}\n";
  while (seen < 2) std::this_thread::yield();
  EXPECT_FALSE(execution.wait(Duration::millis(30))) << "there may be more";
  execution.finish(true);
  EXPECT_TRUE(execution.end().has_value());
}

TEST(RecordInput, ReadsAConnectionToItsEnd) {
  Listener listener;
  StreamJob job;
  Lines lines;
  keep_lines(job.read_socket("events", kEvents, "127.0.0.1", listener.port(),
                             {.time_field = "at", .max_record_bytes = 40}),
             lines);
  const std::jthread peer([&] {
    listener.accept();
    listener.send("{\"user\":\"a\",\"at\":1}\n{\"user\":");
    listener.send("\"b\",\"at\":2}\r\n" + std::string(100, 'x') + "\n");
    listener.send("{\"user\":\"c\",\"at\":3}");
    listener.hang_up();
  });
  const auto ran = run(job);
  EXPECT_TRUE(ran.has_value()) << ran.error().to_string();
  EXPECT_THAT(lines, ElementsAre("1 a", "2 b", "3 c"));
}

TEST(RecordInput, FailsTheJobWhereThereIsNothingToRead) {
  StreamJob missing;
  missing.read_file("events", kEvents, "/no/such/file").for_each("see", [](const EventView&) {});
  const auto no_file = run(missing);
  ASSERT_FALSE(no_file.has_value());
  EXPECT_THAT(no_file.error().to_string(), AllOf(HasSubstr("events"), HasSubstr("/no/such/file")));

  Listener listener;
  listener.stop();
  StreamJob refused;
  refused.read_socket("events", kEvents, "127.0.0.1", listener.port())
      .for_each("see", [](const EventView&) {});
  const auto no_peer = run(refused);
  ASSERT_FALSE(no_peer.has_value());
  EXPECT_THAT(
      no_peer.error().to_string(),
      AllOf(HasSubstr("events"), HasSubstr("connecting to `127.0.0.1:"), HasSubstr("refused")));
}

TEST(RecordInput, KnowsWhatCannotBeRead) {
  const auto wrong = [](const RecordInput& input, bool goes_on = false) {
    return wrong_input("x", kEvents, input, goes_on);
  };
  EXPECT_EQ(wrong({}), "");
  EXPECT_EQ(wrong({.format = JsonFormat{.at = {"all"}}}), "");
  EXPECT_THAT(wrong({.format = JsonFormat{.at = {"all"}}}, true),
              AllOf(HasSubstr("reading `x`"), HasSubstr("leave out `at`")));
  EXPECT_THAT(wrong({.time_field = "none"}), HasSubstr("there is no field `none`"));
  EXPECT_THAT(wrong({.fields = {{9, {"a"}}}}), HasSubstr("there is no field 9"));
  EXPECT_THAT(wrong({.max_record_bytes = 0}), HasSubstr("allow more"));
  EXPECT_THAT(wrong({.format = TextFormat{.regex = "("}}), HasSubstr("reading `x`: "));
  const SchemaRef odd = support::schema_of({{"flag", support::kTruth}});
  EXPECT_THAT(wrong_input("x", odd, {.time_field = "flag"}, false),
              HasSubstr("`flag`, a bool, cannot be the time"));
}

TEST(RecordInput, IsCheckedBeforeAJobRuns) {
  StreamJob job;
  (void)job.read_file("events", kEvents, "in", {.time_field = "none"});
  EXPECT_THAT(job.job_graph(1).error().message, HasSubstr("`events`"));
  StreamJob late;
  (void)late.read_socket("events", kEvents, "localhost", 1, {.out_of_order = Duration::millis(-1)});
  EXPECT_THAT(late.job_graph(1).error().message, HasSubstr("out of order by -1 ms"));
}

}  // namespace
}  // namespace lymer::runtime
