// `lymer run RULES [EVENTS|-]`: runs rules over files in this process and prints the matches.
// Not here: the engine (server/engine.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct RunOptions {
  std::string rules_path = {};
  std::string events_path = {};  // In place of the only stream's source; "-" is standard input.
  std::vector<std::string> inputs = {};  // STREAM=FILE
  std::string late_path = {};
  std::string timeouts_path = {};
  std::string rejects_path = {};
  std::size_t max_line_bytes = std::size_t{1} << 20U;
  bool exit_code = false;  // kFindings if nothing matched.
  bool quiet = false;      // No summary and no progress.
};

// Prints matches as NDJSON on standard output, what was rejected and a summary on standard error.
// Stops in good order on SIGINT and SIGTERM.
[[nodiscard]] ExitCode run(const RunOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
