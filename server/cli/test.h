// `lymer test FILE...`: runs the tests of rule files.
// Not here: running one (server/test_run.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct TestOptions {
  std::vector<std::string> paths = {};
  std::string filter = {};      // Only tests whose name holds this.
  std::string junit_path = {};  // Where to write JUnit XML; empty for nowhere.
  int coverage_min = 0;         // Percent of the stages of all rules.
};

// A line for each test on standard output, a timeline for one that failed, and which stages no test
// has reached. Returns kFindings if one failed, if a file has errors, or if fewer stages were
// reached than asked for; kInputOutput if a file cannot be read or written.
[[nodiscard]] ExitCode test(const TestOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
