// Text as each type, and the wording of rejections.
// Not here: where the text comes from (text_decoder_test.cc, csv_decoder_test.cc).
#include "runtime/format/scalar_text.h"

#include <cmath>

#include <gtest/gtest.h>

#include "runtime/format/json_writer.h"

namespace lymer::runtime {
namespace {

std::string read(std::string_view text, TypeKind kind) {
  const auto value = scalar_from_text(text, kind);
  if (!value) return "none";
  std::string json;
  append_json(json, *value);
  return json;
}

TEST(ScalarFromText, ReadsNumbers) {
  EXPECT_EQ(read("42", TypeKind::kInt), "42");
  EXPECT_EQ(read(" -42\t", TypeKind::kInt), "-42");
  EXPECT_EQ(read("+42", TypeKind::kInt), "42");
  EXPECT_EQ(read("007", TypeKind::kInt), "7");
  EXPECT_EQ(read("-9223372036854775808", TypeKind::kInt), "-9223372036854775808");
  EXPECT_EQ(read("2.5", TypeKind::kFloat), "2.5");
  EXPECT_EQ(read("1e3", TypeKind::kFloat), "1000.0");
  EXPECT_EQ(read("7", TypeKind::kFloat), "7.0");
  EXPECT_TRUE(std::isnan(scalar_from_text("NaN", TypeKind::kFloat)->as_float()));
  EXPECT_TRUE(std::isinf(scalar_from_text("-inf", TypeKind::kFloat)->as_float()));
}

TEST(ScalarFromText, RefusesWhatIsNoNumber) {
  for (const char* text : {"", " ", "x", "4x", "4 2", "5.0", "1e3", "0x10", "+-4", "++4", "-+4",
                           "9223372036854775808", "--4"}) {
    EXPECT_EQ(read(text, TypeKind::kInt), "none") << text;
  }
  for (const char* text : {"", ".", "1.2.3", "1,5", "1e", "1e999", "+-1"}) {
    EXPECT_EQ(read(text, TypeKind::kFloat), "none") << text;
  }
}

TEST(ScalarFromText, ReadsTheOtherTypes) {
  EXPECT_EQ(read("true", TypeKind::kBool), "true");
  EXPECT_EQ(read("FALSE", TypeKind::kBool), "false");
  EXPECT_EQ(read("1", TypeKind::kBool), "none");
  EXPECT_EQ(read("tru", TypeKind::kBool), "none");
  EXPECT_EQ(read(" kept as it is ", TypeKind::kString), "\" kept as it is \"");
  EXPECT_EQ(read("", TypeKind::kString), "\"\"");
  EXPECT_EQ(read(" 10.0.0.1 ", TypeKind::kIp), "\"10.0.0.1\"");
  EXPECT_EQ(read("10.0.0", TypeKind::kIp), "none");
  EXPECT_EQ(read("2026-01-31T01:00:00+01:00", TypeKind::kTime), "\"2026-01-31T00:00:00.000Z\"");
  EXPECT_EQ(read("yesterday", TypeKind::kTime), "none");
  EXPECT_EQ(read("90m", TypeKind::kDuration), "\"1h30m\"");
  EXPECT_EQ(read("90", TypeKind::kDuration), "none");
}

TEST(ScalarFromText, HasNoFormForLists) {
  EXPECT_EQ(read("[]", TypeKind::kList), "none");
  EXPECT_FALSE(has_text_form(Type::list_of(TypeKind::kInt)));
  EXPECT_FALSE(has_text_form({TypeKind::kNetwork}));
  EXPECT_FALSE(has_text_form({TypeKind::kJson}));
  EXPECT_TRUE(has_text_form({TypeKind::kTime}));
}

TEST(IsBlank, SeesOnlyWhiteSpace) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\r\n"));
  EXPECT_FALSE(is_blank(" x "));
  EXPECT_FALSE(is_blank(std::string_view("\0", 1)));
}

TEST(QuotedSample, IsShortAndWhole) {
  EXPECT_EQ(quoted_sample("a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(quoted_sample(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
  EXPECT_EQ(quoted_sample(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
  // A cut never falls into a character.
  EXPECT_EQ(quoted_sample(std::string(59, 'x') + "\u20ac"), "\"" + std::string(59, 'x') + "...\"");
}

TEST(Details, NameTheField) {
  const Field field{"n", {TypeKind::kInt}};
  EXPECT_EQ(missing_detail(field), "field `n` is missing");
  EXPECT_EQ(wrong_type_detail(field, "5.5"), "field `n`: expected int, found 5.5");
}

}  // namespace
}  // namespace lymer::runtime
