// From records to events: what is late never depends on batches, what cannot be read is reported
// with its place, a refusal loses nothing, and a restart continues as if nothing had happened.
// Not here: reading files (tests/runtime/file_source_test.cc), decoding (tests/runtime/format/).
#include "runtime/record_source.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "runtime/metrics/metric_registry.h"
#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using support::ms;
using support::RecordingCollector;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// {t, k}: a record is `12 text`; `-` is skipped, `?` is malformed, `12` alone leaves k null, `* a
// b` is one row for each word, a millisecond apart.
const SchemaRef kSchema = support::schema_of(
    {{"t", support::kInteger, true}, {"k", support::kText, true}, {"n", support::kInteger}});

class WordDecoder final : public Decoder {
 public:
  void decode(std::string_view record, DecodeSink& sink) override {
    ++seen_;
    if (record == "-") return sink.on_skip();
    if (record == "?") return sink.on_reject(RejectReason::kMalformed, "a question");
    if (record.starts_with("* ")) {
      for (std::size_t i = 2; i < record.size(); i += 2) row(100, record.substr(i, 1), sink);
      return;
    }
    const std::size_t space = record.find(' ');
    const std::string_view text = space == record.npos ? "" : record.substr(space + 1);
    const std::string_view time = record.substr(0, space);
    if (time == "never") return row({}, text, sink);
    row(std::stoll(std::string(time)), text, sink);
  }
  void snapshot(ByteWriter& writer) const override { writer.put_u64(seen_); }
  Result<void> restore(ByteReader& reader) override {
    seen_ = reader.u64();
    return {};
  }

 private:
  void row(std::optional<std::int64_t> time, std::string_view text, DecodeSink& sink) {
    builder_.reset();
    if (time) builder_.set(0, Value::of(*time));
    if (!text.empty()) builder_.set(1, Value::of(text));
    builder_.set(2, Value::of(static_cast<std::int64_t>(seen_)));
    sink.on_row(builder_);
  }

  RowBuilder builder_{kSchema};
  std::uint64_t seen_ = 0;  // The row's n: shows that the decoder's state came back.
};

// Gives the lines of a text; offsets are those of a file. `pauses` counts idle reads at the end.
class LineReader final : public SplitReader {
 public:
  explicit LineReader(std::vector<std::string> lines, int pauses = 0)
      : lines_(std::move(lines)), pauses_(pauses) {}

  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override {
    batch.clear();
    if (is_broken) return Error{ErrorCode::kIo, "reading: no disk"};
    while (batch.size() < max_records && position_.number < lines_.size()) {
      const std::string& line = lines_[position_.number];
      Record record{.bytes = line,
                    .offset = position_.offset,
                    .number = ++position_.number,
                    .length = line.size(),
                    .oversized = line.starts_with("long")};
      if (record.oversized) record.bytes = {};
      batch.push_back(record);
      position_.offset += line.size() + 1;
    }
    if (!batch.empty()) return ReadState::kRecords;
    return pauses_-- > 0 ? ReadState::kIdle : ReadState::kEnd;
  }
  SplitPosition position() const override { return position_; }
  Result<void> seek(SplitPosition position) override {
    position_ = position;
    return {};
  }

  bool is_broken = false;

 private:
  std::vector<std::string> lines_;
  int pauses_;
  SplitPosition position_;
};

class Observer final : public SourceObserver {
 public:
  void on_rejected(const RejectedRecord& record) override {
    said.push_back(text("line {} offset {} length {} {}: {} <{}>", record.line, record.offset,
                        record.length, to_string(record.reason), record.detail, record.bytes));
  }
  std::vector<std::string> said;
};

SourceSpec spec_with(std::size_t batch_records, std::int64_t out_of_order = 0) {
  return {.schema = kSchema,
          .schema_id = SchemaId(4),
          .split = SplitId(6),
          .computed = {},
          .timestamp = TimeFromUnit{0, support::kInteger, 1000},
          .out_of_order = Duration::millis(out_of_order),
          .batch_records = batch_records};
}

// A source with everything around it.
struct Rig {
  explicit Rig(std::vector<std::string> lines, SourceSpec spec, int pauses = 0)
      : task(std::move(spec), std::make_unique<LineReader>(std::move(lines), pauses),
             std::make_unique<WordDecoder>(), observer, clock) {}

  void run() {
    while (task.step(out).value() != SourceState::kEnded) {
    }
  }

  Observer observer;
  ManualClock clock{ms(0)};
  RecordingCollector out{kSchema};
  RecordSource task;
};

