// `lymer fmt FILE...`: rewrites rule files in their canonical layout.
// Not here: the layout (rules/formatter.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct FmtOptions {
  std::vector<std::string> paths = {};  // "-" is standard input, written to standard output.
  bool check = false;                   // Writes nothing, names the files that would change.
  bool to_stdout = false;               // Writes no file.
};

// Names the files that were changed on standard output. Returns kFindings for a file that cannot be
// parsed, which stays as it is, and with `check` for one that would change; kInputOutput if a file
// cannot be read or written.
[[nodiscard]] ExitCode fmt(const FmtOptions& options, FileSystem& files);

}  // namespace lymer::server
