// `lymer savepoint inspect DIR` and `lymer savepoint diff BEFORE AFTER`: what is in a checkpoint or
// savepoint, for people. Neither changes anything.
// Not here: what is said (checkpoint/snapshot_report.h).
#pragma once

#include <string>

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct SavepointOptions {
  std::string path = {};
  std::string other_path = {};  // Compared with the first; empty to describe that.
};

// Writes to standard output. Returns kInputOutput, with the reason on standard error, for what is
// damaged or no checkpoint; of a directory of checkpoints it takes the newest.
[[nodiscard]] ExitCode savepoint(const SavepointOptions& options, FileSystem& files);

}  // namespace lymer::server
