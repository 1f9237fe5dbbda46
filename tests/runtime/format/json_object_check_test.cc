// What is one JSON object and what is none.
// Not here: decoding (json_decoder_test.cc).
#include "runtime/format/json_object_check.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/source.h"

namespace lymer::runtime {
namespace {

using ::testing::HasSubstr;

// The padding is not white space, so that a check that reads on is found out.
std::string wrong_with(JsonObjectCheck& check, const std::string& text) {
  const std::string padded = text + std::string(kRecordPadding, '}');
  return check(std::string_view(padded).substr(0, text.size())).value_or("");
}

TEST(JsonObjectCheck, TakesObjects) {
  JsonObjectCheck check;
  const std::string objects[] = {"{}", R"({"a":1,"b":[true,null,-1.5e3],"c":{"d":"\u00e9\n"}})",
                                 " {\"a\":1} \t",
                                 R"({"long":")" + std::string(100'000, 'x') + "\"}"};
  for (const std::string& each : objects) EXPECT_EQ(wrong_with(check, each), "") << each;
}

TEST(JsonObjectCheck, SaysWhatIsWrong) {
  JsonObjectCheck check;
  for (const std::string each : {"{", "}", "{}}", "{} {}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}",
                                 "{\"a\":tru}", "{\"a\":01}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\xff\"}", "{a:1}", "", " ", "{\"x\":[1 2]}"}) {
    EXPECT_THAT(wrong_with(check, each), HasSubstr("it is not JSON: ")) << each;
  }
  for (const char* each : {"[]", "1", "\"a\"", "null", "[{}]"}) {
    EXPECT_EQ(wrong_with(check, each), "it is no object") << each;
  }
  EXPECT_EQ(wrong_with(check, "{}"), "");  // What was wrong before does not stay.
}

TEST(JsonObjectCheck, BoundsTheDepth) {
  JsonObjectCheck check(3);
  EXPECT_EQ(wrong_with(check, R"({"a":[{}]})"), "");
  EXPECT_EQ(wrong_with(check, R"({"a":[{"b":[]}]})"), "it is nested deeper than 3");
  const std::string deep = "{\"a\":" + std::string(100'000, '[');
  EXPECT_EQ(wrong_with(check, deep), "it is nested deeper than 3");
  // Memory for longer texts does not make it deeper.
  EXPECT_EQ(wrong_with(check, "{\"a\":\"" + std::string(9000, 'x') + "\",\"b\":[[[]]]}"),
            "it is nested deeper than 3");
}

}  // namespace
}  // namespace lymer::runtime