TEST(RecordSource, TurnsRecordsIntoEventsAndWatermarks) {
  Rig rig({"5 a", "7 b", "9 c"}, spec_with(2, 1));
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kActive);
  EXPECT_THAT(rig.out.take_lines(), ElementsAre(R"(@5 {"t":5,"k":"a","n":1})",
                                                R"(@7 {"t":7,"k":"b","n":2})", "watermark 5"));
  rig.run();
  EXPECT_THAT(rig.out.lines(), ElementsAre(R"(@9 {"t":9,"k":"c","n":3})", "watermark 7",
                                           "watermark max", "end of input"));
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kEnded);
  EXPECT_EQ(rig.out.lines().size(), 4U);
}

TEST(RecordSource, GivesEventsTheirOrigin) {
  struct Headers final : public Collector {
    bool try_emit(Port, StreamElement& element) override {
      if (const auto* batch = std::get_if<EventBatch>(&element)) batches.push_back(*batch);
      return true;
    }
    std::vector<EventBatch> batches;
  } headers;
  Observer observer;
  ManualClock clock(ms(0));
  SourceSpec spec = spec_with(10);
  spec.keep_raw = true;
  RecordSource task(std::move(spec),
                    std::make_unique<LineReader>(std::vector<std::string>{"5 a", "* x y", "200 b"}),
                    std::make_unique<WordDecoder>(), observer, clock);
  while (task.step(headers).value() != SourceState::kEnded) {
  }
  ASSERT_EQ(headers.batches.size(), 1U);
  const EventBatch& batch = headers.batches.front();
  ASSERT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch.headers()[0].schema, SchemaId(4));
  EXPECT_EQ(batch.headers()[0].id, (EventId{SplitId(6), 0}));
  // Rows of one record are numbered from its offset.
  EXPECT_EQ(batch.headers()[1].id, (EventId{SplitId(6), 4}));
  EXPECT_EQ(batch.headers()[2].id, (EventId{SplitId(6), 5}));
  EXPECT_EQ(batch.headers()[3].id, (EventId{SplitId(6), 10}));
  EXPECT_EQ(batch.raw(0), "5 a");
  EXPECT_EQ(batch.raw(2), "* x y");
}

TEST(RecordSource, SendsAWatermarkBeforeAnEventThatIsBehindIt) {
  Rig rig({"10 a", "20 b", "15 c", "18 d", "19 e"}, spec_with(10, 2));
  rig.run();
  EXPECT_THAT(
      rig.out.lines(),
      ElementsAre(R"(@10 {"t":10,"k":"a","n":1})", R"(@20 {"t":20,"k":"b","n":2})", "watermark 17",
                  R"(@15 {"t":15,"k":"c","n":3})", R"(@18 {"t":18,"k":"d","n":4})",
                  R"(@19 {"t":19,"k":"e","n":5})", "watermark max", "end of input"));
}

// The events that come at or behind the watermark before them.
std::vector<std::string> late_in(const std::vector<std::string>& lines) {
  std::vector<std::string> late;
  std::int64_t watermark = -1;
  for (const std::string& line : lines) {
    if (line.starts_with("watermark max")) break;
    if (line.starts_with("watermark ")) watermark = std::stoll(line.substr(10));
    if (line.starts_with("@") && std::stoll(line.substr(1)) <= watermark) late.push_back(line);
  }
  return late;
}

TEST(RecordSource, FindsTheSameEventsLateWhateverTheBatches) {
  std::vector<std::string> records;
  for (std::int64_t i = 0; i < 3000; ++i) {
    records.push_back(text("{} x{}", 1000 + i - (i * 7919 % 40), i));
  }
  std::vector<std::string> late_singly;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    Rig rig(records, spec_with(batch, 20));
    rig.run();
    const std::vector<std::string> late = late_in(rig.out.lines());
    if (batch == 1) late_singly = late;
    EXPECT_GT(late.size(), 100U);
    EXPECT_EQ(late, late_singly) << "in batches of " << batch;
  }
}

TEST(RecordSource, ReportsWhatGivesNoEventWithItsPlace) {
  Rig rig({"5 a", "?", "-", "never b", "long line", "6"}, spec_with(4));
  rig.run();
  EXPECT_THAT(
      rig.observer.said,
      ElementsAre("line 2 offset 4 length 1 malformed: a question <?>",
                  "line 4 offset 8 length 7 bad_time: `t`, which holds the event's time, is "
                  "missing <never b>",
                  "line 5 offset 16 length 9 oversized: 9 bytes are more than the limit <>"));
  const SourceCounters& counters = rig.task.counters();
  EXPECT_EQ(counters.records, 6U);
  EXPECT_EQ(counters.events, 2U);
  EXPECT_EQ(counters.rejected, 3U);
  EXPECT_EQ(counters.skipped, 1U);
  EXPECT_EQ(counters.bytes, 22U);
}

