// Rows by number: parts of a source, watermarks, and a way out that refuses.
// Not here: sources of records (tests/runtime/record_source_test.cc).
#include "runtime/row_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

// Numbers below `count`, at these times.
RowSourceSpec numbers(std::vector<std::int64_t> times, std::int64_t out_of_order = 0) {
  return {
      .schema = kSchema,
      .schema_id = SchemaId(0),
      .split = SplitId(3),
      .out_of_order = Duration::millis(out_of_order),
      .make = [times = std::move(times)](std::uint64_t number, RowBuilder& row, EventTime& time) {
        if (number >= times.size()) return false;
        row.set(0, Value::of(static_cast<std::int64_t>(number)));
        time = support::ms(times[number]);
        return true;
      }};
}

std::vector<std::string> lines_of_all(RowSource& source) {
  support::RecordingCollector out(kSchema);
  for (int i = 0; i < 100; ++i) {
    out.set_room(1);  // So it is refused at each step.
    if (source.step(out).value() == SourceState::kEnded) return out.lines();
  }
  return {"never ends"};
}

TEST(RowSource, GivesRowsAndTheEndOfTime) {
  RowSource source(numbers({5, 6, 9}), {});
  EXPECT_THAT(lines_of_all(source), ElementsAre(R"(@5 {"n":0})", R"(@6 {"n":1})", R"(@9 {"n":2})",
                                                "watermark max", "end of input"));
}

TEST(RowSource, GivesEachSubtaskItsPart) {
  RowSource source(numbers({5, 6, 9, 10}), {.subtask = 1, .subtasks = 2});
  EXPECT_THAT(lines_of_all(source),
              ElementsAre(R"(@6 {"n":1})", R"(@10 {"n":3})", "watermark max", "end of input"));
  RowSource nothing(numbers({5}), {.subtask = 7, .subtasks = 8});
  EXPECT_THAT(lines_of_all(nothing), ElementsAre("watermark max", "end of input"));
}

// Whether an event is late does not depend on where batches end.
TEST(RowSource, PromisesBeforeAnEventThatIsLate) {
  RowSource source(numbers({10, 7, 8, 12}, 2), {});
  EXPECT_THAT(lines_of_all(source),
              ElementsAre(R"(@10 {"n":0})", "watermark 7", R"(@7 {"n":1})", R"(@8 {"n":2})",
                          R"(@12 {"n":3})", "watermark max", "end of input"));
}

TEST(RowSource, NamesEventsByTheirNumbers) {
  RowSource source(numbers({5, 6}), {.subtask = 1, .subtasks = 2});
  support::RecordingCollector out(kSchema);
  class Keeper final : public Collector {
   public:
    bool try_emit(Port, StreamElement& element) override {
      if (const auto* batch = std::get_if<EventBatch>(&element))
        ids.push_back(batch->headers()[0].id);
      return true;
    }
    std::vector<EventId> ids;
  } keeper;
  ASSERT_TRUE(source.step(keeper).has_value());
  EXPECT_THAT(keeper.ids, ElementsAre(EventId{SplitId(3), 1}));
}

TEST(RowSource, ReadsNoMoreWhenItFinishes) {
  for (const bool drains : {false, true}) {
    std::uint64_t asked = 0;
    RowSourceSpec spec = numbers(std::vector<std::int64_t>(5000, 7));
    spec.make = [&asked, make = spec.make](std::uint64_t number, RowBuilder& row, EventTime& time) {
      ++asked;
      return make(number, row, time);
    };
    RowSource source(std::move(spec), {});
    EXPECT_EQ(source.watermark(), EventTime::min());
    support::RecordingCollector out(kSchema);
    ASSERT_EQ(source.step(out).value(), SourceState::kActive);
    EXPECT_EQ(source.watermark(), support::ms(6));
    const std::uint64_t before = asked;
    (void)out.take_lines();
    source.finish(drains);
    source.finish(!drains);  // Says nothing new.
    EXPECT_EQ(source.step(out).value(), SourceState::kEnded);
    EXPECT_EQ(source.step(out).value(), SourceState::kEnded);
    std::vector<std::string> expected{"end of input"};
    if (drains) expected.insert(expected.begin(), "watermark max");
    EXPECT_EQ(out.lines(), expected);
    EXPECT_EQ(asked, before);
  }
}

TEST(RowSource, FinishesBehindWhatIsLeft) {
  RowSource source(numbers(std::vector<std::int64_t>(1024, 7)), {});
  support::RecordingCollector out(kSchema);
  out.set_room(0);
  ASSERT_TRUE(source.step(out).has_value());
  source.finish(true);
  EXPECT_EQ(source.step(out).value(), SourceState::kBlocked);
  out.set_room(3);
  EXPECT_EQ(source.step(out).value(), SourceState::kBlocked);
  out.set_room(1);
  EXPECT_EQ(source.step(out).value(), SourceState::kEnded);
  ASSERT_EQ(out.lines().size(), 1027U);
  EXPECT_EQ(out.lines().back(), "end of input");
  EXPECT_EQ(out.lines()[1025], "watermark max");
  EXPECT_EQ(out.lines()[1024], "watermark 6");
}

TEST(RowSource, FinishesBeforeItHasBegunAndAfterItsEnd) {
  RowSource before(numbers({5}), {});
  before.finish(false);
  EXPECT_THAT(lines_of_all(before), ElementsAre("end of input"));
  RowSource after(numbers({}), {});
  EXPECT_THAT(lines_of_all(after), ElementsAre("watermark max", "end of input"));
  after.finish(true);
  EXPECT_THAT(lines_of_all(after), ElementsAre());
}

TEST(RowSource, GoesOnWhereItStood) {
  StateSnapshot state;
  for (std::size_t subtask = 0; subtask < 2; ++subtask) {
    RowSource source(numbers(std::vector<std::int64_t>(3000, 5)), {subtask, 2});
    support::RecordingCollector out(kSchema);
    out.set_room(10);
    ASSERT_TRUE(source.step(out));
    StateSnapshot part;
    ASSERT_TRUE(source.snapshot(part));
    state.merge(part, [](KeyGroup) { return true; });
  }
  RowSource source(numbers(std::vector<std::int64_t>(2052, 5)), {.subtask = 1, .subtasks = 2});
  ASSERT_TRUE(source.restore(state));
  EXPECT_THAT(lines_of_all(source),
              ElementsAre(R"(@5 {"n":2049})", R"(@5 {"n":2051})", "watermark max", "end of input"));
  RowSource other(numbers({5}), {.subtask = 0, .subtasks = 3});
  const auto restored = other.restore(state);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lymer::runtime
