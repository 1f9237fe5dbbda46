// Batches by number: parts of a source, watermarks, and a way out that refuses.
// Not here: rows one at a time (tests/runtime/row_source_test.cc).
#include "runtime/batch_source.h"

#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/row.h"
#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using Times = std::vector<std::int64_t>;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

// Batches of events at these times, which count them all.
BatchSourceSpec batches(std::vector<Times> times, std::int64_t out_of_order = 0) {
  return {.schema_id = SchemaId(4),
          .split = SplitId(3),
          .out_of_order = Duration::millis(out_of_order),
          .make = [times = std::move(times)](std::uint64_t number, EventBatch& batch) {
            if (number >= times.size()) return false;
            std::int64_t count = 0;
            for (std::size_t before = 0; before < number; ++before) {
              count += static_cast<std::int64_t>(times[before].size());
            }
            for (const std::int64_t time : times[number]) {
              EventHeader header;
              header.time = support::ms(time);
              RowBuilder row(kSchema);
              row.set(0, Value::of(count++));
              batch.append(header, row.bytes(), {});
            }
            return true;
          }};
}

std::vector<std::string> lines_of_all(BatchSource& source) {
  support::RecordingCollector out(kSchema);
  for (int i = 0; i < 100; ++i) {
    out.set_room(1);  // So it is refused at each step.
    if (source.step(out).value() == SourceState::kEnded) return out.lines();
  }
  return {"never ends"};
}

TEST(BatchSource, GivesBatchesAndTheEndOfTime) {
  BatchSource source(batches({{5, 6}, {}, {9}}), {});
  EXPECT_THAT(lines_of_all(source),
              ElementsAre(R"(@5 {"n":0})", R"(@6 {"n":1})", "watermark 5", R"(@9 {"n":2})",
                          "watermark 8", "watermark max", "end of input"));
}

TEST(BatchSource, GivesEachSubtaskItsPart) {
  BatchSource source(batches({{5, 6}, {9}, {10}, {11}}), {.subtask = 1, .subtasks = 2});
  EXPECT_THAT(lines_of_all(source), ElementsAre(R"(@9 {"n":2})", "watermark 8", R"(@11 {"n":4})",
                                                "watermark 10", "watermark max", "end of input"));
}

// Whether an event is late does not depend on where batches end: the same events in one batch, in
// two and one by one.
TEST(BatchSource, PromisesBeforeAnEventThatIsLate) {
  const auto last_of = [](std::vector<Times> times) {
    BatchSource source(batches(std::move(times), 2), {});
    std::vector<std::string> told;
    std::string watermark = "none";
    for (const std::string& line : lines_of_all(source)) {
      if (line.starts_with("watermark")) {
        watermark = line;
      } else if (line == R"(@7 {"n":1})" || line == R"(@9 {"n":4})") {
        told.push_back(line + " behind " + watermark);
      }
    }
    return told;
  };
  const auto expected =
      ElementsAre(R"(@7 {"n":1} behind watermark 7)", R"(@9 {"n":4} behind watermark 10)");
  EXPECT_THAT(last_of({{10, 7, 8, 13, 9, 14}}), expected);
  EXPECT_THAT(last_of({{10, 7, 8}, {13, 9, 14}}), expected);
  EXPECT_THAT(last_of({{10}, {7}, {8}, {13}, {9}, {14}}), expected);
}

TEST(BatchSource, NamesEventsByBatchAndPlace) {
  BatchSource source(batches({{1}, {5, 6}}), {.subtask = 1, .subtasks = 2});
  class Keeper final : public Collector {
   public:
    bool try_emit(Port, StreamElement& element) override {
      if (const auto* batch = std::get_if<EventBatch>(&element)) {
        for (const EventHeader& header : batch->headers()) headers.push_back(header);
      }
      return true;
    }
    std::vector<EventHeader> headers;
  } keeper;
  ASSERT_TRUE(source.step(keeper).has_value());
  ASSERT_EQ(keeper.headers.size(), 2U);
  EXPECT_EQ(keeper.headers[0].id, (EventId{SplitId(3), BatchSource::kMostEvents}));
  EXPECT_EQ(keeper.headers[1].id, (EventId{SplitId(3), BatchSource::kMostEvents + 1}));
  EXPECT_EQ(keeper.headers[1].schema, SchemaId(4));
}

TEST(BatchSource, RefusesABatchWithoutEnd) {
  BatchSource source({.schema_id = SchemaId(0),
                      .split = SplitId(0),
                      .out_of_order = {},
                      .make =
                          [](std::uint64_t, EventBatch& batch) {
                            for (std::uint64_t i = 0; i <= BatchSource::kMostEvents; ++i) {
                              batch.append({}, {}, {});
                            }
                            return true;
                          }},
                     {});
  support::RecordingCollector out(kSchema);
  const auto stepped = source.step(out);
  ASSERT_FALSE(stepped);
  EXPECT_EQ(stepped.error().code, ErrorCode::kInvalidArgument);
}

TEST(BatchSource, ReadsNoMoreWhenItFinishes) {
  BatchSource source(batches({{5}, {6}}), {});
  support::RecordingCollector out(kSchema);
  ASSERT_EQ(source.step(out).value(), SourceState::kActive);
  EXPECT_EQ(source.watermark(), support::ms(4));
  source.finish(false);
  EXPECT_EQ(source.step(out).value(), SourceState::kEnded);
  EXPECT_THAT(out.lines(), ElementsAre(R"(@5 {"n":0})", "watermark 4", "end of input"));
}

TEST(BatchSource, GoesOnWhereItStood) {
  StateSnapshot state;
  const std::vector<Times> times{{5, 6}, {7}, {8}, {9}, {9}};
  BatchSource before(batches(times), {.subtask = 1, .subtasks = 2});
  support::RecordingCollector out(kSchema);
  ASSERT_TRUE(before.step(out));
  ASSERT_TRUE(before.snapshot(state));
  BatchSource after(batches(times), {.subtask = 1, .subtasks = 2});
  ASSERT_TRUE(after.restore(state));
  EXPECT_THAT(lines_of_all(after),
              ElementsAre(R"(@9 {"n":4})", "watermark 8", "watermark max", "end of input"));
  BatchSource other(batches(times), {.subtask = 0, .subtasks = 3});
  const auto restored = other.restore(state);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lymer::runtime
