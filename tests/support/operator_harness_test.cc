// The harness finds what is wrong: each operator here has one fault, which must be reported under
// the name of the way that shows it.
// Not here: operators that are meant to be right.
#include "tests/support/operator_harness.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/byte_codec.h"

namespace lymer::support {
namespace {

using runtime::Collector;
using runtime::EventBatch;
using runtime::Operator;
using runtime::Progress;
using runtime::StateSnapshot;
using runtime::StreamElement;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const runtime::SchemaRef kSchema = schema_of({{"n", kInteger}});

EventBatch count_batch(std::int64_t count) { return batch_of(kSchema, {at(0, {count})}); }

// Says after each batch how many events there were; its state is that number.
class Counter : public Operator {
 public:
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    for (std::size_t i = 0; i < batch.size(); ++i) waiting_.push_back(++count_);
    return resume(out);
  }
  Result<Progress> resume(Collector& out) override {
    LYMER_ASSIGN_OR_RETURN(const Progress kept, Operator::resume(out));
    if (kept == Progress::kBlocked) return kept;
    while (!waiting_.empty()) {
      StreamElement element = count_batch(waiting_.front());
      if (!out.try_emit(runtime::kMainPort, element)) return Progress::kBlocked;
      waiting_.erase(waiting_.begin());
    }
    return Progress::kDone;
  }
  Result<void> snapshot(StateSnapshot& state) const override {
    ByteWriter writer;
    writer.put_i64(count_);
    state.put_operator_state("count", std::move(writer).take());
    return {};
  }
  Result<void> restore(const StateSnapshot& state) override {
    ByteReader reader(state.get_operator_state("count").value());
    count_ = reader.i64();
    return reader.status("a counter");
  }

 protected:
  std::int64_t count_ = 0;
  std::vector<std::int64_t> waiting_;
};

class DropsOnRefusal final : public Counter {
  Result<Progress> resume(Collector& out) override {
    LYMER_RETURN_IF_ERROR(Counter::resume(out));
    waiting_.clear();
    return Progress::kDone;
  }
};

class DropsQuietly final : public Counter {
  Result<Progress> resume(Collector& out) override {
    LYMER_ASSIGN_OR_RETURN(const Progress progress, Counter::resume(out));
    if (progress == Progress::kBlocked) waiting_.clear();
    return progress;
  }
};

class BlocksForNothing final : public Counter {
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    LYMER_RETURN_IF_ERROR(Counter::on_batch(std::move(batch), out));
    return Progress::kBlocked;
  }
};

class ForgetsOnRestore final : public Counter {
  Result<void> restore(const StateSnapshot& state) override {
    (void)state;
    return {};
  }
};

class UnstableSnapshot final : public Counter {
  Result<void> snapshot(StateSnapshot& state) const override {
    LYMER_RETURN_IF_ERROR(Counter::snapshot(state));
    state.put_operator_state("taken", std::vector<std::byte>(++taken_));
    return {};
  }
  mutable std::size_t taken_ = 0;
};

class DependsOnBatches final : public Counter {
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    if (batch.size() > 1) return emit_or_keep(count_batch(99), out);
    return Counter::on_batch(std::move(batch), out);
  }
};

class SpoiledBySnapshots final : public Counter {
  Result<void> snapshot(StateSnapshot& state) const override {
    const_cast<SpoiledBySnapshots*>(this)->count_ += 100;
    return Counter::snapshot(state);
  }
};

class FailsOnRestore final : public Counter {
  Result<void> restore(const StateSnapshot& state) override {
    (void)state;
    return Error{ErrorCode::kCorrupt, "not my bytes"};
  }
};

template <typename Op>
std::vector<std::string> failures_of() {
  return verify([] { return std::make_unique<Op>(); },
                {.input = kSchema, .outputs = {{runtime::kMainPort, kSchema}}})
      .input({at(1, {7}), at(2, {7}), watermark(1), at(3, {7}), end_of_input()})
      .failures({R"(@0 {"n":1})", R"(@0 {"n":2})", "watermark 1", R"(@0 {"n":3})", "end of input"});
}

TEST(OperatorHarness, IsContentWithAnOperatorThatIsRight) {
  EXPECT_THAT(failures_of<Counter>(), IsEmpty());
}

TEST(OperatorHarness, ReportsAnOperatorThatIsDoneWithoutItsOutput) {
  EXPECT_THAT(failures_of<DropsOnRefusal>(),
              Contains(AllOf(StartsWith("refusing collector"), HasSubstr("answered kDone"))));
}

TEST(OperatorHarness, ReportsOutputLostByARefusal) {
  EXPECT_THAT(failures_of<DropsQuietly>(),
              ElementsAre(AllOf(StartsWith("refusing collector"), HasSubstr("port 0 gave"))));
}

TEST(OperatorHarness, ReportsBlockingWithoutARefusal) {
  EXPECT_THAT(failures_of<BlocksForNothing>(),
              Contains(AllOf(StartsWith("one event a batch"), HasSubstr("nothing was refused"))));
}

TEST(OperatorHarness, ReportsStateLostByRestore) {
  EXPECT_THAT(failures_of<ForgetsOnRestore>(),
              Contains(AllOf(StartsWith("restore after each input"), HasSubstr("port 0 gave"))));
}

TEST(OperatorHarness, ReportsUnequalSnapshots) {
  EXPECT_THAT(failures_of<UnstableSnapshot>(),
              Contains(AllOf(StartsWith("snapshot twice"), HasSubstr("other bytes"))));
}

TEST(OperatorHarness, ReportsDependenceOnBatches) {
  EXPECT_THAT(failures_of<DependsOnBatches>(), Contains(StartsWith("in bulk: port 0 gave")));
}

TEST(OperatorHarness, ReportsSnapshotsThatChangeTheOperator) {
  EXPECT_THAT(failures_of<SpoiledBySnapshots>(),
              Contains(StartsWith("snapshot after each input: port 0 gave")));
}

TEST(OperatorHarness, ReportsErrorsWithTheirPlace) {
  EXPECT_THAT(failures_of<FailsOnRestore>(),
              Contains(StartsWith("restore after each input: before the first input: restore: not "
                                  "my bytes")));
}

TEST(OperatorHarness, ReportsOutputOnAPortThatIsNotExpected) {
  const auto failures = verify([] { return std::make_unique<Counter>(); },
                               {.input = kSchema, .outputs = {{runtime::kMainPort, kSchema}}})
                            .input({watermark(1)})
                            .failures({}, {{runtime::Port(1), {"watermark 1"}}});
  EXPECT_EQ(failures.size(), 12U);  // Both ports in each of the six ways.
}

}  // namespace
}  // namespace lymer::support
