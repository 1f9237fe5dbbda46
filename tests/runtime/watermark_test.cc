// Promises: where exactly an event is still in time, and what several inputs promise together.
// Not here: when watermarks are sent (tests/runtime/record_source_test.cc).
#include "runtime/watermark.h"

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

TEST(BoundedOutOfOrderness, PromisesNothingBeforeTheFirstEvent) {
  EXPECT_EQ(BoundedOutOfOrderness(Duration::millis(5)).current(), EventTime::min());
}

TEST(BoundedOutOfOrderness, LeavesAnEventExactlyAtTheBoundInTime) {
  BoundedOutOfOrderness watermarks(Duration::millis(5));
  watermarks.on_event(ms(100));
  EXPECT_EQ(watermarks.current(), ms(94));  // 95 is not late, 94 is.
}

TEST(BoundedOutOfOrderness, NeverFalls) {
  BoundedOutOfOrderness watermarks(Duration::millis(0));
  watermarks.on_event(ms(100));
  watermarks.on_event(ms(50));
  EXPECT_EQ(watermarks.current(), ms(99));
}

TEST(BoundedOutOfOrderness, StaysAtTheBeginningOfTime) {
  BoundedOutOfOrderness watermarks(Duration::days(1));
  watermarks.on_event(EventTime::min() + Duration::millis(5));
  EXPECT_EQ(watermarks.current(), EventTime::min());
}

TEST(BoundedOutOfOrderness, ComesBackFromASnapshot) {
  BoundedOutOfOrderness watermarks(Duration::millis(5));
  watermarks.on_event(ms(100));
  ByteWriter writer;
  watermarks.snapshot(writer);
  BoundedOutOfOrderness restored(Duration::millis(5));
  ByteReader reader(writer.bytes());
  restored.restore(reader);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(restored.current(), ms(94));
}

TEST(BoundedOutOfOrdernessDeathTest, RefusesANegativeBound) {
  EXPECT_DEATH(BoundedOutOfOrderness(Duration::millis(-1)), "bound");
}

TEST(WatermarkMerger, RisesWithTheSlowestInput) {
  WatermarkMerger merger(2);
  EXPECT_EQ(merger.on_watermark(0, ms(5)), std::nullopt);
  EXPECT_EQ(merger.on_watermark(1, ms(3)), ms(3));
  EXPECT_EQ(merger.on_watermark(1, ms(9)), ms(5));
  EXPECT_EQ(merger.on_watermark(1, ms(10)), std::nullopt);
  EXPECT_EQ(merger.current(), ms(5));
}

TEST(WatermarkMerger, PassesIdleInputsOver) {
  WatermarkMerger merger(2);
  EXPECT_EQ(merger.on_watermark(0, ms(5)), std::nullopt);
  EXPECT_EQ(merger.on_idle(1), ms(5));
  EXPECT_EQ(merger.on_watermark(0, ms(8)), ms(8));
}

TEST(WatermarkMerger, NeverFallsWhenAnIdleInputComesBack) {
  WatermarkMerger merger(2);
  (void)merger.on_watermark(0, ms(5));
  (void)merger.on_idle(1);
  EXPECT_EQ(merger.on_watermark(1, ms(2)), std::nullopt);
  EXPECT_EQ(merger.current(), ms(5));
  EXPECT_EQ(merger.on_watermark(0, ms(9)), std::nullopt);
  EXPECT_EQ(merger.on_watermark(1, ms(7)), ms(7));
}

TEST(WatermarkMerger, StaysWhereItIsWhenAllAreIdle) {
  WatermarkMerger merger(2);
  (void)merger.on_watermark(0, ms(5));
  (void)merger.on_watermark(1, ms(7));
  EXPECT_EQ(merger.on_idle(0), ms(7));
  EXPECT_EQ(merger.on_idle(1), std::nullopt);
  EXPECT_EQ(merger.current(), ms(7));
}

TEST(WatermarkMerger, IgnoresAnInputThatGoesBack) {
  WatermarkMerger merger(1);
  EXPECT_EQ(merger.on_watermark(0, ms(5)), ms(5));
  EXPECT_EQ(merger.on_watermark(0, ms(4)), std::nullopt);
}

TEST(WatermarkMerger, ReachesTheEndWhenAllInputsHave) {
  WatermarkMerger merger(2);
  EXPECT_EQ(merger.on_watermark(0, EventTime::max()), std::nullopt);
  EXPECT_EQ(merger.on_watermark(1, EventTime::max()), EventTime::max());
}

TEST(WatermarkMergerDeathTest, NeedsAnInput) { EXPECT_DEATH(WatermarkMerger(0), "inputs"); }

}  // namespace
}  // namespace lymer::runtime
