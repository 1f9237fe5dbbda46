// What the variable may say, and that a process dies where it says so.
// Not here: the places (tests/crash/failpoint_test.py).
#include "runtime/base/failpoint.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer {
namespace {

using ::testing::HasSubstr;
using ::testing::KilledBySignal;

TEST(Failpoint, DiesWhenItIsPassed) {
  auto points = Failpoints::parse("sink.here=crash");
  ASSERT_TRUE(points);
  points->pass("sink.there");
  EXPECT_EXIT(points->pass("sink.here"), KilledBySignal(SIGKILL), "");
}

TEST(Failpoint, LetsPassUntilItsNumber) {
  auto points = Failpoints::parse("a=crash,b=crash@3");
  ASSERT_TRUE(points);
  points->pass("b");
  points->pass("b");
  EXPECT_EXIT(points->pass("b"), KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(points->pass("a"), KilledBySignal(SIGKILL), "");
}

TEST(Failpoint, NothingIsNone) {
  auto points = Failpoints::parse("");
  ASSERT_TRUE(points);
  points->pass("");
}

TEST(Failpoint, RefusesWhatItCannotRead) {
  for (const char* wrong : {"a", "=crash", "a=", "a=sleep", "a=crash@", "a=crash@0", "a=crash@2x",
                            "a=crash2", "a=crash,b"}) {
    const auto points = Failpoints::parse(wrong);
    ASSERT_FALSE(points) << wrong;
    EXPECT_EQ(points.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(points.error().to_string(), HasSubstr("is no failpoint")) << wrong;
  }
}

}  // namespace
}  // namespace lymer
