// Goes on to the next file whatever is wrong with this one.
// Not here: the layout (rules/formatter.h).
#include "server/cli/fmt.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <utility>

#include "rules/diagnostic.h"
#include "rules/formatter.h"
#include "rules/source_file.h"
#include "server/cli/rule_file.h"

namespace lymer::server {
namespace {

ExitCode report(const Error& error) {
  std::fprintf(stderr, "lymer: %s\n", error.to_string().c_str());
  return kInputOutput;
}

// In place: the file keeps its owner and its mode, and a link stays one.
Result<void> write(FileSystem& files, const std::string& path, const std::string& text) {
  LYMER_ASSIGN_OR_RETURN(const auto file, files.create(path));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(text))));
  return file->close();
}

ExitCode fmt_one(const FmtOptions& options, const std::string& path, FileSystem& files) {
  auto text = read_rule_file(files, path);
  if (!text) return report(text.error());
  const rules::SourceFile source(path, std::move(*text));
  rules::Diagnostics diagnostics;
  const auto formatted = rules::format(source, diagnostics);
  if (!formatted) {
    std::fputs(rules::to_text(diagnostics, source).c_str(), stderr);
    return kFindings;
  }
  const bool changes = *formatted != source.text();
  if (options.check) {
    if (changes) std::printf("%s\n", path.c_str());
    return changes ? kFindings : kGood;
  }
  if (options.to_stdout || path == "-") {
    std::fputs(formatted->c_str(), stdout);
    return kGood;
  }
  if (!changes) return kGood;
  if (const auto written = write(files, path, *formatted); !written) return report(written.error());
  std::printf("%s\n", path.c_str());
  return kGood;
}

}  // namespace

ExitCode fmt(const FmtOptions& options, FileSystem& files) {
  ExitCode worst = kGood;
  for (const std::string& path : options.paths) {
    worst = std::max(worst, fmt_one(options, path, files));
  }
  return worst;
}

}  // namespace lymer::server
