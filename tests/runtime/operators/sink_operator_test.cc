// Batches and the end of input, as a sink sees them.
// Not here: sinks (tests/runtime/line_sink_test.cc).
#include "runtime/operators/sink_operator.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using ::testing::ElementsAre;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class Noting final : public Sink {
 public:
  explicit Noting(std::vector<std::string>& calls, bool fails = false)
      : calls_(calls), fails_(fails) {}
  Result<void> begin(Epoch) override { return note("begin"); }
  Result<void> write(const EventBatch& batch) override {
    (void)note("write " + std::to_string(batch.size()));
    return fails_ ? Result<void>(Error{ErrorCode::kIo, "full"}) : Result<void>();
  }
  Result<void> pre_commit(Epoch) override { return note("pre_commit"); }
  Result<void> commit(Epoch) override { return note("commit"); }
  Result<void> abort(Epoch) override { return note("abort"); }
  Result<void> close() override { return note("close"); }

 private:
  Result<void> note(std::string call) {
    calls_.push_back(std::move(call));
    return {};
  }
  std::vector<std::string>& calls_;
  bool fails_;
};

TEST(SinkOperator, WritesOneEpoch) {
  std::vector<std::string> calls;
  SinkOperator op(std::make_unique<Noting>(calls));
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  out.set_room(10);
  ASSERT_TRUE(op.open({"sink", clock}).has_value());
  EXPECT_EQ(op.on_batch(batch_of(kSchema, {at(1, {1}), at(2, {2})}), out).value(), Progress::kDone);
  EXPECT_EQ(op.on_watermark(support::ms(3), out).value(), Progress::kDone);
  EXPECT_EQ(op.on_end_of_input(out).value(), Progress::kDone);
  ASSERT_TRUE(op.close().has_value());
  EXPECT_THAT(calls, ElementsAre("begin", "write 2", "pre_commit", "commit", "close"));
  EXPECT_THAT(out.lines(), ElementsAre("watermark 3", "end of input"));
}

TEST(SinkOperator, AbortsWhatHasNoEnd) {
  std::vector<std::string> calls;
  SinkOperator op(std::make_unique<Noting>(calls));
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"sink", clock}).has_value());
  ASSERT_TRUE(op.close().has_value());
  EXPECT_THAT(calls, ElementsAre("begin", "abort", "close"));
}

TEST(SinkOperator, HandsErrorsOn) {
  std::vector<std::string> calls;
  SinkOperator op(std::make_unique<Noting>(calls, true));
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  ASSERT_TRUE(op.open({"sink", clock}).has_value());
  EXPECT_EQ(op.on_batch(batch_of(kSchema, {at(1, {1})}), out).error().code, ErrorCode::kIo);
}

TEST(FunctionSink, SeesEachEvent) {
  std::vector<std::int64_t> seen;
  FunctionSink sink(kSchema, [&](const EventView& event) {
    seen.push_back(event.row.get(0, support::kInteger).as_int());
  });
  ASSERT_TRUE(sink.begin(Epoch(0)).has_value());
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {4}), at(2, {5})})).has_value());
  EXPECT_TRUE(sink.pre_commit(Epoch(0)) && sink.commit(Epoch(0)) && sink.abort(Epoch(0)) &&
              sink.close());
  EXPECT_THAT(seen, ElementsAre(4, 5));
}

}  // namespace
}  // namespace lymer::runtime
