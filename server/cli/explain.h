// `lymer explain FILE [RULE]`: shows the automaton that a rule becomes.
// Not here: the renderings (cep/explain.h).
#pragma once

#include <string>

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct ExplainOptions {
  std::string path = {};
  std::string rule = {};        // Empty: all rules of the file.
  std::string format = "text";  // text, dot or json.
};

// Writes to standard output. Returns kFindings for a file with errors, kUsage for a rule that is
// not in it, kInputOutput if it cannot be read.
[[nodiscard]] ExitCode explain(const ExplainOptions& options, FileSystem& files);

}  // namespace lymer::server
