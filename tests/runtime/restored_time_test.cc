// Which watermark a subtask goes on with.
// Not here: what operators do with it.
#include "runtime/restored_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/byte_codec.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

StateSnapshot times(const std::vector<EventTime>& all) {
  StateSnapshot merged;
  for (const EventTime each : all) {
    StateSnapshot one;
    ByteWriter writer;
    writer.put_time(each);
    one.put_operator_state("time", std::move(writer).take());
    merged.merge(one, [](KeyGroup) { return true; });
  }
  return merged;
}

TEST(RestoredTime, IsOnesOwnAmongAsManyAsBefore) {
  EXPECT_EQ(restored_time(times({ms(5), ms(3)}), "time", {0, 2}).value(), ms(5));
  EXPECT_EQ(restored_time(times({ms(5), ms(3)}), "time", {1, 2}).value(), ms(3));
}

TEST(RestoredTime, IsTheEarliestForAnotherNumberOfSubtasks) {
  EXPECT_EQ(restored_time(times({ms(5), ms(3)}), "time", {2, 3}).value(), ms(3));
  EXPECT_EQ(restored_time(times({ms(5), EventTime::max()}), "time", {0, 1}).value(), ms(5));
}

TEST(RestoredTime, IsNothingWithoutAny) {
  EXPECT_FALSE(restored_time(times({}), "time", {0, 1}).value());
}

TEST(RestoredTime, RefusesWhatIsNoTime) {
  StateSnapshot cut;
  cut.put_operator_state("time", std::vector<std::byte>(7));
  EXPECT_EQ(restored_time(cut, "time", {0, 1}).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::runtime
