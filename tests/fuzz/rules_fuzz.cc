// Any bytes as a rule file: nothing may crash or hang, and what loads must print and load again.
//
// The printed form is held to more: printing what was read from it gives the same text.
// Not here: running the rules (run_fuzz.cc).
#include <cstddef>
#include <cstdint>
#include <string>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/source_file.h"
#include "runtime/base/check.h"

namespace {

using namespace lymer;
using namespace lymer::rules;

// Larger ones only make each run slower; the size limit has a test of its own.
constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

void check_printed(const FileAst& ast, bool loads) {
  const SourceFile printed("printed.cep", print(ast));
  Diagnostics diagnostics;
  const FileAst again = parse(printed, diagnostics);
  LYMER_CHECK(!diagnostics.has_errors(), to_text(diagnostics, printed));
  LYMER_CHECK(print(again) == printed.text(), print(again));
  LYMER_CHECK(bind(again, printed, diagnostics).has_value() == loads,
              to_text(diagnostics, printed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > kMostBytes) return 0;
  const SourceFile file("fuzz.cep", std::string(reinterpret_cast<const char*>(bytes), size));
  Diagnostics diagnostics;
  const FileAst ast = parse(file, diagnostics);
  const bool parses = !diagnostics.has_errors();
  const auto rules = bind(ast, file, diagnostics);
  LYMER_CHECK(rules.has_value() == !diagnostics.has_errors());
  for (const Diagnostic& each : diagnostics.sorted()) {
    LYMER_CHECK(each.span.end <= size && !each.message.empty(), each.message);
  }
  LYMER_CHECK(!to_text(diagnostics, file).empty());
  LYMER_CHECK(!to_json(diagnostics, file).empty());
  if (parses) {
    check_printed(ast, rules.has_value());
  } else {
    LYMER_CHECK(!rules);
    (void)print(ast);
  }
  return 0;
}
