// Texts by characters, and the casts with what they refuse.
// Not here: texts as JSON (tests/runtime/format/json_writer_test.cc).
#include "runtime/expression/text_functions.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

std::string lower(std::string_view text) {
  std::string out;
  append_lower(out, text);
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  append_upper(out, text);
  return out;
}

std::string as_text(const Value& value) {
  std::string out;
  append_as_text(out, value);
  return out;
}

TEST(TextFunctions, CountCharactersNotBytes) {
  EXPECT_EQ(length_in_characters(""), 0);
  EXPECT_EQ(length_in_characters("abc"), 3);
  EXPECT_EQ(length_in_characters("häß€😀"), 5);
}

TEST(TextFunctions, CutByCharacters) {
  EXPECT_EQ(substr("häß€😀x", 1, 3), "äß€");
  EXPECT_EQ(substr("häß€😀x", 4, 1), "😀");
  EXPECT_EQ(substr("abc", 1, std::numeric_limits<std::int64_t>::max()), "bc");
}

TEST(TextFunctions, CutNothingBeyondTheEnds) {
  EXPECT_EQ(substr("abc", 3, 1), "");
  EXPECT_EQ(substr("abc", 99, 99), "");
  EXPECT_EQ(substr("abc", -5, 2), "ab");
  EXPECT_EQ(substr("abc", 1, -1), "");
  EXPECT_EQ(substr("", 0, 1), "");
  EXPECT_EQ(substr("abc", std::numeric_limits<std::int64_t>::min(), 1), "a");
}

TEST(TextFunctions, CutBytesThatAreNoUtf8) {
  EXPECT_EQ(substr("\x80\x80", 0, 1), "\x80\x80");
  EXPECT_EQ(substr("\xf0", 0, 5), "\xf0");
}

TEST(TextFunctions, FoldAsciiOnly) {
  EXPECT_EQ(lower("AbZ@[ÄÉ"), "abz@[ÄÉ");
  EXPECT_EQ(upper("aBz`{äé"), "ABZ`{äé");
}

TEST(TextFunctions, AppendToWhatIsThere) {
  std::string out = "x";
  append_upper(out, "y");
  append_as_text(out, Value::of(std::int64_t{1}));
  EXPECT_EQ(out, "xY1");
}

TEST(TextFunctions, CastToInt) {
  EXPECT_EQ(to_int(Value::of(true)), 1);
  EXPECT_EQ(to_int(Value::of(std::int64_t{-5})), -5);
  EXPECT_EQ(to_int(Value::of(2.9)), 2);
  EXPECT_EQ(to_int(Value::of(-2.9)), -2);
  EXPECT_EQ(to_int(Value::of("-12")), -12);
}

TEST(TextFunctions, RefuseWhatIsNoInt) {
  for (const char* text : {"", "12x", " 12", "1.5", "9223372036854775808", "0x10"}) {
    EXPECT_EQ(to_int(Value::of(text)), std::nullopt) << text;
  }
  EXPECT_EQ(to_int(Value::of(1e30)), std::nullopt);
  EXPECT_EQ(to_int(Value::of(9223372036854775808.0)), std::nullopt);
  EXPECT_EQ(to_int(Value::of(-9223372036854775808.0)), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(to_int(Value::of(std::numeric_limits<double>::quiet_NaN())), std::nullopt);
  EXPECT_EQ(to_int(Value::of(EventTime())), std::nullopt);
}

TEST(TextFunctions, CastToFloat) {
  EXPECT_EQ(to_float(Value::of(std::int64_t{5})), 5.0);
  EXPECT_EQ(to_float(Value::of(2.5)), 2.5);
  EXPECT_EQ(to_float(Value::of("2.5e3")), 2500.0);
  EXPECT_EQ(to_float(Value::of("2.5 ")), std::nullopt);
  EXPECT_EQ(to_float(Value::of(true)), std::nullopt);
}

TEST(TextFunctions, WriteValuesAsText) {
  EXPECT_EQ(as_text(Value::of(true)), "true");
  EXPECT_EQ(as_text(Value::of(std::int64_t{-7})), "-7");
  EXPECT_EQ(as_text(Value::of(0.5)), "0.5");
  EXPECT_EQ(as_text(Value::of("a\"b")), "a\"b");
  EXPECT_EQ(as_text(Value::of(IpAddress::parse("10.0.0.1").value())), "10.0.0.1");
  EXPECT_EQ(as_text(Value::of(EventTime::from_millis(1500))), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(as_text(Value::of(Duration::minutes(90))), "1h30m");
  EXPECT_EQ(as_text(Value::null()), "");
}

}  // namespace
}  // namespace lymer::runtime
