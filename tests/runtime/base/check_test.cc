// Checks that hold do nothing; those that fail end the process and show both operands.
// Not here: errors of users (tests/runtime/base/result_test.cc).
#include "runtime/base/check.h"

#include <gtest/gtest.h>

namespace lymer {
namespace {

TEST(Check, PassesWhatHolds) {
  LYMER_CHECK(true);
  LYMER_CHECK(1 < 2, "a detail");
  LYMER_CHECK_EQ(1, 1);
  LYMER_CHECK_NE(1, 2);
  LYMER_CHECK_LE(1, 1);
  LYMER_CHECK_LT(1, 2);
  LYMER_CHECK_GE(2, 2);
  LYMER_CHECK_GT(2, 1);
  LYMER_DCHECK(true, "a detail");
}

TEST(Check, EvaluatesItsOperandsOnce) {
  int calls = 0;
  LYMER_CHECK_EQ(++calls, 1);
  LYMER_CHECK(++calls == 2);
  EXPECT_EQ(calls, 2);
}

TEST(CheckDeathTest, NamesTheConditionItsDetailAndItsPlace) {
  EXPECT_DEATH(LYMER_CHECK(1 > 2, "numbers are odd today"),
               "lymer: bug: check failed: 1 > 2 \\(numbers are odd today\\) at .*check_test.cc:");
  EXPECT_DEATH(LYMER_CHECK(1 > 2), "1 > 2");
}

TEST(CheckDeathTest, ShowsBothOperands) {
  const int left = 3;
  const int right = 4;
  EXPECT_DEATH(LYMER_CHECK_GE(left, right), "left >= right \\(3 against 4\\)");
}

TEST(CheckDeathTest, SaysWhereAnImpossiblePlaceWasReached) {
  EXPECT_DEATH(check_failed("a known kind", "kind 9"), "a known kind \\(kind 9\\)");
}

TEST(Check, CostsNothingInReleaseWhenItIsADebugCheck) {
  int calls = 0;
  LYMER_DCHECK(++calls > 0);
#ifdef NDEBUG
  EXPECT_EQ(calls, 0);
#else
  EXPECT_EQ(calls, 1);
#endif
}

}  // namespace
}  // namespace lymer
