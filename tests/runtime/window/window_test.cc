// Spans of time and their bytes.
// Not here: which windows an event is in (tests/runtime/window/assigner_test.cc).
#include "runtime/window/window.h"

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

TEST(Window, EndsBeforeItsEnd) {
  const Window window{ms(10), ms(20)};
  EXPECT_EQ(window.max_timestamp(), ms(19));
  EXPECT_EQ(Window::global().max_timestamp(), EventTime::max());
  EXPECT_TRUE(Window::global().is_global());
  EXPECT_FALSE(window.is_global());
}

TEST(Window, MeetsThoseThatItTouches) {
  const Window window{ms(10), ms(20)};
  EXPECT_TRUE(window.intersects({ms(20), ms(30)}));
  EXPECT_TRUE(window.intersects({ms(0), ms(10)}));
  EXPECT_FALSE(window.intersects({ms(21), ms(30)}));
  EXPECT_EQ(window.cover({ms(15), ms(30)}), (Window{ms(10), ms(30)}));
}

TEST(Window, ComesBackFromItsBytes) {
  for (const Window& window :
       {Window{ms(0), ms(1)}, Window{ms(-5), ms(5)}, Window{ms(60'000), ms(120'000)},
        Window{ms(1'700'000'000'000), ms(1'700'086'400'000)}, Window{ms(3), ms(1LL << 60)},
        Window::global()}) {
    EXPECT_EQ(window_of(namespace_of(window)), window);
  }
  // A minute's window needs no memory of its own.
  EXPECT_LE(namespace_of({ms(60'000), ms(120'000)}).size(), 15U);
}

TEST(Window, RefusesBytesThatAreNone) {
  const std::vector<std::byte> bytes = namespace_of({ms(0), ms(1'000'000)});
  for (std::size_t size = 2; size < bytes.size(); ++size) {
    EXPECT_EQ(window_of(std::span(bytes).first(size)), std::nullopt) << size;
  }
  EXPECT_EQ(window_of({}), std::nullopt);
}

TEST(WindowStart, GoesDownAlsoBeforeTheEpoch) {
  const Duration size = Duration::millis(10);
  EXPECT_EQ(window_start(ms(19), size, {}), ms(10));
  EXPECT_EQ(window_start(ms(20), size, {}), ms(20));
  EXPECT_EQ(window_start(ms(-1), size, {}), ms(-10));
  EXPECT_EQ(window_start(ms(12), size, Duration::millis(3)), ms(3));
  EXPECT_EQ(window_start(ms(2), size, Duration::millis(3)), ms(-7));
  EXPECT_EQ(window_start(ms(2), size, Duration::millis(-3)), ms(-3));
}

}  // namespace
}  // namespace lymer::runtime
