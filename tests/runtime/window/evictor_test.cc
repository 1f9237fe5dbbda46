// Which events each evictor takes out.
// Not here: windows (tests/runtime/window/window_operator_test.cc).
#include "runtime/window/evictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using Times = std::vector<std::int64_t>;

std::vector<WindowEvent> events_at(const Times& times) {
  std::vector<WindowEvent> events;
  for (const std::int64_t time : times) events.push_back({ms(time), {}});
  return events;
}

Times times_of(const std::vector<WindowEvent>& events) {
  Times times;
  for (const WindowEvent& each : events) times.push_back(each.time.to_millis());
  return times;
}

Times before(Evictor& evictor, const Times& times) {
  auto events = events_at(times);
  evictor.evict_before(events);
  return times_of(events);
}

TEST(Evictor, KeepsTheLastOnes) {
  EXPECT_THAT(before(*keep_last(2), {5, 1, 9}), ElementsAre(1, 9));
  EXPECT_THAT(before(*keep_last(3), {5, 1, 9}), ElementsAre(5, 1, 9));
  EXPECT_THAT(before(*keep_last(0), {5, 1, 9}), ElementsAre());
}

TEST(Evictor, KeepsTheRecentOnes) {
  EXPECT_THAT(before(*keep_recent(Duration::millis(4)), {5, 9, 6, 1}), ElementsAre(9, 6));
  EXPECT_THAT(before(*keep_recent(Duration::millis(4)), {}), ElementsAre());
}

TEST(Evictor, KeepsThoseNearTheLast) {
  const auto distance = [](const WindowEvent& event, const WindowEvent& last) {
    return static_cast<double>((last.time - event.time).to_millis());
  };
  EXPECT_THAT(before(*keep_near(3, distance), {1, 7, 8, 9}), ElementsAre(7, 8, 9));
  EXPECT_THAT(before(*keep_near(2, distance), {1, 7, 8, 9}), ElementsAre(8, 9));
}

TEST(Evictor, ActsBeforeOrBehindTheFunction) {
  const auto evictor = keep_last(1, EvictWhen::kAfter);
  EXPECT_THAT(before(*evictor, {1, 2}), ElementsAre(1, 2));
  auto events = events_at({1, 2});
  evictor->evict_after(events);
  EXPECT_THAT(times_of(events), ElementsAre(2));
  const auto other = keep_last(1);
  events = events_at({1, 2});
  other->evict_after(events);
  EXPECT_THAT(times_of(events), ElementsAre(1, 2));
}

}  // namespace
}  // namespace lymer::runtime
