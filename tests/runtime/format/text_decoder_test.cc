// Lines by regular expression: captures, optional groups, lines that do not match.
// Not here: the text of each type (scalar_text_test.cc).
#include <gtest/gtest.h>

#include "tests/runtime/format/decoded.h"

namespace lymer::runtime {
namespace {

std::unique_ptr<Decoder> make(std::vector<Field> fields, std::string regex,
                              bool skip_unmatched = false) {
  auto schema = std::make_shared<const Schema>("test", std::move(fields));
  return std::move(make_text_decoder(schema, {std::move(regex), skip_unmatched},
                                     sources_by_name(*schema)))
      .value();
}

std::string refusal(std::vector<Field> fields, std::string regex) {
  auto schema = std::make_shared<const Schema>("test", std::move(fields));
  const auto made = make_text_decoder(schema, {std::move(regex)}, sources_by_name(*schema));
  return made ? "fine" : made.error().message;
}

TEST(TextDecoder, ReadsNamedGroups) {
  const auto decoder =
      make({{"what", {TypeKind::kString}}, {"user", {TypeKind::kString}}, {"ip", {TypeKind::kIp}}},
           R"(^(?P<ts>\w+ +\d+ [\d:]+) .*(?P<what>Failed|Accepted) )"
           R"(password for (?P<user>\S+) from (?P<ip>\S+))");
  EXPECT_EQ(
      decoded(*decoder,
              "Mar  4 09:12:01 host sshd[1]: Failed password for ann from 203.0.113.9 port 22"),
      R"({"what":"Failed","user":"ann","ip":"203.0.113.9"})");
}

TEST(TextDecoder, MatchesAnywhereUnlessAnchored) {
  const std::vector<Field> fields = {{"n", {TypeKind::kInt}}};
  EXPECT_EQ(decoded(*make(fields, R"(n=(?P<n>\d+))"), "a n=5 b"), R"({"n":5})");
  EXPECT_EQ(decoded(*make(fields, R"(^n=(?P<n>\d+)$)"), "a n=5 b"),
            "unmatched: the regex does not match \"a n=5 b\"");
}

TEST(TextDecoder, SkipsUnmatchedLinesIfAsked) {
  EXPECT_EQ(decoded(*make({}, "x", true), "y"), "skip");
  EXPECT_EQ(decoded(*make({}, "x", false), "y"), "unmatched: the regex does not match \"y\"");
  EXPECT_EQ(decoded(*make({}, "x", false), " "), "skip");
  EXPECT_EQ(decoded(*make({}, "^$", false), ""), "{}");
  EXPECT_EQ(decoded(*make({}, "x", false), "x"), "{}");
}

TEST(TextDecoder, GivesNullForAGroupThatTookNoPart) {
  const char* regex = R"(^(?P<a>\w+)(?: (?P<b>\w+))?$)";
  const std::vector<Field> nullable = {{"a", {TypeKind::kString}},
                                       {"b", {TypeKind::kString}, true}};
  EXPECT_EQ(decoded(*make(nullable, regex), "one"), R"({"a":"one","b":null})");
  EXPECT_EQ(decoded(*make(nullable, regex), "one two"), R"({"a":"one","b":"two"})");
  EXPECT_EQ(decoded(*make(nullable, regex), "one"), R"({"a":"one","b":null})");
  const std::vector<Field> required = {{"a", {TypeKind::kString}}, {"b", {TypeKind::kString}}};
  EXPECT_EQ(decoded(*make(required, regex), "one"), "missing_field: field `b` is missing");
}

TEST(TextDecoder, TellsEmptyFromAbsent) {
  const char* regex = R"(^\[(?P<v>.*)\]$)";
  EXPECT_EQ(decoded(*make({{"v", {TypeKind::kString}}}, regex), "[]"), R"({"v":""})");
  EXPECT_EQ(decoded(*make({{"v", {TypeKind::kString}, true}}, regex), "[]"), R"({"v":""})");
  EXPECT_EQ(decoded(*make({{"v", {TypeKind::kInt}, true}}, regex), "[]"), R"({"v":null})");
  EXPECT_EQ(decoded(*make({{"v", {TypeKind::kInt}}}, regex), "[]"),
            "wrong_type: field `v`: expected int, found \"\"");
}

TEST(TextDecoder, SaysWhatDoesNotFit) {
  EXPECT_EQ(decoded(*make({{"n", {TypeKind::kInt}}}, "(?P<n>.*)"), "12x"),
            "wrong_type: field `n`: expected int, found \"12x\"");
  EXPECT_EQ(decoded(*make({{"n", {TypeKind::kInt}}}, "(?P<n>.*)"), "\xff"), "not_utf8: not UTF-8");
}

TEST(TextDecoder, TakesNulBytesAsData) {
  EXPECT_EQ(decoded(*make({{"s", {TypeKind::kString}}}, "(?P<s>a.c)"), std::string_view("a\0c", 3)),
            R"({"s":"a\u0000c"})");
}

TEST(MakeTextDecoder, RefusesWhatCannotWork) {
  EXPECT_EQ(refusal({}, "(").substr(0, 26), "the regex cannot be used: ");
  EXPECT_EQ(refusal({}, R"(\1)").substr(0, 26), "the regex cannot be used: ");
  EXPECT_EQ(refusal({}, "((a{100}){100}){100}").substr(0, 26), "the regex cannot be used: ");
  EXPECT_EQ(refusal({{"user", {TypeKind::kString}}}, "(?P<name>x)"),
            "the regex has no group `user` for field `user`");
  EXPECT_EQ(refusal({{"l", Type::list_of(TypeKind::kInt)}}, "(?P<l>x)"),
            "field `l` cannot be read from text as [int]");
  EXPECT_EQ(refusal({{"n", {TypeKind::kInt}}}, "(?P<n>x)"), "fine");
}

}  // namespace
}  // namespace lymer::runtime
