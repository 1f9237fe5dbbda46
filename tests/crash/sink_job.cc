// A job whose results go to sinks of all three kinds, for a test that kills it.
//
//   sink_job DIRECTORY PARALLELISM ROWS
//
// In DIRECTORY: `parts` (two-phase) and `batches` (write-ahead) get the counts of windows, `table`
// (idempotent) the running sum of each key. Ends with 0 once all input is done.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "checkpoint/checkpointed_run.h"
#include "runtime/base/text.h"
#include "runtime/part_file_sink.h"
#include "runtime/row.h"
#include "runtime/stream/stream.h"
#include "runtime/upsert_sink.h"
#include "runtime/write_ahead_sink.h"
#include "tests/support/events.h"

namespace lymer {
namespace {

using runtime::EventBatch;
using runtime::RowView;
using runtime::SourceShare;
using runtime::Stream;
using runtime::StreamJob;
using support::kInteger;
using support::kText;

constexpr std::uint64_t kKeys = 12;
const runtime::SchemaRef kSums = support::schema_of({{"key", kText}, {"n", kInteger}}, "sums");

std::string_view key_of(const EventBatch& batch, std::size_t index) {
  return RowView(batch.bytes(batch.headers()[index].row), kSums->size()).get(0, kText).as_string();
}
std::int64_t number_of(const EventBatch& batch, std::size_t index) {
  return RowView(batch.bytes(batch.headers()[index].row), kSums->size()).get(1, kInteger).as_int();
}
void put_key(const EventBatch& batch, std::size_t index, std::string& out) {
  out += key_of(batch, index);
}
void put_line(const EventBatch& batch, std::size_t index, std::string& out) {
  append_text(out, "{} {} {}", batch.headers()[index].time.to_millis(), key_of(batch, index),
              number_of(batch, index));
}

runtime::WindowFunction count() {
  using Total = std::pair<std::string, std::int64_t>;
  return runtime::aggregate_window<Total>(
      {"", 0},
      [](Total& total, const runtime::WindowEvent& event) {
        total.first = event.row.get(0, kText).as_string();
        ++total.second;
      },
      [](Total& total, const Total& other) { total.second += other.second; },
      [](const Total& total, const runtime::WindowView&, const runtime::EmitRow& emit) {
        emit(support::row_of(kSums, {total.first, total.second}));
      });
}

void build(StreamJob& job, FileSystem& files, const std::string& directory, std::uint64_t rows) {
  const std::uint64_t start = std::random_device()();
  const auto make = [rows](std::uint64_t number, runtime::RowBuilder& row, EventTime& time) {
    const std::uint64_t mixed = number * 0x9e3779b97f4a7c15U >> 33U;
    row.set(0, runtime::Value::of("key" + std::to_string(mixed % kKeys)));
    row.set(1, runtime::Value::of(static_cast<std::int64_t>(mixed % 1000)));
    time = support::ms(static_cast<std::int64_t>(number + mixed % 9));
    return number < rows;
  };
  const Stream all = job.generate("rows", kSums, make, Duration::millis(10)).parallelism(1);
  const Stream counts = all.key_by({0})
                            .window(runtime::WindowAssigner::tumbling(Duration::millis(500)))
                            .aggregate("counts", kSums, count());
  (void)counts.sink_to("parts", [&files, directory, start](SourceShare share) {
    return std::make_unique<runtime::PartFileSink>(files, directory + "/parts", start, put_line,
                                                   share);
  });
  (void)counts.sink_to("batches", [&files, directory, start](SourceShare share) {
    return std::make_unique<runtime::WriteAheadSink>(
        std::make_unique<runtime::BatchFiles>(files, directory + "/batches"), start, put_line,
        share);
  });
  (void)all.key_by({0}).sum(1).sink_to("table", [&files, directory](SourceShare) {
    return std::make_unique<runtime::UpsertSink>(
        std::make_unique<runtime::TableFiles>(files, directory + "/table"), put_key, put_line);
  });
}

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t number = 0;
  (void)std::from_chars(digits.begin(), digits.end(), number);
  return number;
}

}  // namespace
}  // namespace lymer

int main(int count, char** arguments) {
  if (count != 4) return 2;
  lymer::PosixFileSystem files;
  lymer::SystemClock clock;
  const std::string directory = arguments[1];
  lymer::runtime::StreamJob job;
  lymer::build(job, files, directory, lymer::number_in(arguments[3]));
  const auto ran = lymer::checkpoint::run_with_checkpoints(
      job,
      {.directory = directory + "/state",
       .checkpoints = {.interval = lymer::Duration::millis(10)},
       .parallelism = lymer::number_in(arguments[2])},
      files, clock);
  if (ran) return 0;
  std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
  return 1;
}