Expression division_by(std::int64_t divisor) {
  Expression time{.op = Op::kField, .type = support::kInteger, .slot = 0};
  return {.op = Op::kDivide,
          .type = support::kInteger,
          .args = {time, make_constant(support::kInteger, Value::of(divisor))}};
}

TEST(RecordSource, FillsComputedFields) {
  SourceSpec spec = spec_with(4);
  spec.computed.push_back({2, division_by(2)});
  Rig rig({"8 a"}, std::move(spec));
  rig.run();
  EXPECT_EQ(rig.out.lines().front(), R"(@8 {"t":8,"k":"a","n":4})");
}

TEST(RecordSource, RejectsARowWhoseComputedFieldMayNotBeNull) {
  SourceSpec spec = spec_with(4);
  spec.computed.push_back({2, division_by(0)});
  Rig rig({"8 a"}, std::move(spec));
  rig.run();
  EXPECT_THAT(rig.out.lines(), ElementsAre("watermark max", "end of input"));
  EXPECT_THAT(rig.observer.said,
              ElementsAre("line 1 offset 0 length 3 missing_field: field `n` is null, but its type "
                          "does not allow that <8 a>"));
  EXPECT_EQ(rig.task.counters().expression_errors, 1U);
}

TEST(RecordSource, PutsOutTheSameHoweverOftenItIsRefused) {
  const std::vector<std::string> records{"10 a", "20 b", "15 c", "?", "30 d", "12 e"};
  Rig free(records, spec_with(3));
  free.run();
  Rig refused(records, spec_with(3));
  refused.out.set_room(0);
  int blocked = 0;
  while (true) {
    const SourceState state = refused.task.step(refused.out).value();
    if (state == SourceState::kEnded) break;
    if (state == SourceState::kBlocked && blocked++ % 2 == 0) refused.out.set_room(1);
  }
  EXPECT_GT(blocked, 5);
  EXPECT_EQ(refused.out.lines(), free.out.lines());
  EXPECT_EQ(refused.observer.said, free.observer.said);
}

TEST(RecordSource, SaysOnceThatItIsIdle) {
  SourceSpec spec = spec_with(4);
  spec.idle_after = Duration::seconds(30);
  Rig rig({"5 a"}, std::move(spec), 4);
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kActive);
  (void)rig.out.take_lines();
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kIdle);
  EXPECT_THAT(rig.out.lines(), IsEmpty());
  rig.clock.sleep(Duration::seconds(31));
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kIdle);
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kIdle);
  EXPECT_THAT(rig.out.lines(), ElementsAre("idle"));
}

TEST(RecordSource, IsNeverIdleWithoutALimit) {
  SourceSpec spec = spec_with(4);
  spec.idle_after = Duration();
  Rig rig({"5 a"}, std::move(spec), 3);
  (void)rig.task.step(rig.out).value();
  (void)rig.out.take_lines();
  (void)rig.task.step(rig.out).value();
  rig.clock.sleep(Duration::days(1));
  (void)rig.task.step(rig.out).value();
  EXPECT_THAT(rig.out.lines(), IsEmpty());
}

TEST(RecordSource, ReturnsTheErrorOfItsReader) {
  auto reader = std::make_unique<LineReader>(std::vector<std::string>{"5 a"});
  reader->is_broken = true;
  Observer observer;
  ManualClock clock(ms(0));
  RecordingCollector out;
  RecordSource task(spec_with(1), std::move(reader), std::make_unique<WordDecoder>(), observer,
                    clock);
  const auto stepped = task.step(out);
  ASSERT_FALSE(stepped);
  EXPECT_EQ(stepped.error().code, ErrorCode::kIo);
}

TEST(RecordSource, ContinuesFromASnapshotAsIfNothingHadHappened) {
  std::vector<std::string> records;
  for (std::int64_t i = 0; i < 60; ++i) {
    records.push_back(i % 11 == 3 ? "?" : text("{} x{}", 100 + i - (i % 5) * 3, i));
  }
  Rig whole(records, spec_with(4, 3));
  whole.run();

  std::vector<std::string> lines;
  std::vector<std::string> said;
  StateSnapshot state;
  while (true) {
    // A new task for every step.
    Rig rig(records, spec_with(4, 3));
    const StateSnapshot read_back = StateSnapshot::deserialize(state.serialize()).value();
    ASSERT_TRUE(rig.task.restore(read_back));
    const SourceState stepped = rig.task.step(rig.out).value();
    std::ranges::copy(rig.out.lines(), std::back_inserter(lines));
    std::ranges::copy(rig.observer.said, std::back_inserter(said));
    if (stepped == SourceState::kEnded) break;
    state = StateSnapshot();
    ASSERT_TRUE(rig.task.snapshot(state));
  }
  EXPECT_THAT(lines, ElementsAreArray(whole.out.lines()));
  EXPECT_EQ(said, whole.observer.said);
}

