// Sessions that touch become one, under the state window of the first.
// Not here: what becomes of their contents (tests/runtime/window/window_operator_test.cc).
#include "runtime/window/merging_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/state/keyed_state.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Window span_of(std::int64_t start, std::int64_t end) { return {ms(start), ms(end)}; }

MergingWindow kept(const Window& window, const Window& state) { return {window, state}; }

TEST(MergingWindows, KeepsApartWhatDoesNotTouch) {
  MergingWindows windows;
  EXPECT_THAT(windows.add(span_of(20, 25)).parts, IsEmpty());
  EXPECT_THAT(windows.add(span_of(0, 5)).parts, IsEmpty());
  EXPECT_THAT(windows.all(), ElementsAre(kept(span_of(0, 5), span_of(0, 5)),
                                         kept(span_of(20, 25), span_of(20, 25))));
}

TEST(MergingWindows, MakesOneOfThoseThatTouch) {
  MergingWindows windows;
  (void)windows.add(span_of(0, 5));
  (void)windows.add(span_of(9, 14));
  (void)windows.add(span_of(30, 35));
  const WindowMerge merge = windows.add(span_of(5, 10));
  EXPECT_EQ(merge.window, span_of(0, 14));
  EXPECT_EQ(merge.state_window, span_of(0, 5));
  EXPECT_THAT(merge.parts, ElementsAre(kept(span_of(0, 5), span_of(0, 5)),
                                       kept(span_of(9, 14), span_of(9, 14))));
  EXPECT_THAT(windows.all(), ElementsAre(kept(span_of(0, 14), span_of(0, 5)),
                                         kept(span_of(30, 35), span_of(30, 35))));
  EXPECT_EQ(windows.state_window(span_of(0, 14)), span_of(0, 5));
  EXPECT_EQ(windows.state_window(span_of(0, 5)), std::nullopt);
}

TEST(MergingWindows, TellsWhenNothingChanges) {
  MergingWindows windows;
  EXPECT_TRUE(windows.add(span_of(0, 10)).has_changed);
  const WindowMerge within = windows.add(span_of(3, 7));
  EXPECT_FALSE(within.has_changed);
  EXPECT_EQ(within.window, span_of(0, 10));
  EXPECT_THAT(within.parts, IsEmpty());
  // Longer by one: the window that was there goes.
  EXPECT_THAT(windows.add(span_of(5, 11)).parts, ElementsAre(kept(span_of(0, 10), span_of(0, 10))));
}

TEST(MergingWindows, ForgetsAndComesBackFromState) {
  MergingWindows windows;
  (void)windows.add(span_of(0, 5));
  (void)windows.add(span_of(3, 9));
  (void)windows.add(span_of(20, 25));
  const auto bytes = state_bytes(windows.all());
  EXPECT_EQ(from_state<std::vector<MergingWindow>>(bytes), windows.all());
  windows.remove(span_of(0, 9));
  EXPECT_THAT(windows.all(), ElementsAre(kept(span_of(20, 25), span_of(20, 25))));
}

}  // namespace
}  // namespace lymer::runtime
