// Tests of records, which `emit` and `select` share.
// Not here: what stands around them (parser_rule_test.cc, parser_query_test.cc).
#include "rules/parser_record.h"

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

std::vector<EmitField> fields_of(const std::string& record) {
  const Parsed parsed(in_query("from a select " + record));
  return std::get<FromQuery>(parsed.at<DerivedDecl>(0).query).select->fields;
}

TEST(Record, ReadsFields) {
  EXPECT_TRUE(fields_of("{}").empty());
  const std::vector<EmitField> fields = fields_of("{ a: x + 1, `b c`: y, where: window.end, }");
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(shape(fields[0].value), "(+ x 1)");
  EXPECT_EQ(fields[1].name.text, "b c");
  EXPECT_EQ(fields[2].name.text, "where");
}

TEST(Record, SaysWhatIsWrong) {
  EXPECT_EQ(codes_of(in_query("from a select 5")), "R0101");
  EXPECT_EQ(codes_of(in_query("from a select { 5: a }")), "R0106");
  EXPECT_EQ(codes_of(in_query("from a select { window.end }")), "R0101");
  EXPECT_EQ(codes_of(in_query("from a select { a: 1 b: 2 }")), "R0101");
  EXPECT_EQ(codes_of(in_query("from a select { a: 1, b: }")), "R0105");
  EXPECT_EQ(codes_of(in_query("from a select { a: 1\n  window tumbling 1m")), "R0103");
  EXPECT_NE(advice_of(in_query("from a select { x }")).find("a part of select is"),
            std::string::npos);
  EXPECT_NE(advice_of(in_rule("on s begin a emit { x }")).find("a part of emit is"),
            std::string::npos);
}

}  // namespace
}  // namespace lymer::rules
