// Tests back to text.
// Not here: other declarations (printer_test.cc).
#include "rules/printer_test_block.h"

#include <gtest/gtest.h>

#include "rules/printer.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

TEST(PrinterOfTests, WritesAClauseALineAndReadsItBack) {
  const std::string canonical =
      "test \"a \\\"b\\\"\" of r, s {\n"
      "  at 0s logins { ok: false, ip: 10.0.0.1 } x5 every 10s\n"
      "  at 1m10s `where` {}\n"
      "  expect match { n: 5 } at 1m10s\n"
      "  expect timeout of r\n"
      "  expect late of logins { ok: true }\n"
      "  expect nothing else\n"
      "}\n";
  const Parsed parsed(canonical);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  EXPECT_EQ(print(parsed.ast), canonical);
}

}  // namespace
}  // namespace lymer::rules
