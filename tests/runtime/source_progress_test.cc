// Numbers of a subtask, promises, and both again from a snapshot.
// Not here: the sources that have them (tests/runtime/{row,batch}_source_test.cc).
#include "runtime/source_progress.h"

#include <gtest/gtest.h>

#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using support::ms;

TEST(SourceProgress, CountsTheNumbersOfItsSubtask) {
  SourceProgress progress({.subtask = 2, .subtasks = 3}, {});
  EXPECT_EQ(progress.next(), 2U);
  progress.advance();
  EXPECT_EQ(progress.next(), 5U);
}

TEST(SourceProgress, PromisesOnceWhatEventsAllow) {
  SourceProgress progress({}, Duration::millis(2));
  EXPECT_FALSE(progress.is_behind(ms(1)));
  progress.on_event(ms(10));
  EXPECT_EQ(progress.watermark(), ms(7));
  EXPECT_TRUE(progress.is_behind(ms(7)));
  EXPECT_FALSE(progress.is_behind(ms(8)));
  SourceQueue queue;
  progress.promise(queue);
  EXPECT_FALSE(progress.is_behind(ms(7)));  // It was promised.
  progress.promise(queue);
  support::RecordingCollector out(nullptr);
  EXPECT_TRUE(queue.flush(out));
  EXPECT_EQ(out.lines(), std::vector<std::string>{"watermark 7"});
}

TEST(SourceProgress, ComesBackFromASnapshot) {
  SourceProgress before({.subtask = 1, .subtasks = 2}, Duration::millis(2));
  before.advance();
  before.on_event(ms(10));
  SourceQueue queue;
  before.promise(queue);
  StateSnapshot state;
  before.snapshot("rows", state);
  SourceProgress after({.subtask = 1, .subtasks = 2}, Duration::millis(2));
  ASSERT_TRUE(after.restore("rows", state));
  EXPECT_EQ(after.next(), 3U);
  EXPECT_EQ(after.watermark(), ms(7));
  SourceQueue quiet;
  after.promise(quiet);
  EXPECT_TRUE(quiet.empty());
  SourceProgress other({.subtask = 0, .subtasks = 2}, {});
  ASSERT_TRUE(other.restore("rows", state));
  EXPECT_EQ(other.next(), 0U);  // That was another's.
  SourceProgress more({.subtask = 0, .subtasks = 4}, {});
  EXPECT_EQ(more.restore("rows", state).error().code, ErrorCode::kUnsupported);
}

TEST(SourceProgress, RefusesWhatIsNoState) {
  StateSnapshot state;
  state.put_operator_state("rows", {std::byte{1}});
  SourceProgress progress({}, {});
  EXPECT_FALSE(progress.restore("rows", state));
}

}  // namespace
}  // namespace lymer::runtime
