// The grammar of numbers and the depth of brackets.
// Not here: values (json_decoder_test.cc).
#include "runtime/format/json_grammar.h"

#include <string>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

TEST(IsJsonNumber, KnowsTheGrammar) {
  for (const char* token : {"0", "-0", "7", "-12", "0.5", "10.25", "1e3", "1E+3", "-1.5e-30"}) {
    EXPECT_TRUE(is_json_number(token)) << token;
  }
  for (const char* token : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e3", "0x1",
                            "inf", "-inf", "nan", "1 ", " 1", "1_0", "--1", "1e1.5"}) {
    EXPECT_FALSE(is_json_number(token)) << token;
  }
}

TEST(NestsDeeperThan, CountsOpenBrackets) {
  EXPECT_FALSE(nests_deeper_than("", 0));
  EXPECT_TRUE(nests_deeper_than("[", 0));
  EXPECT_FALSE(nests_deeper_than("[{[]}]", 3));
  EXPECT_TRUE(nests_deeper_than("[{[[]]}]", 3));
  EXPECT_FALSE(nests_deeper_than("[][][]{}{}", 1));
}

TEST(NestsDeeperThan, LeavesStringsOut) {
  EXPECT_FALSE(nests_deeper_than(R"({"a":"[[[[","b":"\"[[[["})", 1));
  EXPECT_TRUE(nests_deeper_than(R"({"a":"\\",[[[[:1})", 3));
  EXPECT_FALSE(nests_deeper_than(R"({"unclosed [[[[[[)", 1));
  EXPECT_FALSE(nests_deeper_than(R"("ends in \)", 0));
}

TEST(NestsDeeperThan, SurvivesBracketsThatCloseTooOften) {
  EXPECT_FALSE(nests_deeper_than("]]]]" + std::string(10, ']') + "[[", 2));
  EXPECT_TRUE(nests_deeper_than("]]]][[[", 2));
}

}  // namespace
}  // namespace lymer::runtime
