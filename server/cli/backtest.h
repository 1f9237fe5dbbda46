// `lymer backtest FILE`: what the rules of a file would have found in recorded events.
// Not here: running them (server/trial.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct BacktestOptions {
  std::string path = {};
  std::string rule = {};                 // Empty: all rules.
  std::vector<std::string> inputs = {};  // STREAM=FILE; other streams read their own files.
  std::string from = {};                 // RFC 3339: only results of then or later.
  std::string to = {};                   // Only results before then.
  std::string against = {};              // Another version of the file, to compare with.
  std::size_t samples = 3;               // Matches shown of each rule, and of each difference.
  bool json = false;
};

// Writes counts, matches over time and samples to standard output, and nothing anywhere else: sinks
// of rules are left out. Returns kFindings for a file with errors or a rule that failed, kUsage for
// a rule or stream that is not there, kInputOutput if a file cannot be read.
[[nodiscard]] ExitCode backtest(const BacktestOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
