// The defaults: an operator without a will of its own hands on and waits when it is refused.
// Not here: operators that do something (tests/runtime/operators/).
#include "runtime/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using support::ms;
using support::RecordingCollector;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SchemaRef kSchema = support::schema_of({{"k", support::kText}});

class PassThrough final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return emit_or_keep(std::move(batch), out);
  }
};

TEST(Operator, HandsEverythingOnByDefault) {
  support::verify([] { return std::make_unique<PassThrough>(); },
                  {.input = kSchema, .outputs = {{kMainPort, kSchema}}})
      .input({at(1, {"a"}), support::mark(IdleMark{}), support::watermark(1), at(2, {"b"}),
              support::timer(5), support::mark(ControlRecord{1, "x"}), support::last_watermark(),
              support::end_of_input()})
      .expect({R"(@1 {"k":"a"})", "idle", "watermark 1", R"(@2 {"k":"b"})", "control 1 x",
               "watermark max", "end of input"});
}

TEST(Operator, KeepsWhatWasRefusedUntilItIsResumed) {
  PassThrough op;
  RecordingCollector out(kSchema);
  out.set_room(0);
  EXPECT_EQ(op.on_batch(batch_of(kSchema, {at(1, {"a"})}), out).value(), Progress::kBlocked);
  EXPECT_EQ(op.resume(out).value(), Progress::kBlocked);
  EXPECT_THAT(out.lines(), IsEmpty());
  out.set_room(1);
  EXPECT_EQ(op.resume(out).value(), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre(R"(@1 {"k":"a"})"));
  EXPECT_EQ(op.resume(out).value(), Progress::kDone);
}

TEST(Operator, HasNoStateByDefault) {
  PassThrough op;
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state));
  EXPECT_EQ(state, StateSnapshot());
  EXPECT_TRUE(op.restore(state));
  EXPECT_TRUE(op.close());
}

TEST(OperatorDeathTest, RefusesInputWhileBlocked) {
  PassThrough op;
  RecordingCollector out(kSchema);
  out.set_room(0);
  ASSERT_EQ(op.on_watermark(ms(1), out).value(), Progress::kBlocked);
  EXPECT_DEATH((void)op.on_watermark(ms(2), out), "given input while blocked");
}

}  // namespace
}  // namespace lymer::runtime
