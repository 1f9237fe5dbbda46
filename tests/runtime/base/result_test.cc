// Values or errors, their chain of causes, and the macros that pass errors on.
// Not here: codes of rule files (tests/rules/).
#include "runtime/base/result.h"

#include <gtest/gtest.h>

namespace lymer {
namespace {

Result<int> half(int number) {
  if (number % 2 == 0) return number / 2;
  return Error{ErrorCode::kInvalidArgument, "halving an odd number"};
}

Result<int> quarter(int number) {
  LYMER_ASSIGN_OR_RETURN(const int once, half(number));
  LYMER_ASSIGN_OR_RETURN(const int twice, half(once));
  return twice;
}

Result<void> check_half(int number) {
  if (number < 0) return Error{ErrorCode::kLimit, "negative"};
  return {};
}

Result<void> check_all(int first, int second) {
  LYMER_RETURN_IF_ERROR(check_half(first));
  LYMER_RETURN_IF_ERROR(check_half(second));
  return {};
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = half(4);
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 2);
  const Result<int> bad = half(3);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, ErrorCode::kInvalidArgument);
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, PassesErrorsOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "halving an odd number");
  EXPECT_TRUE(check_all(1, 2));
  EXPECT_EQ(check_all(1, -2).error().code, ErrorCode::kLimit);
}

TEST(ResultDeathTest, AbortsWhenTheWrongOneIsRead) {
  EXPECT_DEATH((void)half(3).value(), "halving an odd number");
  EXPECT_DEATH((void)half(4).error(), "of a success");
  EXPECT_DEATH((void)Result<void>().error(), "of a success");
}

TEST(Error, JoinsItsCauses) {
  const Error disk{ErrorCode::kIo, "disk is full"};
  const Error outer = disk.within("writing `a`").within("taking a checkpoint");
  EXPECT_EQ(outer.to_string(), "taking a checkpoint: writing `a`: disk is full");
  EXPECT_EQ(outer.code, ErrorCode::kIo);
}

TEST(ErrorCode, HasAWordEach) {
  EXPECT_EQ(to_string(ErrorCode::kInvalidArgument), "invalid argument");
  EXPECT_EQ(to_string(ErrorCode::kInvalidPattern), "invalid pattern");
  EXPECT_EQ(to_string(ErrorCode::kNotFound), "not found");
  EXPECT_EQ(to_string(ErrorCode::kIo), "input/output error");
  EXPECT_EQ(to_string(ErrorCode::kCorrupt), "corrupt data");
  EXPECT_EQ(to_string(ErrorCode::kLimit), "limit reached");
  EXPECT_EQ(to_string(ErrorCode::kUnsupported), "not supported");
  EXPECT_EQ(to_string(ErrorCode::kRuleFailed), "rule failed");
}

TEST(ErrorCode, OnlyInputAndOutputMayPassByThemselves) {
  EXPECT_TRUE(is_retriable(ErrorCode::kIo));
  EXPECT_FALSE(is_retriable(ErrorCode::kCorrupt));
  EXPECT_FALSE(is_retriable(ErrorCode::kNotFound));
}

}  // namespace
}  // namespace lymer
