// Tests of reporting, types by name, and the bookkeeping that keeps later steps silent.
// Not here: what the declarations mean (binder_test.cc).
#include "rules/declarations.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using ::testing::IsEmpty;

class DeclarationsTest : public ::testing::Test {
 protected:
  SourceFile file_{"rules.cep", "rule a {\n\t on  s\r\n by k }"};
  Diagnostics diagnostics_;

  static TypeName type_named(const std::string& name, bool is_list = false) {
    TypeName type;
    type.name = {name, {5, 6}};
    type.is_list = is_list;
    return type;
  }
};

TEST_F(DeclarationsTest, ReportsOnceForEachCodeAndPlace) {
  Declarations declarations(file_, diagnostics_);
  declarations.report(Code::kUnknownField, {5, 6}, "one");
  declarations.report(Code::kUnknownField, {5, 9}, "the same again");
  declarations.report(Code::kTypeMismatch, {5, 6}, "another code");
  declarations.report(Code::kUnknownField, {6, 7}, "another place");
  EXPECT_EQ(diagnostics_.error_count(), 3U);
}

TEST_F(DeclarationsTest, StaysSilentOnTopOfWhatTheParserRefused) {
  diagnostics_.add(
      {.code = Code::kUnexpectedToken, .message = "x", .span = {10, 12}, .label = {}, .help = {}});
  Declarations declarations(file_, diagnostics_);
  EXPECT_TRUE(declarations.has_parse_error({5, 11}));
  EXPECT_TRUE(declarations.has_parse_error({10, 11}));
  EXPECT_FALSE(declarations.has_parse_error({0, 10}));
  EXPECT_FALSE(declarations.has_parse_error({11, 20}));
  declarations.report(Code::kTypeMismatch, {5, 12}, "a consequence");
  EXPECT_EQ(diagnostics_.error_count(), 1U);
  declarations.report(Code::kTypeMismatch, {0, 4}, "something else");
  EXPECT_EQ(diagnostics_.error_count(), 2U);
}

TEST_F(DeclarationsTest, TakesNoWarningForAParseError) {
  diagnostics_.add(
      {.code = Code::kUnusedList, .message = "x", .span = {10, 12}, .label = {}, .help = {}});
  EXPECT_FALSE(Declarations(file_, diagnostics_).has_parse_error({0, 20}));
}

TEST_F(DeclarationsTest, KnowsAllTypes) {
  Declarations declarations(file_, diagnostics_);
  for (const std::string name : {"string", "int", "float", "bool", "ip", "time", "duration"}) {
    EXPECT_EQ(to_string(*declarations.resolve_type(type_named(name))), name);
    EXPECT_EQ(to_string(*declarations.resolve_type(type_named(name, true))), "[" + name + "]");
  }
  EXPECT_THAT(diagnostics_.sorted(), IsEmpty());
}

TEST_F(DeclarationsTest, ProposesTypesForWordsOfOtherLanguages) {
  const auto label_for = [this](const std::string& name) {
    Diagnostics diagnostics;
    Declarations declarations(file_, diagnostics);
    EXPECT_FALSE(declarations.resolve_type(type_named(name)));
    return text("{} {}", to_string(diagnostics.sorted().at(0).code),
                diagnostics.sorted().at(0).label);
  };
  EXPECT_EQ(label_for("varchar"), "R0204 write `string`");
  EXPECT_EQ(label_for("double"), "R0204 write `float`");
  EXPECT_EQ(label_for("timestamp"), "R0204 write `time`");
  EXPECT_EQ(label_for("flot"), "R0204 did you mean `float`?");
  EXPECT_EQ(label_for("network"), "R0204 ");
}

TEST_F(DeclarationsTest, GivesTheTextOfASpanOnOneLine) {
  const Declarations declarations(file_, diagnostics_);
  EXPECT_EQ(declarations.text_of({9, 25}), "on s by k }");
  EXPECT_EQ(declarations.text_of({25, 25}), "");
}

TEST_F(DeclarationsTest, RemembersFieldsWithoutAType) {
  Declarations declarations(file_, diagnostics_);
  declarations.mark_untyped("s", "a");
  EXPECT_TRUE(declarations.is_untyped("s", "a"));
  EXPECT_FALSE(declarations.is_untyped("s", "b"));
  EXPECT_FALSE(declarations.is_untyped("t", "a"));
}

TEST_F(DeclarationsTest, BoundsWhatMacrosAdd) {
  Declarations declarations(file_, diagnostics_);
  EXPECT_TRUE(declarations.spend_on_macros(1'000'000));
  EXPECT_FALSE(declarations.spend_on_macros(1));
  EXPECT_FALSE(declarations.spend_on_macros(~std::size_t{0}));  // No overflow brings it back.
  EXPECT_FALSE(declarations.spend_on_macros(1));
}

TEST(JoinNames, ShowsADozen) {
  EXPECT_EQ(join_names(std::vector<std::string>{}), "(none)");
  EXPECT_EQ(join_names(std::vector<std::string>{"a", "b"}), "a, b");
  EXPECT_EQ(join_names(std::vector<std::string>(12, "x")).size(), 12 + 11 * 2);
  EXPECT_THAT(join_names(std::vector<std::string>(15, "x")), ::testing::EndsWith(", and 3 more"));
}

}  // namespace
}  // namespace lymer::rules
