// The windows of an event, and windows that make no sense.
// Not here: what happens in them (tests/runtime/window/window_operator_test.cc).
#include "runtime/window/assigner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Window> windows_of(const WindowAssigner& assigner, std::int64_t time) {
  const EventHeader header;
  std::vector<Window> windows;
  assigner.assign({header, {}}, ms(time), windows);
  return windows;
}

Duration length(std::int64_t millis) { return Duration::millis(millis); }

TEST(WindowAssigner, GivesOneTumblingWindow) {
  EXPECT_THAT(windows_of(WindowAssigner::tumbling(length(10)), 10),
              ElementsAre(Window{ms(10), ms(20)}));
  EXPECT_THAT(windows_of(WindowAssigner::tumbling(length(10), length(5)), 14),
              ElementsAre(Window{ms(5), ms(15)}));
}

TEST(WindowAssigner, GivesSlidingWindowsTheLatestFirst) {
  EXPECT_THAT(windows_of(WindowAssigner::sliding(length(10), length(4)), 9),
              ElementsAre(Window{ms(8), ms(18)}, Window{ms(4), ms(14)}, Window{ms(0), ms(10)}));
}

TEST(WindowAssigner, GivesNoneBetweenSlidingWindowsThatDoNotTouch) {
  EXPECT_THAT(windows_of(WindowAssigner::sliding(length(2), length(5)), 3), IsEmpty());
  EXPECT_THAT(windows_of(WindowAssigner::sliding(length(2), length(5)), 6),
              ElementsAre(Window{ms(5), ms(7)}));
}

TEST(WindowAssigner, GivesEachEventASessionOfItsGap) {
  EXPECT_THAT(windows_of(WindowAssigner::session(length(7)), 3),
              ElementsAre(Window{ms(3), ms(10)}));
  const auto by_event = WindowAssigner::session([](const EventView& event) {
    return Duration::millis(event.header.id.offset == 0 ? -1 : 1);
  });
  EXPECT_THAT(windows_of(by_event, 3), ElementsAre(Window{ms(3), ms(4)}));
}

TEST(WindowAssigner, StopsAtTheBeginningOfTime) {
  const std::int64_t first = EventTime::min().to_millis();
  EXPECT_FALSE(windows_of(WindowAssigner::sliding(length(10), length(3)), first).empty());
}

TEST(WindowAssigner, RefusesWhatMakesNoSense) {
  const auto refused = [](const WindowAssigner& assigner) {
    const auto checked = assigner.check();
    return !checked && checked.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(WindowAssigner::tumbling(length(0))));
  EXPECT_TRUE(refused(WindowAssigner::sliding(length(10), length(-1))));
  EXPECT_TRUE(refused(WindowAssigner::session(length(0))));
  EXPECT_TRUE(refused(WindowAssigner::tumbling(length(10), length(10))));
  EXPECT_TRUE(refused(WindowAssigner::tumbling(length(10), length(-10))));
  EXPECT_TRUE(refused(WindowAssigner::sliding(Duration::days(1), length(1))));
  EXPECT_TRUE(WindowAssigner::tumbling(length(10), length(-9)).check().has_value());
  EXPECT_TRUE(WindowAssigner::global().check().has_value());
}

}  // namespace
}  // namespace lymer::runtime
