// Goes on to the next file whatever is wrong with this one.
// Not here: the checks (rules/).
#include "server/cli/check.h"

#include <cstdio>
#include <utility>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "server/cli/rule_file.h"

namespace lymer::server {

ExitCode check(const CheckOptions& options, FileSystem& files) {
  bool findings = false;
  bool unreadable = false;
  for (const std::string& path : options.paths) {
    auto text = read_rule_file(files, path);
    if (!text) {
      std::fprintf(stderr, "lymer: %s\n", text.error().to_string().c_str());
      unreadable = true;
      continue;
    }
    const rules::SourceFile source(path, std::move(*text));
    rules::Diagnostics diagnostics;
    const auto loaded = rules::load(source, diagnostics);
    findings = findings || !loaded || (options.strict && diagnostics.warning_count() > 0);
    if (options.json) {
      std::printf("%s\n", rules::to_json(diagnostics, source).c_str());
    } else if (diagnostics.error_count() + diagnostics.warning_count() > 0) {
      std::fputs(rules::to_text(diagnostics, source).c_str(), stdout);
    } else {
      std::printf("%s: %zu rule%s, no errors\n", path.c_str(), loaded->rules.size(),
                  loaded->rules.size() == 1 ? "" : "s");
    }
  }
  if (unreadable) return kInputOutput;
  return findings ? kFindings : kGood;
}

}  // namespace lymer::server