TEST(RecordSource, RefusesAStateThatWasCut) {
  Rig rig({"5 a", "6 b"}, spec_with(1));
  ASSERT_TRUE(rig.task.step(rig.out));
  StateSnapshot state;
  ASSERT_TRUE(rig.task.snapshot(state));
  const auto whole = state.get_operator_state("split").value();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    StateSnapshot cut;
    cut.put_operator_state("split", {whole.begin(), whole.begin() + static_cast<long>(length)});
    Rig fresh({"5 a", "6 b"}, spec_with(1));
    EXPECT_FALSE(fresh.task.restore(cut)) << length;
  }
}

TEST(RecordSource, ReadsNoMoreWhenItFinishes) {
  for (const bool drains : {false, true}) {
    Rig rig({"5 a", "6 b", "7 c"}, spec_with(1));
    ASSERT_EQ(rig.task.step(rig.out).value(), SourceState::kActive);
    EXPECT_EQ(rig.task.watermark(), ms(4));
    rig.task.finish(drains);
    rig.task.finish(true);  // Says nothing new.
    EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kEnded);
    EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kEnded);
    std::vector<std::string> expected{R"(@5 {"t":5,"k":"a","n":1})", "watermark 4"};
    if (drains) expected.emplace_back("watermark max");
    expected.emplace_back("end of input");
    EXPECT_THAT(rig.out.lines(), ElementsAreArray(expected));
    EXPECT_EQ(rig.task.counters().records, 1U);
    EXPECT_EQ(rig.task.position().number, 1U);
  }
}

TEST(RecordSource, FinishesBehindWhatIsLeft) {
  Rig rig({"5 a", "6 b"}, spec_with(1));
  rig.out.set_room(1);
  ASSERT_EQ(rig.task.step(rig.out).value(), SourceState::kBlocked);
  rig.task.finish(true);
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kBlocked);
  rig.out.set_room(2);
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kBlocked);
  rig.out.set_room(1);
  EXPECT_EQ(rig.task.step(rig.out).value(), SourceState::kEnded);
  EXPECT_THAT(rig.out.lines(), ElementsAre(R"(@5 {"t":5,"k":"a","n":1})", "watermark 4",
                                           "watermark max", "end of input"));
}

TEST(RecordSource, FinishesBeforeItHasBegunAndAfterItsEnd) {
  Rig before({"5 a"}, spec_with(1));
  EXPECT_EQ(before.task.watermark(), EventTime::min());
  before.task.finish(false);
  before.run();
  EXPECT_THAT(before.out.lines(), ElementsAre("end of input"));
  Rig after({}, spec_with(1));
  after.run();
  after.task.finish(true);
  after.run();
  EXPECT_THAT(after.out.lines(), ElementsAre("watermark max", "end of input"));
}

TEST(RecordSource, TellsItsMetrics) {
  ManualClock clock(ms(0));
  MetricRegistry registry(clock);
  Rig rig({"5001 a", "?", "-", "never b"}, spec_with(10), 1);
  rig.task.update_metrics();  // Before open() there are none.
  OperatorContext context{"source", clock};
  context.metrics = registry.root().group("job", "test");
  ASSERT_TRUE(rig.task.open(context));
  ASSERT_EQ(rig.task.step(rig.out).value(), SourceState::kActive);
  rig.task.update_metrics();
  std::map<std::string, double> values;
  for (const MetricSample& each : registry.collect()) {
    if (!each.labels.contains("stream")) continue;
    EXPECT_EQ(each.labels.at("stream"), kSchema->name());
    values[each.name] = each.value;
  }
  EXPECT_EQ(values["lymer_events_in_total"], 1);
  EXPECT_EQ(values["lymer_records_skipped_total"], 1);
  EXPECT_EQ(values["lymer_events_rejected_total"], 2);
  EXPECT_EQ(values["lymer_watermark_timestamp_seconds"], 5);
  EXPECT_EQ(values["lymer_bytes_in_total"], 19);
  EXPECT_EQ(values["lymer_source_idle"], 0);
}

TEST(RecordSourceDeathTest, RefusesASnapshotWithOutputLeft) {
  Rig rig({"5 a"}, spec_with(1));
  rig.out.set_room(0);
  ASSERT_EQ(rig.task.step(rig.out).value(), SourceState::kBlocked);
  StateSnapshot state;
  EXPECT_DEATH((void)rig.task.snapshot(state), "output left");
}

}  // namespace
}  // namespace lymer::runtime
