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
  Result<Transaction> pre_commit(Epoch epoch) override {
    (void)note("pre_commit " + std::to_string(epoch.value()));
    return Transaction(epoch.value());
  }
  Result<void> commit(const Transaction& transaction) override {
    return note("commit " + std::to_string(transaction.size()));
  }
  Result<void> recover(const std::vector<Transaction>& held, Epoch next) override {
    return note("recover " + std::to_string(held.size()) + " before " +
                std::to_string(next.value()));
  }
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
  EXPECT_THAT(calls, ElementsAre("begin", "write 2", "pre_commit 1", "commit 1", "close"));
  EXPECT_THAT(out.lines(), ElementsAre("watermark 3", "end of input"));
}

TEST(SinkOperator, AbortsWhatHasNoEnd) {
  std::vector<std::string> calls;
  SinkOperator op(std::make_unique<Noting>(calls));
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  ASSERT_TRUE(op.open({"sink", clock}).has_value());
  ASSERT_TRUE(op.on_batch(batch_of(kSchema, {at(1, {1})}), out));
  ASSERT_TRUE(op.close().has_value());
  EXPECT_THAT(calls, ElementsAre("begin", "write 1", "abort", "close"));
}

OperatorContext checkpointed(Clock& clock, SourceShare share = {}) {
  OperatorContext context{"sink", clock};
  context.is_checkpointed = true;
  context.share = share;
  return context;
}

TEST(SinkOperator, CommitsWhatACheckpointHolds) {
  std::vector<std::string> calls;
  SinkOperator op(std::make_unique<Noting>(calls));
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  out.set_room(10);
  ASSERT_TRUE(op.open(checkpointed(clock)));
  ASSERT_TRUE(op.on_batch(batch_of(kSchema, {at(1, {1})}), out));
  ASSERT_TRUE(op.on_barrier(Epoch(1)));
  ASSERT_TRUE(op.on_barrier(Epoch(2)));  // Nothing has come between them.
  ASSERT_TRUE(op.on_batch(batch_of(kSchema, {at(2, {2})}), out));
  ASSERT_TRUE(op.on_checkpoint_aborted(Epoch(1)));
  ASSERT_TRUE(op.on_checkpoint_complete(Epoch(2)));
  ASSERT_TRUE(op.on_end_of_input(out));
  EXPECT_THAT(calls, ElementsAre("begin", "write 1", "pre_commit 1", "begin", "write 1", "commit 1",
                                 "pre_commit 3"));
  ASSERT_TRUE(op.on_checkpoint_complete(Epoch(3)));
  EXPECT_EQ(calls.back(), "commit 3");
}

TEST(SinkOperator, CommitsEachTransactionOnceWithOtherSubtasks) {
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  out.set_room(10);
  StateSnapshot held;
  for (std::size_t subtask = 0; subtask < 3; ++subtask) {
    std::vector<std::string> calls;
    SinkOperator op(std::make_unique<Noting>(calls));
    ASSERT_TRUE(op.open(checkpointed(clock, {subtask, 3})));
    ASSERT_TRUE(op.on_batch(batch_of(kSchema, {at(1, {1})}), out));
    ASSERT_TRUE(op.on_barrier(Epoch(7 + subtask)));
    StateSnapshot one;
    ASSERT_TRUE(op.snapshot(one));
    held.merge(one, [](KeyGroup) { return true; });
  }
  std::vector<std::string> first_calls;
  std::vector<std::string> second_calls;
  SinkOperator first(std::make_unique<Noting>(first_calls));
  SinkOperator second(std::make_unique<Noting>(second_calls));
  ASSERT_TRUE(first.open(checkpointed(clock, {0, 2})) && first.restore(held));
  ASSERT_TRUE(second.open(checkpointed(clock, {1, 2})) && second.restore(held));
  EXPECT_THAT(first_calls, ElementsAre("recover 3 before 10", "commit 1", "commit 1"));
  EXPECT_THAT(second_calls, ElementsAre("recover 3 before 10", "commit 1"));
}

// Results of a key are in the transactions of one subtask, so one must commit those in their order,
// however many there are now.
TEST(SinkOperator, CommitsWhatOneSubtaskWroteInOrder) {
  ManualClock clock(EventTime{});
  support::RecordingCollector out(kSchema);
  StateSnapshot merged;
  for (std::size_t subtask = 0; subtask < 2; ++subtask) {
    std::vector<std::string> ignored;
    SinkOperator op(std::make_unique<Noting>(ignored));
    ASSERT_TRUE(op.open(checkpointed(clock, {subtask, 2})));
    for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
      ASSERT_TRUE(op.on_batch(batch_of(kSchema, {at(1, {1})}), out));
      ASSERT_TRUE(op.on_barrier(Epoch(2 * epoch + subtask)));
    }
    StateSnapshot state;
    ASSERT_TRUE(op.snapshot(state));
    merged.merge(state, [](KeyGroup) { return true; });
  }
  std::vector<std::vector<std::string>> commits(3);
  for (std::size_t subtask = 0; subtask < 3; ++subtask) {
    SinkOperator op(std::make_unique<Noting>(commits[subtask]));
    ASSERT_TRUE(op.open(checkpointed(clock, {subtask, 3})));
    ASSERT_TRUE(op.restore(merged));
  }
  EXPECT_THAT(commits, ElementsAre(ElementsAre("recover 4 before 6", "commit 1", "commit 3"),
                                   ElementsAre("recover 4 before 6", "commit 1", "commit 4"),
                                   ElementsAre("recover 4 before 6")));
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
  EXPECT_TRUE(sink.pre_commit(Epoch(0)) && sink.commit({}) && sink.abort(Epoch(0)) && sink.close());
  EXPECT_THAT(seen, ElementsAre(4, 5));
}

}  // namespace
}  // namespace lymer::runtime
