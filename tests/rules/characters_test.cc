// Tests of UTF-8 and of what is shown of text that is not.
// Not here: the lexer's use of it (lexer_test.cc).
#include "rules/characters.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace lymer::rules {
namespace {

TEST(Utf8, AcceptsCodePointsOfEveryLength) {
  EXPECT_EQ(code_point_length("a", 0), 1U);
  EXPECT_EQ(code_point_length("\xC3\xA4", 0), 2U);
  EXPECT_EQ(code_point_length("\xE2\x82\xAC", 0), 3U);
  EXPECT_EQ(code_point_length("\xF0\x9F\x98\x80", 0), 4U);
  EXPECT_EQ(first_not_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), std::nullopt);
}

TEST(Utf8, RefusesWhatRfc3629Excludes) {
  EXPECT_EQ(first_not_utf8("ab\xFF"), 2U);
  EXPECT_EQ(first_not_utf8("\x80"), 0U) << "continuation without a lead";
  EXPECT_EQ(first_not_utf8("a\xC3"), 1U) << "cut short";
  EXPECT_EQ(first_not_utf8("\xC0\x80"), 0U) << "overlong";
  EXPECT_EQ(first_not_utf8("\xE0\x80\x80"), 0U) << "overlong";
  EXPECT_EQ(first_not_utf8("\xF0\x80\x80\x80"), 0U) << "overlong";
  EXPECT_EQ(first_not_utf8("\xED\xA0\x80"), 0U) << "surrogate";
  EXPECT_EQ(first_not_utf8("\xF4\x90\x80\x80"), 0U) << "above U+10FFFF";
}

TEST(Utf8, WritesWhatItReads) {
  for (const char32_t each : {U'a', U'\u00E4', U'\u20AC', U'\U0001F600', U'\U0010FFFF'}) {
    std::string out;
    append_utf8(out, each);
    EXPECT_EQ(first_not_utf8(out), std::nullopt);
    EXPECT_EQ(count_code_points(out), 1U);
  }
  EXPECT_FALSE(is_scalar_value(0xD800));
  EXPECT_FALSE(is_scalar_value(0x110000));
}

TEST(Printable, KeepsTheNumberOfCodePoints) {
  EXPECT_EQ(printable("a\tb"), "a b");
  EXPECT_EQ(printable("a\x1B[2J"), "a\xEF\xBF\xBD[2J");
  EXPECT_EQ(printable("\xFFz"), "\xEF\xBF\xBDz");
  EXPECT_EQ(count_code_points(printable("\xFF\t\x01\xC3\xA4")), 4U);
}

TEST(LowerCase, ChangesAsciiOnly) {
  EXPECT_EQ(lower_case("FollowedBY_9\xC3\x84"), "followedby_9\xC3\x84");
}

}  // namespace
}  // namespace lymer::rules
