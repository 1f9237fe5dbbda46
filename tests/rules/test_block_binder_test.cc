// What tests mean, and what is wrong with them.
// Not here: their grammar (parser_test_block_test.cc), running them (tests/server/).
#include "rules/test_block_binder.h"

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

const char* const kRules =
    "stream s { from file \"x\" format json field user: string field n: int? field f: float "
    "field tags: [string] field at: time time at }\n"
    "stream d = from s where n > 1\n"
    "rule r { on s by user begin a where n == 1 followedBy b within 1m emit { sum: sum(b.n) } }\n"
    "rule k { on d by user begin a where n == 2 on timeout within 1m }\n";

std::string codes_in_test(const std::string& clauses) {
  Diagnostics diagnostics;
  const SourceFile file("rules.cep", std::string(kRules) + "test \"t\" {" + clauses + "}");
  (void)load(file, diagnostics);
  std::string codes;
  for (const Diagnostic& each : diagnostics.sorted()) {
    codes += (codes.empty() ? "" : " ") + std::string(to_string(each.code));
  }
  return codes;
}

TEST(TestBlockBinder, TurnsNamesIntoSlotsAndValuesIntoConstants) {
  Diagnostics diagnostics;
  const SourceFile file("rules.cep",
                        std::string(kRules) +
                            "test \"t\" of r { at 1s s { f: 1, user: \"a\", tags: [] } x3 every 2s "
                            "expect match { sum: 1 + 1 } at 5s expect timeout of k { user: \"a\" } "
                            "expect late of s { user: \"b\" } expect nothing else }");
  const auto set = load(file, diagnostics);
  ASSERT_TRUE(set.has_value()) << to_text(diagnostics, file);
  ASSERT_EQ(set->tests.size(), 1U);
  const TestPlan& test = set->tests[0];
  EXPECT_EQ(test.rules, std::vector<std::string>{"r"});
  ASSERT_EQ(test.rows.size(), 1U);
  EXPECT_EQ(test.rows[0].count, 3);
  EXPECT_EQ(test.rows[0].every, Duration::seconds(2));
  ASSERT_EQ(test.rows[0].values.size(), 3U);
  EXPECT_EQ(test.rows[0].values[0].second.type.kind, runtime::TypeKind::kFloat);
  ASSERT_EQ(test.expectations.size(), 3U);
  EXPECT_EQ(test.expectations[0].fields[0].second.constant.as_int(), 2);
  EXPECT_EQ(test.expectations[1].of, "k");
  EXPECT_TRUE(test.nothing_else);
}

TEST(TestBlockBinder, RefusesWhatIsNotThere) {
  EXPECT_EQ(codes_in_test("at 0s x {} expect match"), "R0201");
  EXPECT_EQ(codes_in_test("at 0s d {} expect match"), "R0601");
  EXPECT_EQ(codes_in_test("at 0s s { usr: \"a\" } expect match"), "R0207");
  EXPECT_EQ(codes_in_test("at 0s s { user: 1 } expect match"), "R0208");
  EXPECT_EQ(codes_in_test("at 0s s { user: other } expect match"), "R0206");
  EXPECT_EQ(codes_in_test("expect match of x"), "R0503");
  EXPECT_EQ(codes_in_test("expect match of r { user: \"a\" }"), "R0603");
  EXPECT_EQ(codes_in_test("expect match of r { sum: \"a\" }"), "R0208");
  EXPECT_EQ(codes_in_test("expect late of x"), "R0201");
  EXPECT_EQ(codes_in_test("expect late { zz: 1 }"), "R0207");
  EXPECT_EQ(codes_in_test("at 0s s {}"), "R0602");
  EXPECT_EQ(codes_in_test("at 0s s {} x1000001 expect match"), "R0602");
}

TEST(TestBlockBinder, WantsNamesOfTestsOnce) {
  EXPECT_EQ(codes_in_test("expect match } test \"t\" { expect match"), "R0205");
}

}  // namespace
}  // namespace lymer::rules
