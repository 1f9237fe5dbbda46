// Tests of the pieces of canonical text that declarations share.
// Not here: whole declarations (printer_test.cc, printer_query_test.cc).
#include "rules/printer_parts.h"

#include <string>

#include <gtest/gtest.h>

#include "rules/ast.h"

namespace lymer::rules {
namespace {

Expr name_of(const char* name) {
  return Expr{.kind = ExprKind::kName, .span = {}, .name = {.text = name, .span = {}}};
}

TEST(PrinterParts, QuotesFreeNamesOnlyForTheirForm) {
  EXPECT_EQ(write_free_name("where"), "where");
  EXPECT_EQ(write_free_name("event id"), "`event id`");
  EXPECT_EQ(joined({{"a", {}}, {"where", {}}}, ", "), "a, `where`");
}

TEST(PrinterParts, WritesKeys) {
  std::string out = "on s";
  append_key(out, KeyDecl{{{"a", {}}}, {}});
  append_key(out, KeyDecl{{{"a", {}}, {"b", {}}}, {}});
  EXPECT_EQ(out, "on s by a by (a, b)");
}

TEST(PrinterParts, WritesRecords) {
  std::string out;
  append_record(out, "emit", {});
  append_record(out, " select", {{{"where", {}}, name_of("where")}, {{"b", {}}, name_of("c")}});
  EXPECT_EQ(out, "emit {} select { where: `where`, b: c }");
}

}  // namespace
}  // namespace lymer::rules
