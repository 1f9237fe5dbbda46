// A stream driven by hand: what comes out when.
// Not here: the words of the stream (tests/cep/pattern_stream_test.cc).
#include "cep/pattern_run.h"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

PatternStream telling() {
  PatternBuilder pattern = a_then_b();
  pattern.within(Duration::millis(10));
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.key_by({"user"}).select(told_schema(), tell).select_timeouts(told_schema(), tell);
  return stream;
}

TEST(PatternRun, GivesMatchesAsTheWatermarkRises) {
  PaymentRun run(telling());
  run.pay(3, "u", "b", 3);
  run.pay(1, "u", "a", 1);
  EXPECT_THAT(run.take_lines(), IsEmpty());
  ASSERT_TRUE(run.run->advance_watermark(ms(2)));
  EXPECT_THAT(run.take_lines(), IsEmpty());
  ASSERT_TRUE(run.run->advance_watermark(ms(3)));
  EXPECT_THAT(run.take_lines(), ElementsAre("@3 a 1 b 3"));
}

TEST(PatternRun, GivesLateEventsAndTimeouts) {
  PaymentRun run(telling());
  run.pay(5, "u", "a", 1);
  ASSERT_TRUE(run.run->advance_watermark(ms(7)));
  run.pay(7, "u", "b", 2);
  EXPECT_THAT(run.take_lines(), ElementsAre("late @7"));
  EXPECT_EQ(run.run->late_events(), 1U);
  EXPECT_THAT(run.finish(), ElementsAre("timeout @15 a 1"));
  EXPECT_EQ(run.run->counters().timeouts, 1U);
}

TEST(PatternRun, DropsWhatNobodyAskedFor) {
  ManualClock clock(ms(0));
  const auto run = PatternRun::start(telling(), clock).value();
  runtime::RowBuilder row(payment_schema());
  row.reset();
  row.set(0, runtime::Value::of("u"));
  row.set(1, runtime::Value::of("a"));
  row.set(2, runtime::Value::of(std::int64_t{1}));
  ASSERT_TRUE(run->add(ms(1), row));
  ASSERT_TRUE(run->finish());
  EXPECT_EQ(run->counters().timeouts, 1U);
}

TEST(PatternRun, EndsWindowsByTheClock) {
  PatternStream stream = telling();
  stream.in_processing_time();
  PaymentRun run(std::move(stream), 100);
  run.pay(0, "u", "a", 1);
  run.clock.sleep(Duration::millis(9));
  ASSERT_TRUE(run.run->advance_clock());
  EXPECT_THAT(run.take_lines(), IsEmpty());
  run.clock.sleep(Duration::millis(1));
  ASSERT_TRUE(run.run->advance_clock());
  EXPECT_THAT(run.take_lines(), ElementsAre("timeout @110 a 1"));
}

TEST(PatternRun, TellsWhyItCannotStart) {
  ManualClock clock(ms(0));
  PatternStream stream = telling();
  stream.key_by({"nobody"});
  EXPECT_FALSE(PatternRun::start(std::move(stream), clock).has_value());
}

}  // namespace
}  // namespace lymer::cep
