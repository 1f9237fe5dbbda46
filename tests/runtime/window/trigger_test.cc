// What each trigger answers, and which timers it asks for.
// Not here: what a window does then (tests/runtime/window/window_operator_test.cc).
#include "runtime/window/trigger.h"

#include <optional>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeContext final : public TriggerContext {
 public:
  EventTime watermark() const override { return watermark_time; }
  EventTime processing_time() const override { return now; }
  void set_timer(TimeDomain, EventTime time) override { timers.insert(time); }
  void remove_timer(TimeDomain, EventTime time) override { timers.erase(time); }
  std::optional<std::int64_t> number() override { return kept; }
  void set_number(std::int64_t number) override { kept = number; }
  void clear_number() override { kept.reset(); }

  EventTime watermark_time = EventTime::min();
  EventTime now;
  std::set<EventTime> timers;
  std::optional<std::int64_t> kept;
};

const Window kWindow{ms(0), ms(100)};

TriggerResult event_at(Trigger& trigger, std::int64_t time, FakeContext& context,
                       const Window& window = kWindow) {
  EventHeader header;
  header.time = ms(time);
  return trigger.on_event({header, {}}, window, context);
}

TEST(Trigger, FiresAtTheEndAndForEachLateEvent) {
  FakeContext context;
  const auto trigger = at_end(TimeDomain::kEventTime);
  EXPECT_EQ(event_at(*trigger, 5, context), TriggerResult::kContinue);
  EXPECT_THAT(context.timers, ElementsAre(ms(99)));
  EXPECT_EQ(trigger->on_time(TimeDomain::kEventTime, ms(99), kWindow, context),
            TriggerResult::kFire);
  EXPECT_EQ(trigger->on_time(TimeDomain::kEventTime, ms(150), kWindow, context),
            TriggerResult::kContinue);
  context.timers.clear();
  context.watermark_time = ms(99);
  EXPECT_EQ(event_at(*trigger, 5, context), TriggerResult::kFire);
  EXPECT_THAT(context.timers, IsEmpty());
}

TEST(Trigger, FiresAtTheEndByTheClock) {
  FakeContext context;
  context.watermark_time = EventTime::max();
  const auto trigger = at_end(TimeDomain::kProcessingTime);
  EXPECT_EQ(event_at(*trigger, 5, context), TriggerResult::kContinue);
  EXPECT_EQ(trigger->on_time(TimeDomain::kProcessingTime, ms(99), kWindow, context),
            TriggerResult::kFire);
  trigger->clear(kWindow, context);
  EXPECT_THAT(context.timers, IsEmpty());
}

TEST(Trigger, FiresAfterEachCount) {
  FakeContext context;
  const auto trigger = each_count(2);
  EXPECT_EQ(event_at(*trigger, 1, context), TriggerResult::kContinue);
  EXPECT_EQ(event_at(*trigger, 2, context), TriggerResult::kFire);
  EXPECT_EQ(event_at(*trigger, 3, context), TriggerResult::kContinue);
  EXPECT_EQ(trigger->merge_numbers(1, 2), 3);
  context.kept = 4;
  EXPECT_EQ(event_at(*trigger, 4, context), TriggerResult::kFire);
  EXPECT_EQ(context.kept, std::nullopt);
}

TEST(Trigger, FiresEachIntervalAndAtTheEnd) {
  FakeContext context;
  const auto trigger = each_interval(TimeDomain::kEventTime, Duration::millis(40));
  EXPECT_EQ(event_at(*trigger, 5, context), TriggerResult::kContinue);
  EXPECT_THAT(context.timers, ElementsAre(ms(40), ms(99)));
  context.timers.erase(ms(40));
  EXPECT_EQ(trigger->on_time(TimeDomain::kEventTime, ms(40), kWindow, context),
            TriggerResult::kFire);
  EXPECT_THAT(context.timers, ElementsAre(ms(80), ms(99)));
  EXPECT_EQ(trigger->on_time(TimeDomain::kEventTime, ms(99), kWindow, context),
            TriggerResult::kFire);
  trigger->clear(kWindow, context);
  EXPECT_THAT(context.timers, IsEmpty());
}

TEST(Trigger, SetsTheTimerOfAMergedWindow) {
  FakeContext context;
  at_end(TimeDomain::kEventTime)->on_merge(kWindow, context);
  EXPECT_THAT(context.timers, ElementsAre(ms(99)));
  context.timers.clear();
  context.kept = 40;
  const auto interval = each_interval(TimeDomain::kEventTime, Duration::millis(40));
  EXPECT_EQ(interval->merge_numbers(80, 40), 40);
  interval->on_merge(kWindow, context);
  EXPECT_THAT(context.timers, ElementsAre(ms(40), ms(99)));
  EXPECT_EQ(context.kept, 40);
}

TEST(Trigger, FiresNoMoreIntervalsWhereAStreamHasEnded) {
  FakeContext context;
  const auto trigger = each_interval(TimeDomain::kEventTime, Duration::millis(40));
  (void)event_at(*trigger, 5, context, Window::global());
  context.timers.clear();
  context.watermark_time = EventTime::max();
  EXPECT_EQ(trigger->on_time(TimeDomain::kEventTime, ms(40), Window::global(), context),
            TriggerResult::kFire);
  EXPECT_THAT(context.timers, IsEmpty());
}

TEST(Trigger, NeverFires) {
  FakeContext context;
  EXPECT_EQ(event_at(*never(), 1, context, Window::global()), TriggerResult::kContinue);
}

TEST(Trigger, PurgesWhatFires) {
  FakeContext context;
  const auto trigger = purging(each_count(2));
  EXPECT_EQ(event_at(*trigger, 1, context), TriggerResult::kContinue);
  EXPECT_EQ(event_at(*trigger, 2, context), TriggerResult::kFireAndPurge);
  EXPECT_TRUE(fires(TriggerResult::kFireAndPurge) && purges(TriggerResult::kFireAndPurge));
  EXPECT_FALSE(fires(TriggerResult::kPurge) || purges(TriggerResult::kFire));
}

}  // namespace
}  // namespace lymer::runtime
