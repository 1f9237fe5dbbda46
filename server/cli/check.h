// `lymer check FILE...`: finds what is wrong in rule files without running them.
// Not here: the diagnostics themselves (rules/diagnostic.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct CheckOptions {
  std::vector<std::string> paths = {};
  bool json = false;    // One JSON object a file instead of text.
  bool strict = false;  // Warnings count as errors.
};

// Writes all diagnostics of all files to standard output. Returns kFindings if there are errors,
// kInputOutput if a file cannot be read.
[[nodiscard]] ExitCode check(const CheckOptions& options, FileSystem& files);

}  // namespace lymer::server
