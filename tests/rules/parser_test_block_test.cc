// Tests as they are written: rows, expectations, and what is said of wrong ones.
// Not here: what they mean (test_block_binder_test.cc).
#include "rules/parser_test_block.h"

#include <gtest/gtest.h>

#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

TEST(TestBlockParser, ReadsRowsAndExpectations) {
  const Parsed parsed(
      "test \"a\" of r, s {\n"
      "  at 0s logins { ok: false } x5 every 10s\n"
      "  at 1m `at` {}\n"
      "  expect match { n: 5 } at 70s\n"
      "  expect timeout of r\n"
      "  at 80s logins { ok: true } x2\n"
      "  expect late of logins at 3s\n"
      "  expect match at 4s\n"
      "  at 5s expect { a: 1 }\n"
      "  expect nothing else\n"
      "}");
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  const auto& test = parsed.at<TestDecl>(0);
  EXPECT_FALSE(test.has_errors);
  EXPECT_EQ(test.name, "a");
  ASSERT_EQ(test.of.size(), 2U);
  ASSERT_EQ(test.rows.size(), 4U);
  EXPECT_EQ(test.rows[0].count, 5);
  EXPECT_EQ(test.rows[0].every, Duration::seconds(10));
  EXPECT_EQ(test.rows[1].stream.text, "at");
  EXPECT_EQ(test.rows[2].at, Duration::seconds(80));
  EXPECT_EQ(test.rows[3].stream.text, "expect");
  ASSERT_EQ(test.expectations.size(), 4U);
  EXPECT_EQ(test.expectations[0].at, Duration::seconds(70));
  EXPECT_EQ(test.expectations[1].of->text, "r");
  EXPECT_FALSE(test.expectations[1].at);
  EXPECT_EQ(test.expectations[2].word, ExpectedWord::kLate);
  EXPECT_EQ(test.expectations[3].at, Duration::seconds(4));
  EXPECT_TRUE(test.nothing_else);
}

TEST(TestBlockParser, TellsSeveralMistakesAndGoesOn) {
  EXPECT_EQ(codes_of("test \"a\" {\n at logins { }\n at 0s logins { } every 5s\n"
                     " at 0s logins { } x0\n expct match\n expect mach\n expect nothing\n}\n"
                     "list a = [1]"),
            "R0101 R0101 R0114 R0110 R0101 R0101 R0101");
  EXPECT_EQ(codes_of("test a { expect match }"), "R0101");
  EXPECT_EQ(codes_of("test \"a\" of r {\n at 0s\nlist a: int = [1]"), "R0103 R0106");
  EXPECT_EQ(codes_of("test \"a\" { expect nothing else expect nothing else }"), "R0108");
}

}  // namespace
}  // namespace lymer::rules
