// Rows, then expectations.
// Not here: records (rules/printer_parts.h).
#include "rules/printer_test_block.h"

#include "rules/literal.h"
#include "rules/printer_parts.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {

void append_test(std::string& out, const TestDecl& test) {
  append_text(out, "test {}", write_string(test.name));
  if (!test.of.empty()) append_text(out, " of {}", joined(test.of, ", "));
  out += " {\n";
  for (const TestRowDecl& row : test.rows) {
    append_text(out, "  at {} ", write_duration(row.at));
    append_record(out, write_name(row.stream.text), row.fields);
    if (row.count != 1 || row.every) append_text(out, " x{}", row.count);
    if (row.every) append_text(out, " every {}", write_duration(*row.every));
    out += '\n';
  }
  for (const ExpectationDecl& each : test.expectations) {
    append_text(out, "  expect {}", to_string(each.word));
    if (each.of) append_text(out, " of {}", write_name(each.of->text));
    if (!each.fields.empty()) append_record(out, "", each.fields);
    if (each.at) append_text(out, " at {}", write_duration(*each.at));
    out += '\n';
  }
  if (test.nothing_else) out += "  expect nothing else\n";
  out += "}\n";
}

}  // namespace lymer::rules
