// The one place where commands read rule files.
// Not here: `lymer check`, which shows diagnostics in other ways (server/cli/check.cc).
#include "server/cli/rule_file.h"

#include <cstdio>
#include <utility>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20U;

}  // namespace

Result<std::string> read_rule_file(FileSystem& files, const std::string& path) {
  return files.read_all(path, kMostBytes);
}

LoadedRules load_rules(FileSystem& files, const std::string& path) {
  auto text = read_rule_file(files, path);
  if (!text) {
    std::fprintf(stderr, "lymer: %s\n", text.error().to_string().c_str());
    return {std::nullopt, kInputOutput};
  }
  const rules::SourceFile source(path, std::move(*text));
  rules::Diagnostics diagnostics;
  auto loaded = rules::load(source, diagnostics);
  if (diagnostics.error_count() + diagnostics.warning_count() > 0) {
    std::fputs(rules::to_text(diagnostics, source).c_str(), stderr);
  }
  if (!loaded) return {std::nullopt, kFindings};
  return {std::move(loaded), kGood};
}

}  // namespace lymer::server
